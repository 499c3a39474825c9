"""Withdrawing a file by what it is: unreadable at once, never kept again, and who did it and why stays on record.

The bytes stay in the store, locked away, until retention takes them or the operator destroys them: some finds must be
handed over, not deleted (docs/privacy.md).
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, select, update

from app.clients import clients
from app.clients import errors as outside
from app.contracts.live import Signal, Topic
from app.db.claimable import JobState
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import release_connection, retriable, transaction
from app.db.upsert import bulk_upsert
from app.domain.access import Actor, Permission, SystemActor, requires, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Invalid, NotFound, Unavailable
from app.domain.files import shelf
from app.domain.files.models import LONGEST_REASON, BarredFile, Blob, QuarantinedFile
from app.domain.files.queries import attachment_shown_to
from app.domain.live.service import LIVE, announce
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment, Message
from app.domain.messages.reader import reader_for
from app.extensions import db

MOST_TOLD = 200
"""Messages whose open pages are told at once; others see it when they are next drawn."""
HEX_DIGITS = frozenset("0123456789abcdef")


@requires(Permission.QUARANTINE_FILES)
def quarantine_attachment(actor: Actor, attachment_id: int, reason: str) -> str | None:
    """Withdraw a file from this community; every attachment with the same bytes is withdrawn with it.

    Answers its SHA-256; None where its bytes were never here: then this one attachment is withdrawn. Raises `NotFound` for
    one that is missing or hidden from `actor`, `Invalid` without a reason.
    """
    reason = _checked_reason(reason)
    shown = attachment_shown_to(reader_for(actor), attachment_id)
    return _quarantine(actor, shown.id, reason)


@retriable
def _quarantine(actor: Actor, attachment_id: int, reason: str) -> str | None:
    with transaction():
        usage = shelf.locked_usage()
        row = db.session.scalars(
            select(Attachment).where(Attachment.id == attachment_id).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFound(_("There is no such file."))
        if row.sha256 is not None:
            values = {
                "sha256": row.sha256,
                "reason": reason,
                "quarantined_by": actor.user_id,
                "quarantined_at": utcnow(),
            }
            bulk_upsert(QuarantinedFile, [values])
        those = Attachment.id == row.id if row.sha256 is None else Attachment.sha256 == row.sha256
        _withdraw(those)
        shelf.recount(usage)
        told = {"sha256": row.sha256, "message_id": str(row.message_id), "reason": reason}
        record(AUDIT, actor, "file.quarantined", row.sha256 or row.id, after=told)
        _announce(those)
        return row.sha256


def _announce(those: ColumnElement[bool]) -> None:
    """Open pages that show one of these files look again; who may not see its channel hears nothing."""
    carrying = (
        select(Message.id, Message.channel_id)
        .join(Attachment, (Attachment.tenant_id == Message.tenant_id) & (Attachment.message_id == Message.id))
        .where(those)
        .order_by(Message.id.desc())
        .limit(MOST_TOLD)
    )
    signals = [Signal(Topic.MESSAGES, f"message:{one.id}", one.channel_id) for one in db.session.execute(carrying)]
    if signals:
        announce(LIVE, *signals)


def _withdraw(those: ColumnElement[bool]) -> int:
    """Whoever is fetching one of them loses the claim, and with it the right to say what became of it."""
    done = db.session.execute(
        update(Attachment)
        .where(those)
        .values(kept=Kept.QUARANTINED.value, state=JobState.DONE, lease_token=None, lease_until=None, last_code=None)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


@requires(Permission.QUARANTINE_FILES)
def release_file(actor: Actor, sha256: str) -> None:
    """Take the withdrawal of a file back: what is still in the store can be read again. Raises `NotFound`."""
    _release(actor, sha256)


@retriable
def _release(actor: Actor, sha256: str) -> None:
    with transaction():
        row = db.session.scalar(select(QuarantinedFile).where(QuarantinedFile.sha256 == sha256))
        if row is None:
            raise NotFound(_("This file is not withdrawn."))
        before = {"reason": row.reason, "quarantined_by": str(row.quarantined_by)}
        blob = shelf.locked_blob(sha256)
        usage = shelf.locked_usage()
        db.session.delete(row)
        db.session.flush()
        if not shelf.is_withdrawn(sha256):
            _give_back(sha256, is_here=blob is not None and blob.leaving_at is None)
            _announce(Attachment.sha256 == sha256)
        shelf.recount(usage)
        record(AUDIT, actor, "file.released", sha256, before=before)


def _give_back(sha256: str, *, is_here: bool) -> None:
    """Readable where the bytes are here; otherwise fetched anew as long as Discord has them."""
    again = (
        {"kept": Kept.KEPT.value} if is_here else {"kept": Kept.WAITING.value, "state": JobState.PENDING, "attempts": 0}
    )
    db.session.execute(
        update(Attachment)
        .where(Attachment.sha256 == sha256, Attachment.kept == Kept.QUARANTINED.value)
        .values(**again)
        .execution_options(synchronize_session=False)
    )


@system_only
def bar_file(system: SystemActor, sha256: str, *, reason: str, by: str, destroy: bool = False) -> int:
    """Withdraw a file from every community, whether anybody has it yet or not; how many attachments that are.

    `destroy` deletes its bytes at once. Raises `Invalid` for what is no SHA-256 or without a reason, `Unavailable`
    where the store cannot be reached: the file is unreadable all the same, and the command may be repeated.
    """
    sha256, reason = _checked_hash(sha256), _checked_reason(reason)
    with transaction():
        values = {"sha256": sha256, "reason": reason, "barred_by": by[:100], "barred_at": utcnow()}
        bulk_upsert(BarredFile, [values])
    withdrawn = 0
    for tenant_id in _tenants_with(sha256):
        with tenant_scope(tenant_id):
            withdrawn += _bar_here(system, sha256, reason, by)
    if destroy:
        _destroy(sha256)
    return withdrawn


@retriable
def _bar_here(system: SystemActor, sha256: str, reason: str, by: str) -> int:
    with transaction():
        usage = shelf.locked_usage()
        withdrawn = _withdraw(Attachment.sha256 == sha256)
        _announce(Attachment.sha256 == sha256)
        shelf.recount(usage)
        told = {"sha256": sha256, "reason": reason, "by": by[:100], "attachments": withdrawn}
        record(AUDIT, system, "file.barred", sha256, after=told)
    return withdrawn


def _tenants_with(sha256: str) -> list[int]:
    with all_tenants(reason="the operator withdraws a file from every community that has it"):
        found = select(Attachment.tenant_id).where(Attachment.sha256 == sha256).distinct()
        return list(db.session.scalars(found))


def _destroy(sha256: str) -> None:
    with transaction():
        blob = shelf.locked_blob(sha256)
        if blob is None:
            return
        blob.leaving_at = utcnow()
    release_connection()
    try:
        clients().file_store.delete(shelf.key_of(sha256))
    except outside.Unavailable as error:
        raise Unavailable(_("The file store cannot be reached now."), code=error.code) from error
    with transaction():
        db.session.execute(delete(Blob).where(Blob.sha256 == sha256).execution_options(synchronize_session=False))


@system_only
def unbar_file(system: SystemActor, sha256: str, *, by: str) -> bool:
    """Take the operator's withdrawal back; False where there was none. What communities withdrew themselves stays so."""
    sha256 = _checked_hash(sha256)
    with transaction():
        row = db.session.get(BarredFile, sha256)
        if row is None:
            return False
        db.session.delete(row)
    for tenant_id in _tenants_with(sha256):
        with tenant_scope(tenant_id):
            _unbar_here(system, sha256, by)
    return True


@retriable
def _unbar_here(system: SystemActor, sha256: str, by: str) -> None:
    with transaction():
        blob = shelf.locked_blob(sha256)
        usage = shelf.locked_usage()
        if not shelf.is_withdrawn(sha256):
            _give_back(sha256, is_here=blob is not None and blob.leaving_at is None)
            _announce(Attachment.sha256 == sha256)
        shelf.recount(usage)
        record(AUDIT, system, "file.unbarred", sha256, after={"by": by[:100]})


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Invalid(
            _("The file was not withdrawn."), fields={"reason": _("Say why: whoever asks later must find it here.")}
        )
    return reason[:LONGEST_REASON]


def _checked_hash(sha256: str) -> str:
    word = sha256.strip().lower()
    if len(word) != 64 or not set(word) <= HEX_DIGITS:
        raise Invalid(_("That is no SHA-256: 64 digits from 0 to f."), code="no_sha256")
    return word
