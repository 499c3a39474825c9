"""When things happen: releases, the raid, and the hours at which people talk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

_RELEASES = (
    # share of the window that has passed, version
    (-0.05, "0.8.4"),
    (0.13, "0.9.0"),
    (0.155, "0.9.1"),
    (0.32, "0.9.2"),
    (0.52, "0.10.0"),
    (0.54, "0.10.1"),
    (0.73, "0.10.2"),
    (0.88, "1.0.0-rc1"),
    (0.965, "1.0.0"),
    (2.0, "1.0.1"),
)
_RAID = 0.62

_LOCAL_HOURS = (5, 3, 1.5, 1, 0.7, 0.7, 1.2, 2.5, 4, 4.5, 4.5, 5, 6, 5.5, 5, 5, 6, 7.5, 9, 10.5, 12, 12, 10.5, 8)
_CLOCKS: dict[str, tuple[tuple[int, float], ...]] = {
    "german": ((1, 1.0),),
    "japanese": ((9, 1.0),),
    "arabic": ((2, 0.6), (3, 0.4)),
    "international": ((1, 0.5), (2, 0.25), (-4, 0.2), (9, 0.05)),
    "staff": ((1, 0.7), (-1, 0.3)),
}
_EVERYWHERE = ((-6, 0.34), (0, 0.26), (1, 0.28), (9, 0.12))


@dataclass(frozen=True, slots=True)
class Release:
    """A version of the game and the moment it came out."""

    at: datetime
    version: str


def local_weight(hour: int) -> float:
    """How talkative people are at an hour of their own clock."""
    return _LOCAL_HOURS[hour % 24]


class Calendar:
    """The dates of `days` days that end `now`."""

    def __init__(self, now: datetime, days: int) -> None:
        self.now = now
        self.start = now - timedelta(days=days)
        self.span = now - self.start
        self.releases = tuple(Release(self._afternoon(share), version) for share, version in _RELEASES)
        self.raid_at = self._afternoon(_RAID) + timedelta(hours=3, minutes=41)
        self._hours = {place: _utc_hours(clocks) for place, clocks in _CLOCKS.items()}
        self._common_hours = _utc_hours(_EVERYWHERE)
        self._day_weights = [self._day_weight(self.start + timedelta(days=day)) for day in range(days + 1)]

    def published(self) -> tuple[Release, ...]:
        """The releases that fall into the window."""
        return tuple(release for release in self.releases if self.start < release.at < self.now)

    def versions_at(self, at: datetime) -> tuple[str, str, str]:
        """The version before the current one, the current one, and the next."""
        current = max((i for i, release in enumerate(self.releases) if release.at <= at), default=0)
        following = min(current + 1, len(self.releases) - 1)
        return (
            self.releases[max(current - 1, 0)].version,
            self.releases[current].version,
            self.releases[following].version,
        )

    def moment_for(self, place: str, random: Random) -> datetime:
        """A moment at which people of that place may begin to talk."""
        hours = self._hours.get(place, self._common_hours)
        most = max(hours) * max(self._day_weights)
        while True:
            at = self.start + self.span * random.random()
            weight = hours[at.hour] * self._day_weights[(at - self.start).days]
            if random.random() * most < weight:
                return at

    def _afternoon(self, share: float) -> datetime:
        """The afternoon, UTC, of the day at that share of the window."""
        day = self.start + self.span * share
        afternoon = day.replace(hour=15, minute=7, second=12, microsecond=0)
        return afternoon if afternoon < self.now or share > 1 else afternoon - timedelta(days=1)

    def _day_weight(self, day: datetime) -> float:
        weight = 0.8 + 0.4 * ((day - self.start) / self.span)
        if day.weekday() >= 5:
            weight *= 1.35
        since = [(day.date() - release.at.date()).days for release in self.releases]
        if 0 in since:
            weight *= 1.9
        elif 1 in since:
            weight *= 1.4
        return weight


def _utc_hours(clocks: tuple[tuple[int, float], ...]) -> tuple[float, ...]:
    return tuple(sum(share * local_weight(hour + offset) for offset, share in clocks) for hour in range(24))
