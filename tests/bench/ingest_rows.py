"""What the references of the ingest benchmarks are given: the rows that ours makes of the same messages."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from typing import Any

from app.domain.messages import shelf
from app.domain.messages.merge import gather
from app.domain.messages.postings import Postings
from app.domain.messages.records import ArchiveRecord
from app.domain.messages.tokens import TermCache

FILE_ROWS = 5_000
FILES_A_ROUND = 4
REPEATS = 5

Rows = Sequence[tuple[Any, ...]]


def rows_of(records: Sequence[ArchiveRecord]) -> tuple[Rows, Rows]:
    """The rows of both tables that these records become, each sorted by its key."""
    news, _aside = gather(records)
    postings = Postings(TermCache())
    rows = sorted(shelf.message_row(*key, state) for key, state in news.items())
    terms = sorted((key[0], term, key[1]) for key, state in news.items() for term in postings.of(state, set())[0])
    return rows, terms


def timed(body: Callable[[], None]) -> float:
    """Seconds that `body` takes."""
    gc.collect()
    started = time.perf_counter()
    body()
    return time.perf_counter() - started
