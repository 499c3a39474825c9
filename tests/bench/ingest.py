"""From gateway payloads to committed rows, beside LOAD DATA of the same rows and ORM merge.

Ours is the bot's own path: its queue, its lanes, its transactions. A round floods it with as many messages as four
files hold that LOAD DATA takes; rounds of the two sides alternate. The files hold 5,000 rows, messages and terms alike,
sorted over all that five thousand messages have; each is committed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pymysql
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.db.scope import all_tenants
from app.db.transaction import transaction
from app.domain.messages import shelf
from app.domain.messages.merge import gather
from app.domain.messages.models import Message, MessageTerm
from app.domain.messages.records import ArchiveRecord
from app.extensions import db
from bot.batching import Received
from bot.factory import forget_what_stays
from bot.process import records_of
from tests.bench import ingest_sqlite
from tests.bench.corpus import Shape, Talk
from tests.bench.flood import write_all
from tests.bench.ingest_rows import FILE_ROWS, FILES_A_ROUND, REPEATS, Rows, rows_of, timed
from tests.bench.report import Figure, rate
from tests.bench.stores import archive_on
from tests.servers.database import DatabaseServer, private_database

MERGED = 250
"""Rows of each repeat that go through the ORM: it is so slow that more would only wait."""


def run(scale: int) -> list[Figure]:
    """The figures `ingest.*` and `ingest_bare`; `scale` = messages already in the tables."""
    forget_what_stays()
    server = private_database()
    try:
        with tempfile.TemporaryDirectory(prefix="panel-bench-") as folder:
            figures = _with_terms(server, scale, Path(folder)) + _bare(server, Path(folder))
            return figures + ingest_sqlite.run(Path(folder))
    finally:
        server.stop()


def _with_terms(server: DatabaseServer, scale: int, folder: Path) -> list[Figure]:
    url = server.url("ingest")
    with archive_on(url, folder) as app:
        loader = Loader(url, folder)
        talk = Talk(Shape(scale))
        _fill(app, talk, loader, max(scale, FILE_ROWS))
        ours, loaded, merged = [], [], []
        for _repeat in range(REPEATS):
            records = list(talk.records(FILES_A_ROUND * FILE_ROWS))
            forget_what_stays()
            ours.append(len(records) / write_all(app, records))
            loaded.append(len(records) / _load(loader, records))
            merged.append(MERGED / timed(partial(_merge, records[:MERGED])))
        loader.assert_same(("messages", "message_terms"))
    return [
        rate("ingest.load_data", ours, loaded, 0.60, "messages/s", "LOAD DATA of the same rows and terms"),
        rate("ingest.orm_merge", ours, merged, 25, "messages/s", "ORM merge of the same rows and terms"),
    ]


def _bare(server: DatabaseServer, folder: Path) -> list[Figure]:
    url = server.url("ingest_bare")
    with archive_on(url, folder) as app:
        loader = Loader(url, folder)
        talk = Talk(Shape(FILE_ROWS))
        ours, loaded = [], []
        for repeat in range(REPEATS + 1):
            records = list(talk.records(FILES_A_ROUND * FILE_ROWS))
            forget_what_stays()
            ours.append(len(records) / write_all(app, records, _index_bare))
            loaded.append(len(records) / _load(loader, records, has_terms=False))
            if repeat == 0:  # the warm-up
                ours.clear()
                loaded.clear()
        loader.assert_same(("messages",))
    return [rate("ingest_bare", ours, loaded, 0.35, "messages/s", "LOAD DATA of the same rows")]


def _fill(app: Flask, talk: Talk, loader: Loader, count: int) -> None:
    """The archive that is already there, the same on both sides; also the warm-up."""
    while count > 0:
        records = list(talk.records(min(count, FILES_A_ROUND * FILE_ROWS)))
        count -= len(records)
        write_all(app, records)
        _load(loader, records)
    _merge(list(talk.records(1)))


def _load(loader: Loader, records: Sequence[ArchiveRecord], *, has_terms: bool = True) -> float:
    """Seconds that LOAD DATA takes for these records' rows, file after file, each committed."""
    seconds = 0.0
    for start in range(0, len(records), FILE_ROWS):
        statements = loader.files(records[start : start + FILE_ROWS], has_terms=has_terms)
        seconds += timed(partial(loader.load, statements))
    return seconds


