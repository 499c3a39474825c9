"""Reads of who opened what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from app.domain.messages.models import Message
from app.domain.messages.reader import Reader
from app.domain.viewings.models import Viewing
from app.extensions import db


@dataclass(frozen=True)
class ViewingPage:
    """Viewings with their messages, the newest first; `older` is the one below which the next page begins."""

    rows: Sequence[tuple[Viewing, Message]]
    older: int | None


def viewings_of(message_id: int, *, limit: int = 20) -> Sequence[Viewing]:
    """Who opened one message or a file of it, the last first."""
    newest = (Viewing.last_at.desc(), Viewing.id.desc())
    return db.session.scalars(
        select(Viewing).where(Viewing.message_id == message_id).order_by(*newest).limit(limit)
    ).all()


def list_viewings(reader: Reader, below: int | None = None, *, limit: int = 50) -> ViewingPage:
    """One keyset page, of messages that the reader may see themselves."""
    query = select(Viewing, Message).join(
        Message, and_(Message.tenant_id == Viewing.tenant_id, Message.id == Viewing.message_id)
    )
    if not reader.sees_all:
        query = query.where(Message.channel_id.in_(reader.channels))
    if below is not None:
        place = db.session.scalar(select(Viewing).where(Viewing.id == below))
        if place is not None:
            same = and_(Viewing.last_at == place.last_at, Viewing.id < place.id)
            query = query.where(or_(Viewing.last_at < place.last_at, same))
    query = query.order_by(Viewing.last_at.desc(), Viewing.id.desc())
    found = [(viewing, message) for viewing, message in db.session.execute(query.limit(limit + 1))]
    rows = found[:limit]
    return ViewingPage(rows, rows[-1][0].id if len(found) > limit else None)
