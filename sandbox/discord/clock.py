"""The sandbox's own time: it can be frozen, set and advanced, and snowflakes come from it."""

from datetime import UTC, datetime, timedelta
from time import time

DISCORD_EPOCH_MS = 1_420_070_400_000


class Clock:
    """Wall time plus an offset, or a frozen moment. Snowflakes are strictly increasing whatever the clock does."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen_at: float | None = None
        self._last_snowflake = 0

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None

    def timestamp(self) -> float:
        """Seconds since 1970 by this clock."""
        return self._frozen_at if self._frozen_at is not None else time() + self._offset

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def freeze(self, is_frozen: bool = True) -> None:
        """Stops time, or lets it run on from where it stood."""
        present = self.timestamp()
        self._frozen_at = present if is_frozen else None
        self._offset = present - time()

    def set(self, moment: datetime) -> None:
        """Moves to a moment; a frozen clock stays frozen there."""
        if self._frozen_at is not None:
            self._frozen_at = moment.timestamp()
        self._offset = moment.timestamp() - time()

    def advance(self, seconds: float) -> None:
        """Moves forward (or back) by some seconds."""
        self.set(self.now() + timedelta(seconds=seconds))

    def snowflake(self) -> int:
        """A new id whose upper bits are the present millisecond; larger than every one before."""
        fresh = (int(self.timestamp() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last_snowflake = max(fresh, self._last_snowflake + 1)
        return self._last_snowflake


def snowflake_time(snowflake: int) -> datetime:
    """The moment a snowflake was made."""
    return datetime.fromtimestamp(((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000, UTC)


def snowflake_at(moment: datetime) -> int:
    """The smallest snowflake of a moment, to compare ages with."""
    return (int(moment.timestamp() * 1000) - DISCORD_EPOCH_MS) << 22


def iso(moment: datetime) -> str:
    """Discord's way of writing a time: ISO 8601 with microseconds and an offset."""
    return moment.isoformat(timespec="microseconds")
