"""What the bot may do in a server, asked of the bot and remembered for a minute in this process."""

from __future__ import annotations

from dataclasses import dataclass

from app.clients import clients
from app.clients import errors as outside
from app.clients.bot_api.port import Caller
from app.domain.access import SystemActor
from app.domain.remembered import Remembered, memory_of
from app.domain.tenants.models import Tenant
from app.domain.tenants.permissions import AskedPermission, missing

OVERVIEW = SystemActor("overview")
REMEMBERED_FOR = 60.0
MOST_REMEMBERED = 10_000
MEMORY = "rights_of_the_bot"


@dataclass(frozen=True)
class BotStanding:
    """The bot in one server: its own id, and what it may do there at large."""

    bot_id: int | None
    granted: int


def refused_permissions(tenant: Tenant) -> tuple[AskedPermission, ...]:
    """What the bot asked for and does not have there; nothing while it is away and was not asked before."""
    standing = _standing(tenant, OVERVIEW)
    return missing(standing.granted) if standing is not None else ()


def bot_id_in(tenant: Tenant, asks: SystemActor) -> int | None:
    """The bot's own id; None while it is away and was not asked before."""
    standing = _standing(tenant, asks)
    return standing.bot_id if standing is not None else None


def _standing(tenant: Tenant, asks: SystemActor) -> BotStanding | None:
    memory = _memory()
    standing = memory.get(tenant.guild_id)
    if standing is None:
        standing = _ask(tenant, asks)
        if standing is not None:
            memory.put(tenant.guild_id, standing)
    return standing


def _ask(tenant: Tenant, asks: SystemActor) -> BotStanding | None:
    caller = Caller(tenant.id, tenant.guild_id, asks.header)
    try:
        answer = clients().bot_api.call(caller, "GET", "/permissions")
    except outside.Unavailable:
        return None
    granted = _number(answer.body.get("permissions")) if answer.status == 200 else None
    return BotStanding(_number(answer.body.get("bot_id")), granted) if granted is not None else None


def _number(word: object) -> int | None:
    return int(word) if isinstance(word, str) and word.isdigit() else None


def _memory() -> Remembered[int, BotStanding]:
    return memory_of(clients().bot_api, MEMORY, REMEMBERED_FOR, MOST_REMEMBERED)
