"""Inviting, mapping, changing and removing staff. Everything here is in force with the next request."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.clients import clients
from app.clients.errors import Unavailable
from app.contracts.live import Signal, Topic
from app.db.ids import new_token, token_hash
from app.db.scope import current_tenant_id, tenant_scope
from app.db.transaction import on_commit, retriable, transaction
from app.domain.access import Actor, Permission, Role, check, requires, role_name, signed_in
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.live.service import LIVE, announce
from app.domain.staff import ladder, queries
from app.domain.staff.invitations import check_usable
from app.domain.staff.models import Invitation, Membership, RoleGrant
from app.extensions import db

log = logging.getLogger(__name__)

SHORTEST_DAYS, LONGEST_DAYS = 1, 30


@dataclass(frozen=True)
class InviteStaff:
    """A link for one person, good for `days` days."""

    role: str
    days: int
    may_publish: bool = False


@dataclass(frozen=True)
class NewInvitation:
    """The invitation, and the token of its link: this is the only time anybody sees it."""

    invitation: Invitation
    token: str


@dataclass(frozen=True)
class ChangeStaff:
    """A person's role, and whether they may publish."""

    user_id: int
    role: str
    may_publish: bool = False


@dataclass(frozen=True)
class MapRole:
    """A Discord role and the panel role that whoever has it gets."""

    discord_role_id: int
    role: str
    may_publish: bool = False


@requires(Permission.MANAGE_STAFF)
@retriable
def invite(actor: Actor, command: InviteStaff) -> NewInvitation:
    """Make a link that can be used once. Raises `Invalid` naming the field, `Forbidden` for a role above the actor's reach."""
    role = ladder.read_role(command.role)
    if not SHORTEST_DAYS <= command.days <= LONGEST_DAYS:
        raise Invalid(_("A link lasts 1 to 30 days."), fields={"days": _("Choose 1 to 30 days.")})
    token = new_token()
    with transaction():
        ladder.check_may_manage(_as_of_now(actor), role)
        invitation = Invitation(
            tenant_id=actor.tenant_id,
            token_hash=token_hash(token),
            role=role,
            may_publish=command.may_publish,
            created_by=actor.user_id,
            created_at=utcnow(),
            expires_at=utcnow() + timedelta(days=command.days),
        )
        db.session.add(invitation)
        db.session.flush()
        record(AUDIT, actor, "staff.invited", invitation.id, after=_words(role, command.may_publish))
        _tell()
    return NewInvitation(invitation, token)


@requires(Permission.MANAGE_STAFF)
@retriable
def revoke_invitation(actor: Actor, invitation_id: int) -> None:
    """Make a link useless. Raises `NotFound` for another community's, `Forbidden` for one above the actor's reach."""
    with transaction():
        now = _as_of_now(actor)
        invitation = db.session.scalar(
            select(Invitation)
            .where(Invitation.id == invitation_id, Invitation.tenant_id == actor.tenant_id)
            .with_for_update()
        )
        if invitation is None:
            raise NotFound(_("There is no such invitation."))
        ladder.check_may_manage(now, Role(invitation.role))
        if invitation.used_at is None and invitation.revoked_at is None:
            invitation.revoked_at = utcnow()
            record(AUDIT, actor, "staff.invitation_revoked", invitation.id)
            _tell()


@signed_in
@retriable
def accept_invitation(user_id: int, token: str) -> Invitation:
    """Take the role of a link; it works once.

    Raises `NotFound` for an unknown link, `Gone` for one that was used, revoked or has run out, or whose maker may no
    longer give that role; `Conflict`, and the link stays good, where the person has that role or a higher one.
    """
    named = Invitation.token_hash == token_hash(token)
    with transaction():
        tenant_id = db.session.scalar(select(Invitation.tenant_id).where(named))
        if tenant_id is None:
            raise NotFound(_("There is no such invitation."))
        with tenant_scope(tenant_id):  # before any row is loaded: rows do not outlive a change of scope
            return _accepted(db.session.scalars(select(Invitation).where(named).with_for_update()).one(), user_id)


def _accepted(invitation: Invitation, user_id: int) -> Invitation:
    check_usable(invitation)
    if queries.has_left(invitation.tenant_id, user_id):
        raise Conflict(
            _("You have left this community's Discord server. Come back to it first, then open the link again."),
            code="not_in_server",
        )
    role = Role(invitation.role)
    membership = db.session.get(Membership, (invitation.tenant_id, user_id))
    if membership is not None and membership.role >= role:
        raise Conflict(
            _("You already work here as %(role)s.", role=role_name(Role(membership.role))), code="already_staff"
        )
    before = _words(Role(membership.role), membership.may_publish) if membership else None
    if membership is None:
        membership = Membership(tenant_id=invitation.tenant_id, user_id=user_id, may_publish=False)
        db.session.add(membership)
    membership.role, membership.added_by = role, invitation.created_by
    membership.may_publish = membership.may_publish or invitation.may_publish
    invitation.used_at, invitation.used_by = utcnow(), user_id
    after = _words(role, membership.may_publish)
    db.session.flush()
    joined = Actor(user_id, invitation.tenant_id, 0, role)
    record(AUDIT, joined, "staff.joined", user_id, before=before, after=after)
    _tell()
    return invitation


