"""What the bot reports to `POST /api/internal/bot-membership`: the guilds that it is in (design sections 6 and 7).

The report is signed as every call between the two, for no tenant, by `system:membership`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

REPORT_PATH = "/api/internal/bot-membership"
REPORTER = "system:membership"


class ReportKind(StrEnum):
    ALL = "all"
    """The whole list, at start: whatever is not on it, the bot is no longer in."""
    JOINED = "joined"
    LEFT = "left"


@dataclass(frozen=True)
class ReportedGuild:
    """One guild. `name` is empty and `owner_id` 0 where the guild is in an outage: present, nothing else known."""

    id: int
    name: str = ""
    icon_hash: str | None = None
    owner_id: int = 0


@dataclass(frozen=True)
class MembershipReport:
    """A process that runs some of the shards speaks for their guilds alone."""

    kind: ReportKind
    guilds: tuple[ReportedGuild, ...]
    shard_ids: tuple[int, ...] = (0,)
    shard_count: int = 1

    def covers(self, guild_id: int) -> bool:
        """True where a report of the whole list would have named this guild if the bot were in it."""
        return self.kind is ReportKind.ALL and (guild_id >> 22) % self.shard_count in self.shard_ids

    def to_json(self) -> dict[str, Any]:
        """The request's body; ids are strings."""
        return {
            "kind": self.kind.value,
            "shard_ids": list(self.shard_ids),
            "shard_count": self.shard_count,
            "guilds": [
                {"id": str(guild.id), "name": guild.name, "icon": guild.icon_hash, "owner_id": str(guild.owner_id)}
                for guild in self.guilds
            ],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> MembershipReport:
        """Raises `ValueError` for anything but what `to_json` writes."""
        try:
            count = int(body["shard_count"])
            if count < 1:
                raise ValueError("shard_count")
            return cls(
                ReportKind(body["kind"]),
                tuple(
                    ReportedGuild(
                        int(guild["id"]), str(guild["name"])[:100], _word(guild["icon"]), int(guild["owner_id"])
                    )
                    for guild in body["guilds"]
                ),
                tuple(int(number) for number in body["shard_ids"]),
                count,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a membership report: {error}") from error


def _word(value: object) -> str | None:
    return None if value is None else str(value)[:64]
