"""Reads of exports: one's own; admins see that others' exist, never what is in them."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import select

from app.clients import clients
from app.clients import errors as outside
from app.db.claimable import JobState
from app.db.transaction import release_connection
from app.domain.access import Actor, Permission
from app.domain.clock import utcnow
from app.domain.errors import Gone, NotFound
from app.domain.exports.models import Export
from app.domain.exports.signing import opens_until
from app.domain.messages.reader import reader_for
from app.extensions import db

LISTED = 50


def newest_exports(actor: Actor) -> list[Export]:
    """One's own, for an admin all, the newest first."""
    statement = select(Export).order_by(Export.id.desc()).limit(LISTED)
    if not actor.may(Permission.EXPORT_WHOLE_SEARCHES):
        statement = statement.where(Export.asked_by == actor.user_id)
    return list(db.session.scalars(statement))


def open_export(actor: Actor, export_id: int, signature: str) -> tuple[Export, Iterator[bytes]]:
    """An export of one's own and its bytes. Raises `NotFound`, also without its signature, or `Gone` once it has expired.

    Gone, too, where somebody does not see a channel any more that is in it.
    """
    row = db.session.scalar(select(Export).where(Export.id == export_id, Export.asked_by == actor.user_id))
    until = opens_until(signature, row, actor.user_id) if row is not None and row.state == JobState.DONE else None
    if row is None or until is None:
        raise NotFound(_("There is no such export."))
    if until <= utcnow().timestamp():
        raise Gone(_("This address has expired. Open the page of exports again."))
    if row.expires_at is None or row.expires_at < utcnow():
        raise Gone(_("This export has expired. Ask for a new one."))
    reader = reader_for(actor)
    if not all(reader.sees(int(channel_id)) for channel_id in row.channel_ids):
        raise Gone(_("This export holds messages of a channel that you do not see any more. Ask for a new one."))
    key = key_of(row.file_name)
    release_connection()
    try:
        return row, clients().file_store.open(key)
    except outside.Refused as error:
        raise Gone(_("This export has expired. Ask for a new one.")) from error


def key_of(file_name: str) -> str:
    """Where an export's bytes are kept."""
    return f"exports/{file_name}"
