"""The sentence beside a search that says what its answer rests on (`coverage/_stated.html`)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from app.domain.coverage.queries import Stated, coverage_of
from app.domain.messages.reader import Reader
from app.web.coverage import wording


@dataclass(frozen=True)
class StatedLook:
    """What is stated, and its parts in words."""

    stated: Stated
    holes: str
    unreadable: str


def look(
    reader: Reader,
    channels: Collection[int] | None = None,
    oldest: datetime | None = None,
    newest: datetime | None = None,
) -> StatedLook:
    """For a search in these channels (None: all) between two moments."""
    stated = coverage_of(reader, channels, oldest, newest)
    unreadable = wording.unreadable_named(stated.unreadable) if stated.unreadable else ""
    return StatedLook(stated, wording.holes_counted(stated), unreadable)
