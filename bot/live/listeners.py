"""Who listens, and what they may hear: asked of the database, in the domain's threads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.clients.live_bus.port import Ticket
from app.db.scope import tenant_scope
from app.domain.access import Actor, Permission, Role
from app.domain.accounts.queries import open_sessions
from app.domain.messages.reader import channels_shown_to
from app.domain.staff.queries import actor_for
from app.domain.tenants.models import Tenant
from app.extensions import db


@dataclass(frozen=True)
class Ears:
    """What one person may hear now: entries of these channels; None = of all. `role` is the panel role it rests on."""

    role: Role
    channels: frozenset[int] | None

    def hears(self, channel_id: int | None) -> bool:
        """True for an entry without a channel, or of one that Discord shows this person."""
        return channel_id is None or self.channels is None or channel_id in self.channels


def welcome(ticket: Ticket) -> Ears | None:
    """What the ticket's holder may hear; None where their session has ended or the panel is closed to them."""
    if not open_sessions([ticket.session_id]):
        return None
    return ears_of(ticket.tenant_id, [ticket.user_id]).get(ticket.user_id)


def ears_of(tenant_id: int, user_ids: Iterable[int]) -> dict[int, Ears]:
    """What each of these people may hear now; nobody who may not listen at all."""
    tenant = db.session.get(Tenant, tenant_id)
    if tenant is None:
        return {}
    with tenant_scope(tenant_id):
        actors = [(user_id, _listening(tenant, user_id)) for user_id in user_ids]
        return {
            user_id: Ears(actor.role, None if actor.role is Role.OWNER else channels_shown_to(actor))
            for user_id, actor in actors
            if actor is not None
        }


def still_welcome(tickets: Iterable[Ticket]) -> dict[Ticket, Role]:
    """Those whose session is open and who may still listen, with the role that they have now."""
    asked = list(tickets)
    sessions = open_sessions({ticket.session_id for ticket in asked})
    roles: dict[tuple[int, int], Role | None] = {}
    for tenant_id, user_id in {(ticket.tenant_id, ticket.user_id) for ticket in asked}:
        tenant = db.session.get(Tenant, tenant_id)
        actor = _listening(tenant, user_id) if tenant is not None else None
        roles[tenant_id, user_id] = actor.role if actor is not None else None
    return {
        ticket: role
        for ticket in asked
        if ticket.session_id in sessions and (role := roles[ticket.tenant_id, ticket.user_id]) is not None
    }


def _listening(tenant: Tenant, user_id: int) -> Actor | None:
    actor = actor_for(tenant, user_id)
    return actor if actor is not None and actor.may(Permission.USE_LIVE) else None
