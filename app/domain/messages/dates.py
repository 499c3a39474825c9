"""Dates as people type them into a search."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from app.domain.clock import utcnow


@dataclass(frozen=True)
class Span:
    """From `start` to before `end`, both aware. Of a point in time both are the same."""

    start: datetime
    end: datetime


_WRITTEN = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[Tt](\d{1,2}):(\d{2}))?)?)?")
_AGO = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def read_span(value: str, zone: tzinfo = UTC, now: datetime | None = None) -> Span | None:
    """The time that `value` names in the reader's `zone`; None where it names none.

    `2026`, `2026-11`, `2026-11-01`, `2026-11-01T18:30`, `today`, `yesterday`; `90m`, `24h`, `7d`, `2w` = that long ago.
    """
    now = (now or utcnow()).astimezone(zone)
    word = value.strip().lower()
    if word in ("today", "yesterday"):
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        start = day if word == "today" else _day_after(day, -1)
        return Span(start, _day_after(start, 1))
    try:
        if ago := _AGO.fullmatch(word):
            moment = now - int(ago[1]) * _UNITS[ago[2]]
            return Span(moment, moment)
        if written := _WRITTEN.fullmatch(word):
            return _written(written, zone)
    except (ValueError, OverflowError):  # the 31st of November, the year 0
        return None
    return None


def _written(match: re.Match[str], zone: tzinfo) -> Span:
    year, month, day, hour, minute = (int(part) if part else None for part in match.groups())
    assert year is not None
    start = datetime(year, month or 1, day or 1, hour or 0, minute or 0, tzinfo=zone)
    if hour is not None:
        return Span(start, start + timedelta(minutes=1))
    if day is not None:
        return Span(start, _day_after(start, 1))
    if month is not None:
        return Span(start, start.replace(year=year + month // 12, month=month % 12 + 1))
    return Span(start, start.replace(year=year + 1))


def _day_after(day: datetime, days: int) -> datetime:
    """The same time of the calendar's day, also where the clocks change."""
    return (day.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=day.tzinfo)
