"""Rows that say what is kept: blobs, the count of a community's bytes, and which files are withdrawn.

Everything here runs inside the transaction of the verb that calls it. Locks are taken in one order: blob, usage, attachments.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from app.db.upsert import bulk_upsert
from app.domain.clock import utcnow
from app.domain.files.models import BarredFile, Blob, FileUsage, QuarantinedFile
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment
from app.extensions import db

NAMING = (Kept.KEPT.value, Kept.QUARANTINED.value)
"""An attachment in one of these states names its blob: the bytes stay."""


def key_of(sha256: str) -> str:
    """Where the bytes are in the file store."""
    return f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def announce_blob(sha256: str, size: int, content_type: str) -> bool:
    """Note that these bytes are about to be stored. False while the same ones are being deleted: come again later."""
    row = locked_blob(sha256)
    if row is not None and row.leaving_at is not None:
        return False
    values = {"sha256": sha256, "size": size, "content_type": content_type, "touched_at": utcnow(), "leaving_at": None}
    bulk_upsert(Blob, [values], update=["touched_at"])
    return True


def locked_blob(sha256: str) -> Blob | None:
    """The row of these bytes, locked until commit."""
    return db.session.scalars(
        select(Blob).where(Blob.sha256 == sha256).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()


def locked_usage() -> FileUsage:
    """This community's count, locked until commit: whoever changes what is kept takes it first."""
    bulk_upsert(FileUsage, [{"files": 0, "kept_bytes": 0}], update=[])
    return db.session.scalars(select(FileUsage).with_for_update().execution_options(populate_existing=True)).one()


def recount(usage: FileUsage) -> None:
    """Set the count of this community from its rows."""
    usage.files = (
        db.session.scalar(select(func.count()).select_from(Attachment).where(Attachment.kept == Kept.KEPT.value)) or 0
    )
    named = select(Attachment.sha256).where(Attachment.kept == Kept.KEPT.value).distinct()
    usage.kept_bytes = int(db.session.scalar(select(func.sum(Blob.size)).where(Blob.sha256.in_(named))) or 0)


def is_kept_here(sha256: str, *, besides: Collection[int] = ()) -> bool:
    """True where another attachment of this community has the same bytes kept: they count once."""
    found = select(Attachment.id).where(
        Attachment.sha256 == sha256, Attachment.kept == Kept.KEPT.value, Attachment.id.not_in(besides)
    )
    return db.session.scalar(found.limit(1)) is not None


def is_withdrawn(sha256: str) -> bool:
    """True where an admin withdrew this file from this community, or the operator from all."""
    barred = select(BarredFile.sha256).where(BarredFile.sha256 == sha256)
    quarantined = select(QuarantinedFile.sha256).where(QuarantinedFile.sha256 == sha256)
    return db.session.scalar(barred) is not None or db.session.scalar(quarantined) is not None
