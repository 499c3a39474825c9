"""What makes exports: asked for as rows, written by the worker in constant memory, gone after a week."""

from __future__ import annotations

import gzip
import secrets
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo, available_timezones

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from app.clients import clients
from app.clients import errors as outside
from app.config import Settings, Timings
from app.contracts.jobs import Job
from app.contracts.live import Signal, Topic
from app.db.claimable import Claim, JobState, claim, database_now, renew, settle
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import on_commit, release_connection, retriable, transaction
from app.domain.access import Actor, Permission, SystemActor, requires, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.exports.cells import BOM, lines
from app.domain.exports.models import Export
from app.domain.exports.queries import key_of
from app.domain.live.service import LIVE, announce
from app.domain.members.models import GuildChannel
from app.domain.members.queries import names_of
from app.domain.messages.grammar import GrammarError, parse
from app.domain.messages.models import Attachment, Message
from app.domain.messages.queries import messages_shown_to
from app.domain.messages.reader import Reader, reader_for
from app.domain.messages.resolving import Resolver
from app.domain.messages.search import find
from app.domain.notifications.kinds import Kind
from app.domain.notifications.service import NOTIFY, open_condition
from app.domain.staff.queries import actor_for
from app.domain.tenants.models import Tenant
from app.extensions import db

EXPORTS = SystemActor("exports")
MOST_ROWS = 10_000
"""What a moderator takes at once, and above which the owner is told."""
ROWS_AT_ONCE = 500
SECONDS_A_PAGE = 10.0
MOST_CUT_PAGES = 30
"""A search that is cut so often finds too little for its trouble."""
MOST_AT_ONCE = 3
"""Exports of one person that wait or are made."""
KEPT_FOR = timedelta(days=7)
CLAIMED_AT_ONCE = 2
COLUMNS = ("id", "written", "edited", "deleted", "deleted by", "channel id", "channel", "author id", "author", "content",
           "other text", "files", "link")  # fmt: skip


@requires(Permission.EXPORT_SEARCHES)
@retriable
def export_search(actor: Actor, query: str, zone: str = "UTC") -> Export:
    """Have everything written to a file that a search finds for this person, or the newest 10,000 for whoever is no admin.

    Raises `Invalid` for what cannot be searched, `Conflict` while three are being made.
    """
    reader = reader_for(actor)
    try:
        Resolver(reader).resolve(parse(query))
    except GrammarError as error:
        raise Invalid(error.message, fields=error.fields) from error
    with transaction():
        waiting = Export.state.in_((JobState.PENDING, JobState.IN_PROGRESS))
        count = select(func.count()).select_from(Export).where(Export.asked_by == actor.user_id, waiting)
        if (db.session.scalar(count) or 0) >= MOST_AT_ONCE:
            raise Conflict(_("Three of your exports are being made. Wait for one, or cancel it."), code="too_many")
        row = Export(
            asked_by=actor.user_id,
            query=query,
            zone=zone if zone in available_timezones() else "UTC",
            most_rows=None if actor.may(Permission.EXPORT_WHOLE_SEARCHES) else MOST_ROWS,
            due_at=database_now(),
        )
        db.session.add(row)
        db.session.flush()
        record(AUDIT, actor, "export.ordered", row.id, after={"query": query})
        on_commit(lambda: clients().job_queue.wake(Job.RUN_EXPORTS))
    return row


@requires(Permission.EXPORT_SEARCHES)
@retriable
def cancel_export(actor: Actor, export_id: int) -> None:
    """Stop an export of one's own, or take its file away. Raises `NotFound`."""
    with transaction():
        own = select(Export).where(Export.id == export_id, Export.asked_by == actor.user_id)
        row = db.session.scalar(own.with_for_update())
        if row is None:
            raise NotFound(_("There is no such export."))
        if row.state == JobState.DONE:
            row.expires_at = utcnow()
        elif row.state in (JobState.PENDING, JobState.IN_PROGRESS):
            row.state, row.lease_token, row.lease_until = JobState.CANCELLED, None, None
        record(AUDIT, actor, "export.cancelled", row.id)
        announce(LIVE, Signal(Topic.EXPORTS, f"export:{row.id}"))


