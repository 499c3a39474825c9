"""What the bot may do in a server, asked of the bot and remembered for a minute in this process."""

from __future__ import annotations

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


def refused_permissions(tenant: Tenant) -> tuple[AskedPermission, ...]:
    """What the bot asked for and does not have there; nothing while it is away and was not asked before."""
    memory = _memory()
    granted = memory.get(tenant.guild_id)
    if granted is None:
        granted = _ask(tenant)
        if granted is None:
            return ()
        memory.put(tenant.guild_id, granted)
    return missing(granted)


def _ask(tenant: Tenant) -> int | None:
    caller = Caller(tenant.id, tenant.guild_id, OVERVIEW.header)
    try:
        answer = clients().bot_api.call(caller, "GET", "/permissions")
    except outside.Unavailable:
        return None
    word = answer.body.get("permissions") if answer.status == 200 else None
    return int(word) if isinstance(word, str) and word.isdigit() else None


def _memory() -> Remembered[int, int]:
    return memory_of(clients().bot_api, MEMORY, REMEMBERED_FOR, MOST_REMEMBERED)
