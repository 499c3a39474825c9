"""Setting and lifting legal holds."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.db.transaction import transaction
from app.domain.access import Actor, Permission, requires
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Invalid, NotFound
from app.domain.holds.models import HeldKind, Hold
from app.extensions import db

LONGEST_REASON = 512


@dataclass(frozen=True)
class SetHold:
    """On whom or what, and why."""

    kind: str
    object_id: int | None
    reason: str


@requires(Permission.MANAGE_PRIVACY)
def set_hold(actor: Actor, wanted: SetHold) -> Hold:
    """Keep something from being deleted by retention and erasure. Raises `Invalid` naming the field.

    Holding what is held already answers the hold that is there.
    """
    wrong = {}
    if wanted.kind not in set(HeldKind):
        wrong["kind"] = _("Choose one of these.")
    if not wanted.object_id:
        wrong["object_id"] = _("Paste its id: digits only.")
    if not wanted.reason.strip():
        wrong["reason"] = _("Say why: whoever lifts it later must know.")
    if wrong or wanted.object_id is None:
        raise Invalid(_("The hold was not set."), fields=wrong)
    with transaction():
        known = db.session.scalar(
            select(Hold).where(Hold.kind == wanted.kind, Hold.object_id == wanted.object_id, Hold.lifted_at.is_(None))
        )
        if known is not None:
            return known
        hold = Hold(
            kind=wanted.kind,
            object_id=wanted.object_id,
            reason=wanted.reason.strip()[:LONGEST_REASON],
            set_by=actor.user_id,
        )
        db.session.add(hold)
        db.session.flush()
        record(
            AUDIT,
            actor,
            "hold.set",
            hold.id,
            after={"kind": hold.kind, "object_id": str(hold.object_id), "reason": hold.reason},
        )
    return hold


@requires(Permission.MANAGE_PRIVACY)
def lift_hold(actor: Actor, hold_id: int) -> Hold:
    """Let retention and erasure go on; erasures that waited for it go on by themselves. Raises `NotFound`."""
    with transaction():
        hold = db.session.scalar(select(Hold).where(Hold.id == hold_id, Hold.lifted_at.is_(None)))
        if hold is None:
            raise NotFound(_("There is no such hold in force."))
        hold.lifted_at, hold.lifted_by = utcnow(), actor.user_id
        record(AUDIT, actor, "hold.lifted", hold.id, before={"kind": hold.kind, "object_id": str(hold.object_id)})
    return hold
