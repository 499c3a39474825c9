"""Reads of who works where. The role is always read from the database, never from a token."""

from __future__ import annotations

from sqlalchemy import select

from app.db.scope import tenant_scope
from app.domain.access import Actor, Role
from app.domain.members.models import GuildMember
from app.domain.staff.models import Membership, RoleGrant
from app.domain.tenants.models import Tenant
from app.extensions import db


def actor_for(tenant: Tenant, user_id: int) -> Actor | None:
    """This person in this community with their effective panel role, or None for a stranger.

    The highest of: their own membership, and what their Discord roles are mapped to while they are in the server.
    """
    membership = db.session.get(Membership, (tenant.id, user_id))
    roles = [(membership.role, membership.may_publish)] if membership else []
    grants = list(db.session.scalars(select(RoleGrant).where(RoleGrant.tenant_id == tenant.id)))
    if grants:
        held = _discord_roles(tenant, user_id)
        roles += [(grant.role, grant.may_publish) for grant in grants if grant.discord_role_id in held]
    if not roles:
        return None
    return Actor(
        user_id=user_id,
        tenant_id=tenant.id,
        guild_id=tenant.guild_id,
        role=Role(max(role for role, _ in roles)),
        may_publish=any(may_publish for _, may_publish in roles),
    )


def _discord_roles(tenant: Tenant, user_id: int) -> frozenset[int]:
    with tenant_scope(tenant.id):
        member = db.session.scalar(
            select(GuildMember).where(GuildMember.user_id == user_id, GuildMember.left_at.is_(None))
        )
        return frozenset(map(int, member.role_ids)) if member else frozenset()
