"""Letting files go: when their time is over, and when nobody names their bytes any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, exists, or_, select

from app.clients import clients
from app.clients import errors as outside
from app.config import Timings
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import release_connection, retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.clock import first_snowflake, snowflake_time, utcnow
from app.domain.files import rules, shelf
from app.domain.files.models import Blob, FileUsage
from app.domain.holds.queries import held_message_ids
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment, Message
from app.domain.tenants import retention
from app.extensions import db

ROWS_AT_ONCE = 500
BLOBS_AT_ONCE = 100
MOST_ROUNDS = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LetGo:
    """What one sweep did."""

    expired: int
    """Attachments whose time was over."""
    blobs: int
    """Files that left the store."""


@system_only
def let_files_go(_system: SystemActor) -> LetGo:
    """Expire what was kept as long as its owner said, and delete the bytes that no community names. May be killed anywhere
    and run beside itself."""
    expired = 0
    for tenant_id in _tenants_with_files():
        with tenant_scope(tenant_id):
            expired += _expire_here()
    blobs = _delete_unnamed()
    try:
        clients().file_store.forget_unfinished(_timings().file_grace)
    except outside.Unavailable as error:
        log.warning("files.store_away", extra={"code": error.code})
    return LetGo(expired, blobs)


def _tenants_with_files() -> Sequence[int]:
    with all_tenants(reason="the sweep goes through every community that keeps files"):
        return db.session.scalars(select(FileUsage.tenant_id)).all()


def _expire_here() -> int:
    policy = rules.file_policy()
    days = _shortest_of_files(policy)
    expired, after = 0, (0, 0)
    if days is not None:
        before = first_snowflake(utcnow() - timedelta(days=days))
        for _round in range(MOST_ROUNDS):
            page = _old_page(after, before)
            if not page:
                break
            after = page[-1][:2]
            expired += _expire(_over(page, policy))
    _recount_here()
    return expired


def _shortest_of_files(policy: retention.Policy) -> int | None:
    """Nothing younger than so many days is over by any rule that can concern files."""
    concerned = (retention.Kept.FILES, retention.Kept.MESSAGES)
    return min(
        (days for (_channel, kept), days in policy.rules.items() if kept in concerned and days is not None),
        default=None,
    )


_Old = tuple[int, int, int]
"""(message, attachment, channel)."""


def _old_page(after: tuple[int, int], before: int) -> Sequence[_Old]:
    """The next files with bytes here whose message is older than an id, oldest first."""
    statement = (
        select(Attachment.message_id, Attachment.id, Message.channel_id)
        .outerjoin(Message, (Message.tenant_id == Attachment.tenant_id) & (Message.id == Attachment.message_id))
        .where(
            Attachment.kept.in_(shelf.NAMING),
            Attachment.message_id >= after[0],
            Attachment.message_id < before,
            (Attachment.message_id > after[0]) | (Attachment.id > after[1]),
        )
        .order_by(Attachment.message_id, Attachment.id)
        .limit(ROWS_AT_ONCE)
    )
    return [(row.message_id, row.id, row.channel_id or 0) for row in db.session.execute(statement)]


def _over(page: Sequence[_Old], policy: retention.Policy) -> list[int]:
    now = utcnow()
    over = [one for one in page if _is_over(one, policy, now)]
    held = held_message_ids({message_id for message_id, _id, _channel in over})
    return [attachment_id for message_id, attachment_id, _channel in over if message_id not in held]


def _is_over(one: _Old, policy: retention.Policy, now: datetime) -> bool:
    days = policy.days_for(one[2], retention.Kept.FILES)
    return days is not None and snowflake_time(one[0]) < now - timedelta(days=days)


@retriable
def _expire(attachment_ids: Iterable[int]) -> int:
    ids = list(attachment_ids)
    if not ids:
        return 0
    with transaction():
        usage = shelf.locked_usage()
        rows = db.session.scalars(
            select(Attachment).where(Attachment.id.in_(ids), Attachment.kept.in_(shelf.NAMING)).with_for_update()
        ).all()
        for row in rows:
            row.kept = Kept.EXPIRED.value
        db.session.flush()
        shelf.recount(usage)
    return len(rows)


@retriable
def _recount_here() -> None:
    """Rows of files also go with their messages: what they took up is counted anew."""
    with transaction():
        shelf.recount(shelf.locked_usage())


def _delete_unnamed() -> int:
    """Mark, delete, forget: whoever stores the same bytes meanwhile waits until they are gone, or takes the mark back."""
    deleted = 0
    for _round in range(MOST_ROUNDS):
        marked = _mark_unnamed()
        for sha256 in marked:
            try:
                release_connection()
                clients().file_store.delete(shelf.key_of(sha256))
            except outside.Unavailable as error:
                log.warning("files.store_away", extra={"code": error.code})
                return deleted
            deleted += _forget(sha256)
        if len(marked) < BLOBS_AT_ONCE:
            break
    return deleted


@retriable
def _mark_unnamed() -> list[str]:
    """The blobs to be deleted now: those that nobody has named for a while, and those that a killed sweep left marked."""
    with (
        all_tenants(reason="a blob goes when no community's attachment names it"),
        transaction(),
    ):
        now = utcnow()
        untouched = Blob.touched_at < now - timedelta(seconds=_timings().file_grace)
        left_marked = Blob.leaving_at < now - timedelta(seconds=_timings().lease)
        is_named = exists().where(Attachment.sha256 == Blob.sha256, Attachment.kept.in_(shelf.NAMING))
        found = select(Blob).where(or_(left_marked, Blob.leaving_at.is_(None) & untouched & ~is_named))
        rows = db.session.scalars(
            found.order_by(Blob.touched_at).limit(BLOBS_AT_ONCE).with_for_update(skip_locked=True)
        ).all()
        named = _named_by_now([row.sha256 for row in rows])
        for row in rows:
            row.leaving_at = None if row.sha256 in named else now
        return [row.sha256 for row in rows if row.sha256 not in named]


def _named_by_now(hashes: list[str]) -> set[str]:
    """Asked again under the blobs' locks: the statement that found them may have begun before somebody named one."""
    statement = select(Attachment.sha256).where(Attachment.sha256.in_(hashes), Attachment.kept.in_(shelf.NAMING))
    return set(db.session.scalars(statement.distinct())) if hashes else set()


@retriable
def _forget(sha256: str) -> int:
    with transaction():
        gone = db.session.execute(
            delete(Blob)
            .where(Blob.sha256 == sha256, Blob.leaving_at.is_not(None))
            .execution_options(synchronize_session=False)
        )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
