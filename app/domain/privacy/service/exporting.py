"""A copy of what one community keeps about one person, for that person: a zip of JSON, made by the worker."""

from __future__ import annotations

import json
import secrets
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any, BinaryIO, cast

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import DeclarativeBase

from app.clients import clients
from app.clients import errors as outside
from app.config import Timings
from app.contracts.jobs import Job
from app.db.claimable import Claim, JobState, claim, database_now, renew, settle
from app.db.personal import Erase, mapped_tables, personal_columns
from app.db.scope import all_tenants, current_tenant_id, tenant_scope
from app.db.transaction import on_commit, release_connection, retriable, transaction
from app.domain.access import SystemActor, signed_in, system_only
from app.domain.clock import utcnow
from app.domain.errors import Gone, NotFound
from app.domain.messages.models import Attachment, Message, MessageRevision
from app.domain.moderation.models import Case
from app.domain.privacy import queries
from app.domain.privacy.models import PersonalExport
from app.domain.tenants.models import Tenant
from app.extensions import db

KEPT_FOR = timedelta(days=7)
MESSAGES_AT_ONCE = 500
CLAIMED_AT_ONCE = 2
OF_A_CASE = ("number", "kind", "status", "reason", "created_at", "expires_at", "settled_at")
"""Of a case its subject gets what was done and why; who acted stays with the community."""
OF_A_MESSAGE = ("id", "channel_id", "author_name", "content", "extra_text", "body", "deleted_at", "reply_to_id")
NOT_TOLD = frozenset({"lease_token", "lease_until", "salt"})


@signed_in
@retriable
def ask_for_copy(user_id: int, guild_id: int) -> PersonalExport:
    """Have a copy made of what a community keeps about me; one that is being made, or is an hour young, is answered.

    Raises `NotFound` where it keeps nothing.
    """
    tenant = queries.community_keeping(user_id, guild_id)
    with tenant_scope(tenant.id), transaction():
        fresh = select(PersonalExport).where(
            PersonalExport.user_id == user_id,
            PersonalExport.state != JobState.FAILED,
            PersonalExport.asked_at > utcnow() - timedelta(hours=1),
        )
        known = db.session.scalar(fresh.limit(1))
        if known is not None:
            return known
        row = PersonalExport(user_id=user_id, asked_at=utcnow(), due_at=database_now())
        db.session.add(row)
        db.session.flush()
        on_commit(lambda: clients().job_queue.wake(Job.RUN_PRIVACY_JOBS))
    return row


@signed_in
def open_copy(user_id: int, guild_id: int, export_id: int) -> Iterator[bytes]:
    """The bytes of my copy. Raises `NotFound` for what is not mine or not ready, `Gone` once it has expired."""
    tenant = queries.community_keeping(user_id, guild_id)
    with tenant_scope(tenant.id):
        row = db.session.scalar(
            select(PersonalExport).where(PersonalExport.id == export_id, PersonalExport.user_id == user_id)
        )
        if row is None or row.state != JobState.DONE:
            raise NotFound(_("There is no such copy."))
        if row.expires_at is None or row.expires_at < utcnow():
            raise Gone(_("This copy has expired. Ask for a new one."))
        key = _key(row.file_name)
    release_connection()
    try:
        return clients().file_store.open(key)
    except outside.Refused as error:
        raise Gone(_("This copy has expired. Ask for a new one.")) from error


@system_only
def run_personal_exports(_system: SystemActor) -> int:
    """Make every copy that is due, and delete what has expired. Answers how many were made."""
    with all_tenants(reason="the due copies of every community are claimed together"):
        waiting = PersonalExport.state.in_((JobState.PENDING, JobState.IN_PROGRESS))
        is_due = select(PersonalExport.id).where(waiting, PersonalExport.due_at <= utcnow()).limit(1)
        due = db.session.scalar(is_due) is not None
        claimed = claim(PersonalExport, CLAIMED_AT_ONCE, _timings().lease) if due else []
        over = db.session.execute(
            select(PersonalExport.tenant_id, PersonalExport.id, PersonalExport.file_name)
            .where(or_(PersonalExport.expires_at < utcnow(), PersonalExport.user_id.is_(None)))
            .limit(20)
        ).all()
    for one in claimed:
        with tenant_scope(one.row.tenant_id):
            _make(one)
    for tenant_id, export_id, file_name in over:
        with tenant_scope(tenant_id):
            _delete(export_id, file_name)
    return len(claimed)


