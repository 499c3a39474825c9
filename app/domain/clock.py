"""The one source of the present moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, time, timedelta, tzinfo

DISCORD_EPOCH_MS = 1_420_070_400_000

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def utcnow() -> datetime:
    """Now, aware, UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` until the block ends (tests)."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)


def last_midnights(zone: tzinfo, days: int) -> list[datetime]:
    """When each of the last `days` days began in `zone`, oldest first; the last one is today's."""
    today = utcnow().astimezone(zone).date()
    return [
        datetime.combine(today - timedelta(days=ago), time.min, zone).astimezone(UTC) for ago in range(days - 1, -1, -1)
    ]


def snowflake_ms(snowflake: int) -> int:
    """When Discord made this id, unix milliseconds (since 2015 in its upper 42 bits)."""
    return (snowflake >> 22) + DISCORD_EPOCH_MS


def snowflake_time(snowflake: int) -> datetime:
    """When Discord made this id."""
    return datetime.fromtimestamp(snowflake_ms(snowflake) / 1000, UTC)


def first_snowflake(moment: datetime) -> int:
    """The smallest id that Discord could have made at `moment`."""
    return max(0, (int(moment.timestamp() * 1000) - DISCORD_EPOCH_MS) << 22)
