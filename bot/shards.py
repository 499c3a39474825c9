"""Which shards this process runs: `BOT_SHARDS=all`, or a range such as `0-3/16`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.config import SettingsError


@dataclass(frozen=True)
class Shards:
    """`ids` None = as many as Discord recommends, all of them here."""

    ids: tuple[int, ...] | None = None
    count: int | None = None

    @property
    def share(self) -> float:
        """This process' part of all shards, above 0 and up to 1."""
        return len(self.ids) / self.count if self.ids is not None and self.count else 1.0

    @classmethod
    def parse(cls, word: str) -> Shards:
        """Raises `SettingsError` for anything else than `all`, `3/16` or `0-3/16`."""
        if word == "all":
            return cls()
        found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?/(\d{1,5})", word)
        if found:
            first, count = int(found[1]), int(found[3])
            last = int(found[2] or first)
            if first <= last < count:
                return cls(tuple(range(first, last + 1)), count)
        raise SettingsError(["BOT_SHARDS: must be `all`, or a range of shards such as 0-3/16."])
