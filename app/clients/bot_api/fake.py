"""A bot that answers what a test told it to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.clients.bot_api.port import Answer, Caller
from app.clients.errors import Unavailable
from app.contracts.bot_api import Code
from app.db.transaction import leave_database


@dataclass
class FakeBotApi:
    """Answers by (method, path), some by what the body says; set `away` and every call raises as if the bot were down."""

    answers: dict[tuple[str, str], Answer | Callable[[Any], Answer]] = field(default_factory=dict)
    calls: list[tuple[Caller, str, str, Any]] = field(default_factory=list)
    away: bool = False

    def call(
        self, caller: Caller, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        leave_database(f"{method} {path} of the bot")
        if self.away:
            raise Unavailable(Code.BOT_UNREACHABLE)
        self.calls.append((caller, method, path, body))
        known = self.answers.get((method, path), Answer(404, {"code": "not_found"}))
        return known(body) if callable(known) else known

    def health(self) -> Mapping[str, Any]:
        leave_database("GET /health of the bot")
        return {"status": "away", "code": Code.BOT_UNREACHABLE} if self.away else {"status": "ok"}
