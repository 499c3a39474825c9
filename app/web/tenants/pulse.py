"""How a community did in the last days: counts by day of the reader's own days, and the small charts made of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import format_date, format_decimal
from flask_babel import gettext as _

from app.domain.access import Actor, Permission
from app.domain.clock import last_midnights, utcnow
from app.domain.members.queries import count_joined_by_day
from app.domain.messages.queries import count_by_day
from app.domain.messages.reader import reader_for
from app.domain.moderation.queries import recent_case_times
from app.domain.remembered import Remembered, memory_of
from app.extensions import db
from app.web.messages.reader_zone import reader_zone

DAYS = 14
TALLEST = 32
COUNTED = 10_000
CASES_READ = 2_000
MEMORY = "counts_of_past_days"
REMEMBERED_SECONDS = 120.0
MOST_REMEMBERED = 2_000
Counted = Callable[[Sequence[datetime]], list[int]]


@dataclass(frozen=True)
class Bar:
    """One day of a chart: its height of 32, and its words."""

    height: int
    title: str


@dataclass(frozen=True)
class ByDay:
    """What happened on each of the last days, oldest first; the last one is today so far."""

    starts: tuple[datetime, ...]
    counts: tuple[int, ...]
    is_cut: bool = False
    """True where more happened than was counted."""

    def of_last(self, days: int) -> str:
        """How much in the last `days` days, today among them, as people read it."""
        return format_decimal(self.number_of_last(days)) + ("+" if self.is_cut else "")

    def number_of_last(self, days: int) -> int:
        """The same as a number; at least so much where it is cut."""
        return sum(self.counts[-days:])

    @property
    def bars(self) -> list[Bar]:
        highest, zone = max((*self.counts, 1)), reader_zone()
        return [
            Bar(
                round(TALLEST * count / highest),
                f"{format_date(start.astimezone(zone), 'd MMM', rebase=False)}: {format_decimal(count)}",
            )
            for start, count in zip(self.starts, self.counts, strict=True)
        ]

    @property
    def label(self) -> str:
        """The chart in words."""
        highest = max(self.counts)
        return _(
            "By day, the last %(days)s days: at most %(most)s, today %(today)s",
            days=len(self.counts),
            most=format_decimal(highest),
            today=format_decimal(self.counts[-1]),
        )


@dataclass(frozen=True)
class Pulse:
    """None for what this person may not see."""

    joined: ByDay
    written: ByDay | None
    cases: ByDay | None


def pulse_of(actor: Actor) -> Pulse:
    """The last fourteen days of the community that `actor` is in, as far as they may see it."""
    starts = tuple(last_midnights(reader_zone(), DAYS))
    written = cases = None
    if actor.may(Permission.SEARCH_MESSAGES):
        reader = reader_for(actor)
        seen = None if reader.sees_all else reader.channels
        written = _by_day(
            ("written", actor.tenant_id, seen), starts, lambda ends: count_by_day(reader, ends, up_to=COUNTED)
        )
    if actor.may(Permission.VIEW_CASES):
        cases = _cases_by_day(starts)
    return Pulse(_by_day(("joined", actor.tenant_id, None), starts, count_joined_by_day), written, cases)


def _by_day(what: tuple[str, int, frozenset[int] | None], starts: tuple[datetime, ...], count: Counted) -> ByDay:
    """Days that are over are counted once in a while, today each time."""
    memory: Remembered[object, tuple[int, ...]] = memory_of(db.engine, MEMORY, REMEMBERED_SECONDS, MOST_REMEMBERED)
    past = memory.get((what, starts))
    now = utcnow() + timedelta(minutes=1)
    if past is None:
        *over, today = count([*starts, now])
        past = tuple(over)
        memory.put((what, starts), past)
    else:
        [today] = count([starts[-1], now])
    counts = (*past, today)
    return ByDay(starts, counts, is_cut=max(counts) >= COUNTED)


def _cases_by_day(starts: tuple[datetime, ...]) -> ByDay:
    counts = [0] * len(starts)
    times = recent_case_times(CASES_READ)
    for moment in times:
        place = bisect_right(starts, moment) - 1
        if place >= 0:
            counts[place] += 1
    return ByDay(starts, tuple(counts), is_cut=len(times) == CASES_READ and times[-1] > starts[0])
