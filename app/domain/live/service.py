"""Telling the live stream what changed, and letting people listen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from app.clients import clients
from app.clients import errors as client_errors
from app.clients.live_bus.port import Ticket
from app.contracts.live import TICKET_SECONDS, Signal
from app.db.ids import new_token, token_hash
from app.db.scope import current_tenant_id
from app.db.transaction import leave_database, on_commit
from app.domain.access import Actor, Permission, SystemActor, requires, system_only
from app.domain.clock import utcnow
from app.domain.live.refusals import live_unavailable

LIVE = SystemActor("live")


@system_only
def announce(_system: SystemActor, *signals: Signal, tenant_id: int | None = None) -> None:
    """Tell everybody who watches this tenant, once the open transaction is committed.

    `tenant_id` is needed under `all_tenants` alone. A signal is a hint: it may be lost, the change is not.
    """
    tenant = current_tenant_id() if tenant_id is None else tenant_id
    on_commit(lambda: clients().live_bus.publish(tenant, signals))


@dataclass(frozen=True)
class MintedTicket:
    """What a browser needs to open the socket. `token` works once, until `expires_at`."""

    url: str
    token: str
    expires_at: datetime


@requires(Permission.USE_LIVE)
def mint_ticket(actor: Actor, *, session_id: int, origin: str) -> MintedTicket:
    """A single-use ticket, bound to this person, community, session and origin.

    Raises `Unavailable` (`live_unavailable`) while the live stream's store is away: the page polls then.
    """
    token = new_token()
    ticket = Ticket(actor.tenant_id, actor.guild_id, actor.user_id, session_id, origin)
    leave_database("putting a live ticket")
    try:
        clients().live_bus.put_ticket(token_hash(token), ticket, TICKET_SECONDS)
    except client_errors.Unavailable as error:
        raise live_unavailable(error) from error
    live_url: str = current_app.config["SETTINGS"].live_url
    return MintedTicket(f"{live_url.replace('http', 'ws', 1)}/ws", token, utcnow() + timedelta(seconds=TICKET_SECONDS))


@system_only
def take_ticket(_system: SystemActor, token: str) -> Ticket | None:
    """What the token opens, once; None when it is unknown, used or has run out. Raises `Unavailable`."""
    leave_database("taking a live ticket")
    try:
        return clients().live_bus.take_ticket(token_hash(token))
    except client_errors.Unavailable as error:
        raise live_unavailable(error) from error