@system_only
def run_exports(_system: SystemActor) -> int:
    """Make every export that is due, and delete what has expired. Answers how many were made."""
    with all_tenants(reason="the due exports of every community are claimed together"):
        waiting = Export.state.in_((JobState.PENDING, JobState.IN_PROGRESS))
        is_due = select(Export.id).where(waiting, Export.due_at <= utcnow()).limit(1)
        due = db.session.scalar(is_due) is not None
        claimed = claim(Export, CLAIMED_AT_ONCE, _timings().lease) if due else []
        over = db.session.execute(
            select(Export.tenant_id, Export.id, Export.file_name)
            .where(Export.file_name != "", or_(Export.expires_at < utcnow(), Export.asked_by.is_(None)))
            .limit(20)
        ).all()
    for one in claimed:
        with tenant_scope(one.row.tenant_id):
            _make(one)
    for tenant_id, export_id, file_name in over:
        with tenant_scope(tenant_id):
            _delete(export_id, file_name)
    return len(claimed)


class _Stopped(Exception):
    """Somebody cancelled it, or another worker has it by now."""


def _make(one: Claim[Export]) -> None:
    row, token = one.row, one.token
    actor = actor_for(db.session.get_one(Tenant, row.tenant_id), row.asked_by) if row.asked_by else None
    if actor is None or not actor.may(Permission.EXPORT_SEARCHES):
        settle(Export, token, JobState.FAILED, code="no_access", finished_at=utcnow())
        return
    # A name of this claim alone: a claimer that was thought dead cannot overwrite what another made.
    name = f"{row.id}-{secrets.token_hex(16)}.csv.gz"
    with tempfile.TemporaryFile() as scratch:
        file = cast(BinaryIO, scratch)
        try:
            written = _Writing(one, actor).write(file)
        except _Stopped:
            return
        except (GrammarError, Forbidden) as error:
            settle(Export, token, JobState.FAILED, code=str(error.code)[:64], finished_at=utcnow())
            return
        size = file.tell()
        file.seek(0)
        release_connection()
        try:
            clients().file_store.put(key_of(name), file, size)
        except outside.Unavailable as error:
            settle(Export, token, JobState.PENDING, code=error.code, retry_in=_timings().retry(3), attempts=0)
            return
    outcome = {"file_name": name, "size": size, "expires_at": utcnow() + KEPT_FOR, **written}
    if not _finished(one, actor, outcome):
        clients().file_store.delete(key_of(name))


@retriable
def _finished(one: Claim[Export], actor: Actor, outcome: dict[str, Any]) -> bool:
    with transaction():
        if not settle(Export, one.token, JobState.DONE, finished_at=utcnow(), **outcome):
            return False
        record(AUDIT, EXPORTS, "export.made", one.row.id, after={"rows": outcome["rows_done"]})
        if outcome["rows_done"] > MOST_ROWS:
            owner_id = db.session.get_one(Tenant, actor.tenant_id).owner_id
            open_condition(NOTIFY, Kind.LARGE_EXPORT, user_ids=[owner_id], subject=str(one.row.id))
        announce(LIVE, Signal(Topic.EXPORTS, f"export:{one.row.id}"))
    return True


