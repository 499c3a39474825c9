"""The bot's side of `POST /moderation/<act>` without the wire: the real acts on a Discord in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.clients.bot_api.fake import FakeBotApi
from app.clients.bot_api.port import Answer, Caller
from app.clients.errors import Unavailable
from app.contracts.bot_api import Act
from app.domain.errors import DomainError
from app.domain.moderation.commands import command_from
from app.domain.moderation.models import CaseSource
from app.domain.moderation.service import perform
from app.domain.staff.queries import actor_for
from app.domain.tenants.queries import tenant_of_guild


@dataclass
class BotInProcess(FakeBotApi):
    """`away` is a code of the bot's absence; every call then fails with it."""

    absent_with: str = ""
    asked: list[str] = field(default_factory=list)

    def call(
        self, caller: Caller, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        if not path.startswith("/moderation/"):
            return super().call(caller, method, path, query=query, body=body)
        self.asked.append(path)
        if self.absent_with:
            raise Unavailable(self.absent_with, retry_after=4)
        tenant = tenant_of_guild(caller.guild_id)
        actor = actor_for(tenant, int(caller.actor)) if tenant is not None else None
        assert actor is not None
        try:
            case = perform(actor, command_from(Act(path.rpartition("/")[2]), body, CaseSource.PANEL))
        except DomainError as error:
            return Answer(error.status, {"code": error.code, "message": error.message, "fields": error.fields})
        told = {"number": case.number, "status": case.status, "failure_code": case.failure_code}
        return Answer(200, {"case": told})
