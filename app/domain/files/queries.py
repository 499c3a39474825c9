"""Reads of kept files. What a person reads takes a `Reader`; hidden is the same as missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.clients import clients
from app.clients import errors as outside
from app.db.claimable import JobState
from app.db.scope import all_tenants
from app.db.transaction import release_connection
from app.domain.billing.plans import Plan, plan_of
from app.domain.clock import snowflake_time
from app.domain.errors import NotFound, Unavailable
from app.domain.files import kinds, rules, shelf
from app.domain.files.models import BarredFile, Blob, FileUsage, QuarantinedFile
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment, Message
from app.domain.messages.reader import Reader
from app.domain.staff.queries import standing_of
from app.domain.tenants import retention
from app.domain.tenants.models import Tenant
from app.extensions import db


@dataclass(frozen=True)
class ShownAttachment:
    """An attachment that a reader may see, and whether its bytes are here."""

    id: int
    message_id: int
    channel_id: int
    filename: str
    url: str
    kept: Kept
    sha256: str | None
    size: int
    content_type: str
    """Read from the bytes where they are here; else what Discord says, which is its sender's word."""

    @property
    def is_here(self) -> bool:
        """True where `read_bytes` has something to read."""
        return self.kept is Kept.KEPT and self.sha256 is not None


def attachment_shown_to(reader: Reader, attachment_id: int) -> ShownAttachment:
    """One attachment. Raises `NotFound` where it is missing or its message hidden from `reader`.

    A file that was withdrawn while it was being kept is withdrawn here too, before its row says so.
    """
    statement = (
        select(Attachment, Message.channel_id, Blob, BarredFile.sha256, QuarantinedFile.sha256)
        .join(Message, (Message.tenant_id == Attachment.tenant_id) & (Message.id == Attachment.message_id))
        .outerjoin(Blob, Blob.sha256 == Attachment.sha256)
        .outerjoin(BarredFile, BarredFile.sha256 == Attachment.sha256)
        .outerjoin(
            QuarantinedFile,
            (QuarantinedFile.tenant_id == Attachment.tenant_id) & (QuarantinedFile.sha256 == Attachment.sha256),
        )
        .where(Attachment.id == attachment_id)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None or not reader.sees(row[1]):
        raise NotFound(_("There is no such file."))
    attachment, channel_id, blob, barred, quarantined = row
    kept = Kept.QUARANTINED if barred or quarantined else _kept(attachment)
    is_here = kept is Kept.KEPT and blob is not None
    return ShownAttachment(
        id=attachment.id,
        message_id=attachment.message_id,
        channel_id=channel_id,
        filename=attachment.filename,
        url=attachment.url,
        kept=kept,
        sha256=attachment.sha256,
        size=blob.size if is_here else attachment.size,
        content_type=blob.content_type if is_here else attachment.content_type,
    )


def read_bytes(shown: ShownAttachment, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes of a file that is here. Raises `NotFound` where the store has lost them, `Unavailable` where it is away."""
    assert shown.is_here and shown.sha256 is not None
    release_connection()
    try:
        return clients().file_store.open(shelf.key_of(shown.sha256), start=start, length=length)
    except outside.Refused as error:
        raise NotFound(_("There is no such file."), code=error.code) from error
    except outside.Unavailable as error:
        raise Unavailable(_("The file store cannot be reached now."), code=error.code) from error


def is_withdrawn(sha256: str) -> bool:
    """True where these bytes may not be shown here, wherever they come from."""
    return shelf.is_withdrawn(sha256)


def is_withdrawn_from(viewer_id: int | None, sha256: str) -> bool:
    """True where the operator withdrew these bytes from everybody, or a community that this person works in did.

    For addresses that name no community.
    """
    if db.session.scalar(select(BarredFile.sha256).where(BarredFile.sha256 == sha256)) is not None:
        return True
    if viewer_id is None:
        return False
    with all_tenants(reason="an address of another host's picture names no community"):
        withdrawn = select(QuarantinedFile.tenant_id).where(QuarantinedFile.sha256 == sha256)
        tenant_ids = list(db.session.scalars(withdrawn))
    return any(standing_of(tenant_id, viewer_id) is not None for tenant_id in tenant_ids)


@dataclass(frozen=True)
class FileState:
    """What a page says of one attachment."""

    id: int
    message_id: int
    kept: Kept
    content_type: str
    """As in `ShownAttachment`."""
    until: datetime | None
    """When retention takes it; None where it is kept for good, or not kept."""

    @property
    def family(self) -> str:
        """`image`, `video`, `audio`: shown in the page; `file`: offered for saving."""
        return kinds.family(self.content_type)


def file_states(messages: Collection[Message]) -> Mapping[int, FileState]:
    """What became of every attachment of these messages, which the caller may show; by the attachment's id."""
    channels = {message.id: message.channel_id for message in messages}
    if not channels:
        return {}
    statement = (
        select(Attachment, Blob.content_type)
        .outerjoin(Blob, Blob.sha256 == Attachment.sha256)
        .where(Attachment.message_id.in_(channels))
    )
    rows = db.session.execute(statement).all()
    policy = rules.file_policy() if rows else None
    found = {}
    for attachment, content_type in rows:
        kept = _kept(attachment)
        days = policy.days_for(channels[attachment.message_id], retention.Kept.FILES) if policy else None
        ends = snowflake_time(attachment.message_id) + timedelta(days=days) if days is not None else None
        found[attachment.id] = FileState(
            attachment.id,
            attachment.message_id,
            kept,
            content_type if kept is Kept.KEPT and content_type else attachment.content_type,
            ends if kept is Kept.KEPT else None,
        )
    return found


def _kept(row: Attachment) -> Kept:
    """A row whose work was given up says so, whatever it last said of itself."""
    kept = Kept(row.kept)
    return Kept.UNREACHABLE if kept is Kept.WAITING and row.state == JobState.FAILED else kept


@dataclass(frozen=True)
class Usage:
    """What a community's files take up, against what its plan allows."""

    files: int
    kept_bytes: int
    plan: Plan
    by_state: Mapping[Kept, int]
    """How many attachments are in each state."""
    days: int | None
    """How long files are kept, where no channel has a rule of its own."""

    @property
    def share(self) -> float | None:
        """How much of the limit is used, 0 to 1 and beyond; None without a limit."""
        limit = self.plan.files_bytes
        return None if limit is None else self.kept_bytes / limit if limit else 1.0

    @property
    def is_full(self) -> bool:
        """True where new files are not kept any more."""
        return self.share is not None and self.share >= 1


def usage_of(tenant: Tenant) -> Usage:
    """The usage of this community, in its scope."""
    row = db.session.scalars(select(FileUsage)).one_or_none()
    counted = db.session.execute(select(Attachment.kept, func.count()).group_by(Attachment.kept)).all()
    days = rules.file_policy().days_for(retention.EVERYWHERE, retention.Kept.FILES)
    return Usage(
        files=row.files if row else 0,
        kept_bytes=row.kept_bytes if row else 0,
        plan=plan_of(tenant.plan),
        by_state={Kept(kept): count for kept, count in counted},
        days=days,
    )


def quarantined_files(limit: int = 200) -> Sequence[QuarantinedFile]:
    """What admins withdrew from this community, newest first."""
    statement = select(QuarantinedFile).order_by(QuarantinedFile.quarantined_at.desc()).limit(limit)
    return db.session.scalars(statement).all()


def barred_files() -> Sequence[BarredFile]:
    """What the operator withdrew from everybody, newest first."""
    return db.session.scalars(select(BarredFile).order_by(BarredFile.barred_at.desc())).all()