class _Writing:
    """One run through everything that a search finds, newest first, a page at a time."""

    def __init__(self, one: Claim[Export], actor: Actor) -> None:
        self._claim = one
        self._actor = actor
        self._query, self._zone, self._most = one.row.query, ZoneInfo(one.row.zone), one.row.most_rows
        self._guild = f"{_settings().public_url}/servers/{actor.guild_id}/messages"
        self._channels: dict[int, str] = {}
        self._done = 0
        self._is_cut = False

    def write(self, file: BinaryIO) -> dict[str, Any]:
        """Write all rows; answers what the export's row says of them. Raises `_Stopped`, `GrammarError`, `Forbidden`."""
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
            packed.write((BOM + lines([COLUMNS])).encode())
            for page in self._pages():
                packed.write(lines(page).encode("utf-8", "replace"))
        return {
            "rows_done": self._done,
            "is_cut": self._is_cut,
            "channel_ids": [str(channel_id) for channel_id in sorted(self._channels)],
        }

    def _pages(self) -> Iterator[list[tuple[object, ...]]]:
        before: int | None = None
        cut_pages = 0
        while True:
            reader = reader_for(self._actor)  # for each page: what was taken from them meanwhile is not written
            matcher = Resolver(reader, self._zone).resolve(parse(self._query))
            wanted = ROWS_AT_ONCE if self._most is None else min(ROWS_AT_ONCE, self._most - self._done)
            if wanted <= 0:
                self._is_cut = bool(find(reader, matcher, before=before, limit=1, seconds=SECONDS_A_PAGE).ids)
                return
            found = find(reader, matcher, before=before, limit=wanted, seconds=SECONDS_A_PAGE)
            yield self._rows(reader, found.ids)
            before = found.older
            cut_pages = cut_pages + 1 if found.is_cut and not found.ids else 0
            if cut_pages >= MOST_CUT_PAGES:
                self._is_cut = True
                return
            self._tell_progress()
            if before is None:
                return

    def _rows(self, reader: Reader, ids: tuple[int, ...]) -> list[tuple[object, ...]]:
        messages = messages_shown_to(reader, ids)
        shown = [messages[one] for one in ids if one in messages]
        self._learn_channels({message.channel_id for message in shown})
        files = _files_of(ids)
        people = names_of({message.deleted_by for message in shown if message.deleted_by})
        self._done += len(shown)
        return [self._row(message, files.get(message.id, []), people) for message in shown]

    def _row(self, message: Message, files: list[str], people: dict[int, str]) -> tuple[object, ...]:
        deleted_by = people.get(message.deleted_by, str(message.deleted_by)) if message.deleted_by else ""
        other = (message.extra_text or "").replace("\x1e", "\n")
        return (
            message.id, _iso(message.sent_at), _iso(message.edited_at), _iso(message.deleted_at), deleted_by,
            message.channel_id, self._channels[message.channel_id], message.author_id, message.author_name,
            message.content, other, "\n".join(files), f"{self._guild}/{message.id}",
        )  # fmt: skip

    def _learn_channels(self, ids: set[int]) -> None:
        unknown = ids - self._channels.keys()
        if unknown:
            named = select(GuildChannel.id, GuildChannel.name).where(GuildChannel.id.in_(unknown))
            names = {one: name for one, name in db.session.execute(named)}
            self._channels.update((one, names.get(one, "")) for one in unknown)

    def _tell_progress(self) -> None:
        """Keep the claim and say how far it is. Raises `_Stopped` where it is somebody else's or nobody's by now."""
        release_connection()
        db.session.expunge_all()
        with transaction():
            if not renew(Export, self._claim.token, _timings().lease):
                raise _Stopped()
            row = db.session.scalar(select(Export).where(Export.lease_token == self._claim.token))
            if row is not None:
                row.rows_done = self._done
            announce(LIVE, Signal(Topic.EXPORTS, "progress"))


def _files_of(ids: tuple[int, ...]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    if ids:
        named = select(Attachment.message_id, Attachment.filename).where(Attachment.message_id.in_(ids))
        for message_id, filename in db.session.execute(named.order_by(Attachment.id)):
            found.setdefault(message_id, []).append(filename)
    return found


def _delete(export_id: int, file_name: str) -> None:
    release_connection()
    try:
        clients().file_store.delete(key_of(file_name))
    except outside.Unavailable:
        return  # the next round tries again
    with transaction():
        row = db.session.scalar(select(Export).where(Export.id == export_id))
        if row is not None:
            row.file_name, row.size = "", 0


def _iso(moment: Any) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else ""


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _timings() -> Timings:
    return _settings().timings