def _make(one: Claim[PersonalExport]) -> None:
    user_id, export_id, token = one.row.user_id, one.row.id, one.token
    if user_id is None:
        settle(PersonalExport, token, JobState.CANCELLED)
        return
    # A name of this claim alone: a claimer that was thought dead cannot overwrite what another made.
    name = f"{export_id}-{secrets.token_hex(16)}.zip"
    with tempfile.TemporaryFile() as scratch:
        file = cast(BinaryIO, scratch)
        counts = _write(file, one.row.tenant_id, user_id, token)
        size = file.tell()
        file.seek(0)
        release_connection()
        try:
            clients().file_store.put(_key(name), file, size)
        except outside.Unavailable as error:
            settle(PersonalExport, token, JobState.PENDING, code=error.code, retry_in=_timings().retry(3), attempts=0)
            return
    now = utcnow()
    outcome: dict[str, Any] = {
        "file_name": name,
        "size": size,
        "counts": counts,
        "finished_at": now,
        "expires_at": now + KEPT_FOR,
    }
    if not settle(PersonalExport, token, JobState.DONE, **outcome):
        clients().file_store.delete(_key(name))


def _write(file: BinaryIO, tenant_id: int, user_id: int, token: str) -> dict[str, int]:
    tenant = db.session.get_one(Tenant, tenant_id)
    about = {"community": tenant.name, "guild_id": str(tenant.guild_id), "person": str(user_id), "made_at": utcnow()}
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", _json(about))
        with archive.open("messages.jsonl", "w", force_zip64=True) as lines:
            counts["messages"] = _write_messages(lines, user_id, token)
        cases = db.session.scalars(select(Case).where(Case.target_id == user_id).order_by(Case.number)).all()
        counts["cases"] = len(cases)
        archive.writestr("cases.json", _json([{name: getattr(case, name) for name in OF_A_CASE} for case in cases]))
        for name, model, rows in _other_rows(user_id):
            if rows:
                counts[name] = len(rows)
                archive.writestr(f"{name}.json", _json([_told(model, row, user_id) for row in rows]))
    return counts


def _write_messages(lines: IO[bytes], user_id: int, token: str) -> int:
    """One message a line, with its earlier versions and files; the whole archive of somebody never stands in memory."""
    written, after = 0, 0
    while True:
        own = select(Message).where(Message.author_id == user_id, Message.id > after)
        page = db.session.scalars(own.order_by(Message.id).limit(MESSAGES_AT_ONCE)).all()
        ids = [message.id for message in page]
        versions = _by_message(MessageRevision, ids)
        files = _by_message(Attachment, ids)
        for message in page:
            told = {name: getattr(message, name) for name in OF_A_MESSAGE} | {"written_at": message.sent_at}
            told["earlier_versions"] = [
                {"written_at": one.written_at, "content": one.content} for one in versions.get(message.id, ())
            ]
            told["files"] = [{"filename": one.filename, "size": one.size} for one in files.get(message.id, ())]
            lines.write(_json(told, indent=None) + b"\n")
        written += len(page)
        if len(page) < MESSAGES_AT_ONCE:
            return written
        after = ids[-1]
        release_connection()
        db.session.expunge_all()
        renew(PersonalExport, token, _timings().lease)


def _by_message(model: Any, ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    if ids:
        for row in db.session.scalars(select(model).where(model.message_id.in_(ids))):
            found.setdefault(row.message_id, []).append(row)
    return found


def _other_rows(user_id: int) -> Iterator[tuple[str, type[DeclarativeBase], list[Any]]]:
    """Every other table of the community whose rows are about a person, by what it says of itself."""
    for name, model in sorted(mapped_tables().items()):
        table: Any = model.__table__
        if "tenant_id" not in table.columns or name in ("messages", "cases", "erasures", "holds"):
            continue
        for column, declared in personal_columns(table):
            is_about = declared.erase is Erase.ROW or (name, column.name) in _ABOUT
            if is_about:
                rows = select(model).where(column == user_id)
                if name in ("memberships", "invitations", "role_grants"):
                    rows = rows.where(table.c.tenant_id == current_tenant_id())
                yield name, model, list(db.session.scalars(rows))


_ABOUT = frozenset({("guild_members", "user_id"), ("erasure_requests", "user_id")})


def _told(model: type[DeclarativeBase], row: Any, user_id: int) -> dict[str, Any]:
    """A row without those who acted: they stay with the community."""
    names = {column.name for column, declared in personal_columns(model.__table__) if declared.erase is Erase.BLANK}  # type: ignore[arg-type]
    return {
        attribute.key: getattr(row, attribute.key)
        for attribute in inspect(model).column_attrs
        if attribute.key not in NOT_TOLD and attribute.key != "tenant_id"
        if attribute.columns[0].name not in names or getattr(row, attribute.key) == user_id
    }


def _json(value: Any, indent: int | None = 2) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_spelled).encode()


def _spelled(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _delete(export_id: int, file_name: str) -> None:
    """The bytes first: a row without them says "expired", bytes without a row nobody would find."""
    if file_name:
        release_connection()
        try:
            clients().file_store.delete(_key(file_name))
        except outside.Unavailable:
            return
    with transaction():
        row = db.session.scalar(select(PersonalExport).where(PersonalExport.id == export_id))
        if row is not None:
            db.session.delete(row)


def _key(file_name: str) -> str:
    return f"personal-exports/{file_name}"


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