def _index_bare(batch: list[Received]) -> None:
    """The same path without the search index: read, look up what is no creation (nothing here), write, commit."""
    news, _aside = gather(records_of(batch))
    with transaction():
        known = shelf.load_states([key for key, state in news.items() if not state.is_creation])
        assert not known
        shelf.write_messages([(*key, state) for key, state in sorted(news.items())], ())


def _merge(records: Sequence[ArchiveRecord]) -> None:
    """What an ORM would do: merge each row, commit each batch. Rolled back in the end, so that the tables stay equal."""
    rows, terms = rows_of(records)
    with all_tenants(reason="the benchmark merges rows of many tenants"):
        try:
            with transaction():
                for row in rows:
                    db.session.merge(Message(**dict(zip(shelf.MESSAGE_COLUMNS, row, strict=True)) | {"id": -row[1]}))
                for tenant_id, term, message_id in terms:
                    db.session.merge(MessageTerm(tenant_id=tenant_id, term=term, message_id=-message_id))
                db.session.flush()
                raise _Undo
        except _Undo:
            db.session.expunge_all()


class _Undo(Exception):
    """The merged rows have been measured and are not wanted."""


class Loader:
    """LOAD DATA LOCAL into a second pair of tables of the same shape."""

    def __init__(self, url: str, folder: Path) -> None:
        parsed = make_url(url)
        self._connection = pymysql.connect(
            host=parsed.host,
            port=parsed.port or 3306,
            user=parsed.username,
            password=parsed.password or "",
            database=parsed.database,
            charset="utf8mb4",
            local_infile=True,
        )
        self._folder = folder
        self._run("CREATE TABLE loaded_messages LIKE messages")
        # LIKE leaves foreign keys out: without this the reference would check less than ours.
        self._run("ALTER TABLE loaded_messages ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE")
        self._run("CREATE TABLE loaded_message_terms LIKE message_terms")

    def files(self, records: Sequence[ArchiveRecord], *, has_terms: bool = True) -> list[str]:
        """Statements that load the rows of `records`, whose files are written here, outside the measured time."""
        rows, terms = rows_of(records)
        return [
            *self._files("messages", shelf.MESSAGE_COLUMNS, rows),
            *self._files("message_terms", shelf.TERM_COLUMNS, terms if has_terms else ()),
        ]

    def load(self, statements: Sequence[str]) -> None:
        """Load each file and commit it."""
        for statement in statements:
            self._run(statement)
            self._connection.commit()

    def assert_same(self, tables: Sequence[str]) -> None:
        """Raises `AssertionError` unless both sides hold the same rows."""
        for table in tables:
            columns = ", ".join(shelf.MESSAGE_COLUMNS if table == "messages" else shelf.TERM_COLUMNS)
            both = []
            for name in (table, f"loaded_{table}"):
                statement = f"SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', {columns}))) FROM {name}"
                with db.engine.begin() as connection, all_tenants(reason="the benchmark compares whole tables"):
                    both.append(tuple(connection.execute(text(statement)).one()))
            assert both[0] == both[1], f"{table} differs from what LOAD DATA made: {both}"

    def _files(self, table: str, columns: Sequence[str], rows: Rows) -> Iterator[str]:
        for start in range(0, len(rows), FILE_ROWS):
            path = self._folder / f"{table}.{start}.tsv"
            lines = ("\t".join(map(_spelled, row)) for row in rows[start : start + FILE_ROWS])
            path.write_text("".join(f"{line}\n" for line in lines))
            into = f"loaded_{table} CHARACTER SET utf8mb4 ({', '.join(columns)})"
            yield f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE {into}"

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)


def _spelled(value: Any) -> str:
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
