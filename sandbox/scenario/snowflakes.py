"""Ids that are of their time and never repeat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class SnowflakeMint:
    """Mints snowflakes; two of the same millisecond differ in their last bits, in the order of asking.

    Mints of different workers (0 to 31) never give the same id.
    """

    def __init__(self, worker: int) -> None:
        self._worker_bits = worker << 17
        self._minted_in: dict[int, int] = {}

    def at(self, moment: datetime) -> int:
        """A new id for `moment`, millisecond precise."""
        millisecond = (moment - DISCORD_EPOCH) // _MILLISECOND
        sequence = self._minted_in.get(millisecond, 0)
        self._minted_in[millisecond] = sequence + 1
        return (millisecond << 22) | self._worker_bits | sequence


def moment_of(snowflake: int) -> datetime:
    """The moment an id was minted at."""
    return DISCORD_EPOCH + _MILLISECOND * (snowflake >> 22)
