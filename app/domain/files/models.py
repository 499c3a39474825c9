"""Blobs (global, by what they are), and what each community has of them."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.personal import Erase, impersonal, names_person
from app.domain.clock import utcnow

SHA256_DIGITS = 64
LONGEST_REASON = 512


class Blob(Model):
    """Some bytes in the file store. Global: whoever has the same file has the same blob.

    The row is written before the bytes and deleted after them, so that nothing lies in the store that no row names.
    Only a tenant's `Attachment` leads here.
    """

    __tablename__ = "blobs"
    __table_args__ = (Index(None, "touched_at"), Index(None, "leaving_at"))

    sha256: Mapped[str] = mapped_column(String(SHA256_DIGITS), primary_key=True, info=impersonal())
    size: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    content_type: Mapped[str] = mapped_column(String(100), info=impersonal())
    """Read from the bytes themselves; what nobody knows is `application/octet-stream`."""
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    """When somebody last stored it: from then on it has a while to be named."""
    leaving_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """Set while its bytes are being deleted: whoever wants to store them again waits."""


class FileUsage(TenantScoped, Model):
    """What a community's kept files take up. One row per tenant, changed with the rows that it counts."""

    __tablename__ = "file_usage"

    files: Mapped[int] = mapped_column(default=0)
    """Attachments whose bytes are kept."""
    kept_bytes: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """Each blob once, however many messages carry it."""


class QuarantinedFile(TenantScoped, Model):
    """A file that an admin withdrew from this community: nobody reads it, and it is not kept again."""

    __tablename__ = "quarantined_files"

    sha256: Mapped[str] = mapped_column(String(SHA256_DIGITS), primary_key=True, info=impersonal())
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), info=impersonal())
    quarantined_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who withdrew a file"))
    )
    quarantined_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class BarredFile(Model):
    """A file that the operator withdrew from every community. Global."""

    __tablename__ = "barred_files"

    sha256: Mapped[str] = mapped_column(String(SHA256_DIGITS), primary_key=True, info=impersonal())
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), info=impersonal())
    barred_by: Mapped[str] = mapped_column(String(100), info=impersonal())
    """Whoever ran the command, by the machine's own name for them."""
    barred_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
