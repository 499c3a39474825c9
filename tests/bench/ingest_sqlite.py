"""The same flood into SQLite, beside `executemany` of the finished rows by the bare `sqlite3` module."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from app.domain.messages import shelf
from app.domain.messages.records import ArchiveRecord
from bot.factory import forget_what_stays
from tests.bench.corpus import Shape, Talk
from tests.bench.flood import write_all
from tests.bench.ingest_rows import FILE_ROWS, FILES_A_ROUND, REPEATS, rows_of, timed
from tests.bench.report import Figure, rate
from tests.bench.stores import archive_on

TABLES = {"messages": shelf.MESSAGE_COLUMNS, "message_terms": shelf.TERM_COLUMNS}


def run(folder: Path) -> list[Figure]:
    """The figure `ingest.sqlite`."""
    path = folder / "ingest.sqlite3"
    talk = Talk(Shape(FILE_ROWS))
    ours, loaded = [], []
    with archive_on(f"sqlite:///{path}", folder) as app:
        loader = SqliteLoader(path, folder / "loaded.sqlite3")
        for repeat in range(REPEATS + 1):
            records = list(talk.records(FILES_A_ROUND * FILE_ROWS))
            forget_what_stays()
            ours.append(len(records) / write_all(app, records))
            loaded.append(len(records) / loader.load(records))
            if repeat == 0:  # the warm-up
                ours.clear()
                loaded.clear()
        loader.assert_same()
    return [rate("ingest.sqlite", ours, loaded, None, "messages/s", "executemany of the finished rows and terms")]


class SqliteLoader:
    """A second file with the same two tables."""

    def __init__(self, ours: Path, reference: Path) -> None:
        self._ours = sqlite3.connect(ours)
        self._reference = sqlite3.connect(reference)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-20000"):
            self._reference.execute(f"PRAGMA {pragma}")
        named = "SELECT sql FROM sqlite_master WHERE tbl_name IN ('messages', 'message_terms') AND sql IS NOT NULL"
        for (statement,) in self._ours.execute(f"{named} ORDER BY type DESC").fetchall():
            self._reference.execute(statement)

    def load(self, records: Sequence[ArchiveRecord]) -> float:
        """Seconds for the rows of each five thousand messages, sorted, committed together."""
        seconds = 0.0
        for start in range(0, len(records), FILE_ROWS):
            both = rows_of(records[start : start + FILE_ROWS])
            seconds += timed(partial(self._write, both))
        return seconds

    def _write(self, both: Sequence[Sequence[tuple[object, ...]]]) -> None:
        for (table, columns), rows in zip(TABLES.items(), both, strict=True):
            places = ", ".join("?" * len(columns))
            self._reference.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
        self._reference.commit()

    def assert_same(self) -> None:
        """Raises `AssertionError` unless both files hold the same rows."""
        for table, columns in TABLES.items():
            statement = f"SELECT {', '.join(columns)} FROM {table}"
            kept = [sum(map(hash, one.execute(statement))) for one in (self._ours, self._reference)]
            assert kept[0] == kept[1], f"{table} differs from what executemany made"
