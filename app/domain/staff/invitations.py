"""When an invitation may be accepted."""

from __future__ import annotations

from flask_babel import gettext as _

from app.domain.access import Actor, Role
from app.domain.clock import utcnow
from app.domain.errors import Gone, NotFound
from app.domain.staff import ladder, queries
from app.domain.staff.models import Invitation


def check_usable(invitation: Invitation | None) -> Invitation:
    """The invitation, where it can still be accepted. Raises `NotFound` or `Gone` otherwise."""
    if invitation is None:
        raise NotFound(_("There is no such invitation."))
    if invitation.used_at is not None:
        raise Gone(_("This invitation has been used. Ask for a new one."), code="invitation_used")
    if invitation.revoked_at is not None:
        raise Gone(_("This invitation was taken back. Ask for a new one."), code="invitation_revoked")
    maker = queries.standing_of(invitation.tenant_id, invitation.created_by)
    as_actor = Actor(invitation.created_by, invitation.tenant_id, 0, maker.role) if maker else None
    if as_actor is None or not ladder.may_manage(as_actor, Role(invitation.role)):
        raise Gone(_("Whoever sent this invitation may no longer give that role."), code="invitation_void")
    if invitation.expires_at <= utcnow():
        raise Gone(_("This invitation has run out. Ask for a new one."), code="invitation_expired")
    return invitation
