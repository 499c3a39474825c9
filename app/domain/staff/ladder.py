"""Who may give and take which role: the owner all below their own, an admin moderators and viewers."""

from __future__ import annotations

from flask_babel import gettext as _

from app.domain.access import Actor, Permission, Role
from app.domain.errors import Forbidden, Invalid

GIVEN = (Role.VIEWER, Role.MODERATOR, Role.ADMIN)
"""Roles that can be given. There is one owner, by install."""


def may_manage(actor: Actor, role: Role) -> bool:
    """True where `actor` may give this role and take it away."""
    if role is Role.OWNER:
        return False
    return actor.may(Permission.MANAGE_ADMINS if role is Role.ADMIN else Permission.MANAGE_STAFF)


def manageable_by(actor: Actor) -> tuple[Role, ...]:
    """The roles that this person may give, the highest first."""
    return tuple(role for role in reversed(GIVEN) if may_manage(actor, role))


def check_may_manage(actor: Actor, role: Role) -> None:
    """Raise `Forbidden`, naming the rule, unless `actor` may give and take this role."""
    if role is Role.OWNER:
        raise Forbidden(_("The owner's role cannot be given or taken here."), code="owner_role")
    if not may_manage(actor, role):
        raise Forbidden(
            _("Only the owner makes or removes admins."), code=f"panel_role:{Permission.MANAGE_ADMINS.value}"
        )


def read_role(word: str) -> Role:
    """The role that a form names. Raises `Invalid` for a word that is none, and for the owner's."""
    try:
        role = Role.from_slug(word)
    except KeyError:
        role = Role.OWNER
    if role not in GIVEN:
        raise Invalid(_("That is not a role that can be given."), fields={"role": _("Choose one of these.")})
    return role
