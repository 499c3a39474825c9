"""Noting who opened what was deleted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.db.transaction import transaction
from app.domain.access import Actor, Permission, requires
from app.domain.clock import utcnow
from app.domain.messages.models import Message
from app.domain.viewings.models import Viewing
from app.extensions import db

ONE_SITTING = timedelta(minutes=10)


@requires(Permission.SEARCH_MESSAGES)
def note_viewing(actor: Actor, message: Message, attachment_id: int | None = None) -> None:
    """Note that `actor` was shown a deleted message, or a file of one; of others nothing is noted.

    Within ten minutes of the last time it is the same looking.
    """
    if message.deleted_at is None:
        return
    of_this = select(Viewing).where(
        Viewing.message_id == message.id,
        Viewing.viewer_id == actor.user_id,
        Viewing.attachment_id.is_(None) if attachment_id is None else Viewing.attachment_id == attachment_id,
    )
    with transaction():
        known = db.session.scalars(of_this.order_by(Viewing.last_at.desc()).limit(1)).one_or_none()
        now = utcnow()
        if known is None:
            db.session.add(Viewing(message_id=message.id, attachment_id=attachment_id, viewer_id=actor.user_id))
        elif now - known.last_at >= ONE_SITTING:
            known.last_at = now
            known.times += 1
