"""What the website and the worker want from the bot (design section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Caller:
    """On whose behalf a call is made: a user's id or `system:<job>`, in one (tenant, guild) pair."""

    tenant_id: int
    guild_id: int
    actor: str
    request_id: str = ""


@dataclass(frozen=True)
class Answer:
    """What the bot said, status and JSON as they came."""

    status: int
    body: Mapping[str, Any]


class BotApi(Protocol):
    """Raises `Unavailable` with a code of `contracts.bot_api.Code` when the bot is away."""

    def call(
        self, caller: Caller, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        """One signed call: connect 1 s, 3 s in all. Any answer of the bot is returned, refusals included."""

    def health(self) -> Mapping[str, Any]:
        """The bot's signed `/health`, remembered for ten seconds; `{"status": "away"}` when it cannot be reached."""