@requires(Permission.MANAGE_STAFF)
@retriable
def change_member(actor: Actor, command: ChangeStaff) -> Membership:
    """Give a member of staff another role. Raises `Forbidden` where the old or the new role is above the actor's reach."""
    role = ladder.read_role(command.role)
    with transaction():
        now = _as_of_now(actor)
        membership = _member(actor, command.user_id)
        before_role = Role(membership.role)
        ladder.check_may_manage(now, before_role)
        ladder.check_may_manage(now, role)
        before = _words(before_role, membership.may_publish)
        membership.role, membership.may_publish = role, command.may_publish
        record(AUDIT, actor, "staff.changed", command.user_id, before=before, after=_words(role, command.may_publish))
        if role < before_role:
            _revoke_invitations_of(command.user_id, actor.tenant_id)
        _tell()
    return membership


@requires(Permission.MANAGE_STAFF)
@retriable
def remove_member(actor: Actor, user_id: int) -> None:
    """Take a person's own role away; what a Discord role gives them stays until that is changed."""
    with transaction():
        now = _as_of_now(actor)
        membership = _member(actor, user_id)
        ladder.check_may_manage(now, Role(membership.role))
        record(AUDIT, actor, "staff.removed", user_id, before=_words(Role(membership.role), membership.may_publish))
        db.session.delete(membership)
        _revoke_invitations_of(user_id, actor.tenant_id)
        _tell()


@requires(Permission.MANAGE_STAFF)
@retriable
def map_role(actor: Actor, command: MapRole) -> RoleGrant:
    """Give a panel role to whoever has a Discord role; again changes it. Raises `Invalid` for @everyone and bots' roles."""
    role = ladder.read_role(command.role)
    with transaction():
        now = _as_of_now(actor)
        ladder.check_may_manage(now, role)
        grant = _grant(actor, command.discord_role_id)
        before = None
        if grant is not None:
            ladder.check_may_manage(now, Role(grant.role))
            before = _words(Role(grant.role), grant.may_publish)
        elif command.discord_role_id not in {found.id for found in queries.mappable_roles(actor.guild_id)}:
            raise Invalid(
                _("That Discord role cannot give a panel role."),
                fields={"discord_role_id": _("Choose one of the server's roles.")},
            )
        else:
            grant = RoleGrant(tenant_id=actor.tenant_id, discord_role_id=command.discord_role_id)
            db.session.add(grant)
        grant.role, grant.may_publish, grant.added_by = role, command.may_publish, actor.user_id
        after = _words(role, command.may_publish)
        record(AUDIT, actor, "staff.role_mapped", command.discord_role_id, before=before, after=after)
        _tell()
    return grant


@requires(Permission.MANAGE_STAFF)
@retriable
def unmap_role(actor: Actor, discord_role_id: int) -> None:
    """End a mapping; whoever had the panel by it alone is out."""
    with transaction():
        now = _as_of_now(actor)
        grant = _grant(actor, discord_role_id)
        if grant is None:
            raise NotFound(_("That role is not mapped."))
        ladder.check_may_manage(now, Role(grant.role))
        before = _words(Role(grant.role), grant.may_publish)
        record(AUDIT, actor, "staff.role_unmapped", discord_role_id, before=before)
        db.session.delete(grant)
        _tell()


def _as_of_now(actor: Actor) -> Actor:
    """The actor with the role that they have in this transaction; a community's changes of staff wait for each other.

    Raises `Forbidden` where the role that let them in is gone.
    """
    everybody = select(Membership.user_id).where(Membership.tenant_id == actor.tenant_id).order_by(Membership.user_id)
    db.session.execute(everybody.with_for_update()).all()
    standing = queries.standing_of(actor.tenant_id, actor.user_id)
    now = replace(actor, role=standing.role, may_publish=standing.may_publish) if standing is not None else None
    check(now, Permission.MANAGE_STAFF)
    assert now is not None
    return now


def _member(actor: Actor, user_id: int) -> Membership:
    membership = db.session.get(Membership, (actor.tenant_id, user_id), with_for_update=True)
    if membership is None:
        raise NotFound(_("That person does not work here."))
    return membership


def _grant(actor: Actor, discord_role_id: int) -> RoleGrant | None:
    return db.session.get(RoleGrant, (actor.tenant_id, discord_role_id), with_for_update=True)


def _revoke_invitations_of(user_id: int, tenant_id: int) -> None:
    db.session.execute(
        update(Invitation)
        .where(
            Invitation.tenant_id == tenant_id,
            Invitation.created_by == user_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=utcnow())
        .execution_options(synchronize_session=False)
    )


def _words(role: Role, may_publish: bool) -> dict[str, object]:
    return {"role": role.slug, "may_publish": may_publish}


def _tell() -> None:
    """Who may read what has changed: pages refresh, and remembered readers are asked anew."""
    announce(LIVE, Signal(Topic.MEMBERS, "staff"))
    tenant_id = current_tenant_id()
    on_commit(lambda: _forget_readers(tenant_id))


def _forget_readers(tenant_id: int) -> None:
    try:
        clients().live_bus.forget_readers(tenant_id)
    except Unavailable as error:
        log.warning("readers.not_forgotten", extra={"tenant": tenant_id, "code": error.code})
