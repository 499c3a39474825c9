"""From query text to verified ids, beside Tantivy over the same tokens, while 200 messages a second are written."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

from sqlalchemy import text

from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import release_connection
from app.domain.messages import service
from app.domain.messages.grammar import parse
from app.domain.messages.reader import Reader
from app.domain.messages.records import ArchiveRecord
from app.domain.messages.resolving import Resolver
from app.domain.messages.search import find
from app.extensions import db
from tests.bench.asked import DAWN, DUSK, Asked
from tests.bench.corpus import CHANNELS_A_TENANT, Shape, Talk, channel_of
from tests.bench.reference_index import ReferenceIndex
from tests.bench.report import Figure, percentile
from tests.bench.stores import BATCH, BENCH, TENANTS, archive_on
from tests.servers.database import private_database

REPEATS = 5
LIMIT = 25
CHUNK = 20_000
MOST_SAID = 5_000
"""Texts remembered of each community, of which phrases are asked: memory stays the same at any scale."""
SEEN_CHANNELS = CHANNELS_A_TENANT * 2 // 3
OVERALL_GOALS = {"mariadb": 0.5, "mysql": 0.5, "sqlite": 0.35}
CLASS_GOAL = 3.0
DISJOINT_GOAL = 8.0
SIZE_GOAL = 5.0


@dataclass
class Times:
    """Milliseconds of the median run of each query."""

    ours: list[float] = field(default_factory=list)
    reference: list[float] = field(default_factory=list)


def run(scale: int) -> list[Figure]:
    """The figures `search.<database>.<class>`, `.overall` and `.index_bytes`."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="panel-bench-") as folder:
        server = private_database("--innodb-buffer-pool-size=2G")
        try:
            figures += _on(server.name, server.url("search"), scale, Path(folder))
        finally:
            server.stop()
        figures += _on("sqlite", f"sqlite:///{folder}/search.sqlite3", scale, Path(folder))
    return figures


def _on(database: str, url: str, scale: int, folder: Path) -> list[Figure]:
    shape = Shape(scale)
    talk = Talk(shape)
    with archive_on(url, folder):
        reference = ReferenceIndex(folder / f"tantivy-{database}")
        said, fence = _fill(talk, reference, scale)
        times: dict[str, Times] = {}
        with _writing_goes_on(url, folder):
            for tenant_id in TENANTS:
                asked = Asked(talk, shape, tenant_id, fence, said[tenant_id])
                for name in asked.classes:
                    _measure(times.setdefault(name, Times()), asked.texts(name), tenant_id, reference, fence)
        sizes = _index_bytes(database)
    figures = [_figure(f"search.{database}.{name}", one, _goal(name)) for name, one in times.items()]
    every = Times([t for one in times.values() for t in one.ours], [t for one in times.values() for t in one.reference])
    figures.append(_figure(f"search.{database}.overall", every, OVERALL_GOALS[database]))
    figures.append(
        Figure(f"search.{database}.index_bytes", sizes, reference.size, SIZE_GOAL, "lower", "bytes", "Tantivy's index")
    )
    return figures


def _fill(talk: Talk, reference: ReferenceIndex, count: int) -> tuple[dict[int, list[str]], int]:
    """Index the corpus on both sides; (some texts of each tenant, an id above all of it)."""
    said: dict[int, list[str]] = {tenant_id: [] for tenant_id in TENANTS}
    last = 0
    choice = random.Random(5)
    stream = _with_disjoint_words(talk.records(count))
    while records := list(islice(stream, CHUNK)):
        for start in range(0, len(records), BATCH):
            service.index_batch(BENCH, records[start : start + BATCH])
        reference.add(records)
        for record in records[:1_000]:
            _remember(said[record.tenant_id], record.payload["content"], choice)
        last = int(records[-1].payload["id"])
    reference.finish()
    _settle()
    return said, last + 1


def _remember(said: list[str], content: str, choice: random.Random) -> None:
    """Keeps some texts of all times, however many there are."""
    if len(said) < MOST_SAID:
        said.append(content)
    else:
        said[choice.randrange(MOST_SAID)] = content


def _with_disjoint_words(records: Iterator[ArchiveRecord]) -> Iterator[ArchiveRecord]:
    chance = random.Random(3)
    for number, record in enumerate(records):
        if chance.random() < 0.1:
            content = f"{record.payload['content']} {DAWN if number % 2 else DUSK}"
            record = record._replace(payload={**record.payload, "content": content})
        yield record


def _settle() -> None:
    """What a database does by itself in quiet hours: statistics, a truncated log."""
    with db.engine.connect() as connection, all_tenants(reason="the benchmark analyses whole tables"):
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        else:
            connection.execute(text("ANALYZE TABLE messages, message_terms, words"))


def _measure(times: Times, queries: list[str], tenant_id: int, reference: ReferenceIndex, fence: int) -> None:
    channels = [channel_of(tenant_id, number) for number in range(SEEN_CHANNELS)]
    reader = Reader(1, frozenset(channels))
    for query in queries:
        ours, theirs = [], []
        for repeat in range(REPEATS + 1):
            started = time.perf_counter()
            with tenant_scope(tenant_id):
                found = find(reader, Resolver(reader).resolve(parse(query)), before=fence, limit=LIMIT)
            between = time.perf_counter()
            with tenant_scope(tenant_id):
                matcher = Resolver(reader).resolve(parse(query))
            release_connection()
            prepared = time.perf_counter()
            expected = reference.search(tenant_id, matcher, channels, LIMIT)
            ended = time.perf_counter()
            assert list(found.ids) == expected, f"{query}: {found.ids} is not {expected}"
            if repeat:  # the first is the warm-up
                ours.append(1000 * (between - started))
                theirs.append(1000 * (ended - prepared))
        times.ours.append(median(ours))
        times.reference.append(median(theirs))


@contextmanager
def _writing_goes_on(url: str, folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.bench.writer", url, str(folder)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline().strip() == "writing"
        gc.collect()
        yield
        assert writer.poll() is None, "the writer must write until the end"
    finally:
        writer.terminate()
        writer.wait(10)


def _index_bytes(database: str) -> float:
    with db.engine.connect() as connection, all_tenants(reason="the benchmark weighs whole tables"):
        if database == "sqlite":
            size = "SELECT SUM(pgsize) FROM dbstat WHERE name IN ('message_terms', 'words')"
        else:
            connection.execute(text("ANALYZE TABLE message_terms, words"))
            size = (
                "SELECT SUM(data_length + index_length) FROM information_schema.tables"
                " WHERE table_schema = DATABASE() AND table_name IN ('message_terms', 'words')"
            )
        return float(connection.execute(text(size)).scalar_one())


def _goal(name: str) -> float:
    return DISJOINT_GOAL if name == "disjoint" else CLASS_GOAL


def _figure(name: str, times: Times, goal: float) -> Figure:
    return Figure(
        name, percentile(times.ours, 0.95), percentile(times.reference, 0.95), goal, "lower", "ms, p95", "Tantivy"
    )
