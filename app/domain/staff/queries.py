"""Reads of who works where. The role is always read from the database, never from a token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from app.db.ids import token_hash
from app.db.scope import tenant_scope
from app.domain.access import Actor, Role
from app.domain.accounts.models import User
from app.domain.clock import utcnow
from app.domain.members.models import GuildMember, GuildRole
from app.domain.staff.models import Invitation, Membership, RoleGrant
from app.extensions import db


@dataclass(frozen=True)
class Standing:
    """What a person may do in a community."""

    role: Role
    may_publish: bool


class Community(Protocol):
    """What is asked of a tenant here: staff knows no other noun's rows."""

    @property
    def id(self) -> int: ...

    @property
    def guild_id(self) -> int: ...


def actor_for(tenant: Community, user_id: int) -> Actor | None:
    """This person in this community with their effective panel role, or None for a stranger."""
    standing = standing_of(tenant.id, user_id)
    if standing is None:
        return None
    return Actor(user_id, tenant.id, tenant.guild_id, standing.role, standing.may_publish)


def standing_of(tenant_id: int, user_id: int) -> Standing | None:
    """The highest of a person's own membership and what their Discord roles are mapped to while they are in the server.

    Whoever is known to have left the server has neither until they are back; the owner stays the owner.
    """
    own = db.session.execute(
        select(Membership.role, Membership.may_publish).where(
            Membership.tenant_id == tenant_id, Membership.user_id == user_id
        )
    ).one_or_none()
    grants = db.session.execute(
        select(RoleGrant.discord_role_id, RoleGrant.role, RoleGrant.may_publish).where(RoleGrant.tenant_id == tenant_id)
    ).all()
    is_owner = own is not None and own.role == Role.OWNER
    if not grants and (own is None or is_owner):
        return Standing(Role(own.role), own.may_publish) if own is not None else None
    there = _presence(tenant_id, user_id)
    found = [(own.role, own.may_publish)] if own is not None and (is_owner or not there.has_left) else []
    found += [(grant.role, grant.may_publish) for grant in grants if grant.discord_role_id in there.role_ids]
    if not found:
        return None
    return Standing(Role(max(role for role, _may in found)), any(may for _role, may in found))


def has_left(tenant_id: int, user_id: int) -> bool:
    """True for somebody who was in the server and is there no more; whoever never was has not left."""
    return _presence(tenant_id, user_id).has_left


def own_role(tenant_id: int, user_id: int) -> Role | None:
    """The role that somebody has of their own, whatever their Discord roles give."""
    own = db.session.get(Membership, (tenant_id, user_id))
    return Role(own.role) if own is not None else None


@dataclass(frozen=True)
class _Presence:
    """What our copy of the server says about a person."""

    has_left: bool = False
    role_ids: frozenset[int] = frozenset()


def _presence(tenant_id: int, user_id: int) -> _Presence:
    """Of roles those that still exist: who had a deleted role is named with it until they change."""
    with tenant_scope(tenant_id):
        member = db.session.execute(
            select(GuildMember.role_ids, GuildMember.left_at).where(GuildMember.user_id == user_id)
        ).one_or_none()
        if member is None:
            return _Presence()
        if member.left_at is not None:
            return _Presence(has_left=True)
        ids = [int(role_id) for role_id in member.role_ids]
        if not ids:
            return _Presence()
        return _Presence(role_ids=frozenset(db.session.scalars(select(GuildRole.id).where(GuildRole.id.in_(ids)))))


def tenants_with_mapped_roles(tenant_ids: Iterable[int]) -> list[int]:
    """Those of these tenants where a Discord role gives a panel role."""
    ids = set(tenant_ids)
    mapped = select(RoleGrant.tenant_id).where(RoleGrant.tenant_id.in_(ids)).distinct()
    return list(db.session.scalars(mapped)) if ids else []


@dataclass(frozen=True)
class StaffMember:
    """A person with a role of their own. While they are out of the server it opens nothing (the owner's does)."""

    user: User
    membership: Membership
    has_left: bool

    @property
    def role(self) -> Role:
        return Role(self.membership.role)


def staff_members(tenant_id: int) -> list[StaffMember]:
    """Everybody with a role of their own, the highest first."""
    found = db.session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.tenant_id == tenant_id)
        .order_by(Membership.role.desc(), User.display_name, User.id)
    )
    people = [(row.User, row.Membership) for row in found]
    with tenant_scope(tenant_id):
        left = GuildMember.user_id.in_([user.id for user, _own in people]) & GuildMember.left_at.is_not(None)
        gone = set(db.session.scalars(select(GuildMember.user_id).where(left)))
    return [StaffMember(user, own, user.id in gone) for user, own in people]


@dataclass(frozen=True)
class MappedRole:
    """A Discord role and the panel role it gives. `name` is None where the role is gone from the server."""

    grant: RoleGrant
    name: str | None
    color: int

    @property
    def role(self) -> Role:
        return Role(self.grant.role)


def mapped_roles(tenant_id: int) -> list[MappedRole]:
    """Every mapping of this community, the highest panel role first."""
    grants = db.session.scalars(select(RoleGrant).where(RoleGrant.tenant_id == tenant_id)).all()
    roles = {role.id: role for role in db.session.scalars(select(GuildRole))}
    mapped = [
        MappedRole(
            grant,
            roles[grant.discord_role_id].name if grant.discord_role_id in roles else None,
            roles[grant.discord_role_id].color if grant.discord_role_id in roles else 0,
        )
        for grant in grants
    ]
    return sorted(mapped, key=lambda one: (-one.grant.role, one.name or "", one.grant.discord_role_id))


def mappable_roles(guild_id: int) -> list[GuildRole]:
    """Discord roles that may give a panel role: neither @everyone nor a bot's own."""
    roles = select(GuildRole).where(GuildRole.id != guild_id, GuildRole.is_managed.is_(False))
    return list(db.session.scalars(roles.order_by(GuildRole.position.desc(), GuildRole.id)))


def open_invitations(tenant_id: int) -> list[Invitation]:
    """Links that somebody may still use, the newest first."""
    return list(
        db.session.scalars(
            select(Invitation)
            .where(
                Invitation.tenant_id == tenant_id,
                Invitation.used_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > utcnow(),
            )
            .order_by(Invitation.created_at.desc())
        )
    )


def invitation_by_token(token: str) -> Invitation | None:
    """The invitation that this link opens, in whatever state."""
    return db.session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)))
