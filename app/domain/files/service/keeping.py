"""Fetching the bytes of attached files while Discord's links live.

The queue is the attachments' own rows. Bytes go to a nameless file on disk, then, once the row of their blob is written,
into the store, then the attachment names them: whoever is killed in between leaves a claim that runs out and is done
again, and at worst a blob that nobody names, which the sweep takes away.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

from flask import current_app
from sqlalchemy import ColumnElement

from app.clients import clients
from app.clients import errors as outside
from app.config import Settings, Timings
from app.contracts.live import Signal, Topic
from app.db.claimable import Claim, JobState, claim, renew, settle
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.clock import first_snowflake, utcnow
from app.domain.files import kinds, links, rules, shelf
from app.domain.live.service import LIVE, announce
from app.domain.messages.images import is_on_discord
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment
from app.domain.tenants.models import Tenant
from app.extensions import db

FILES = SystemActor("files")

CLAIMED_AT_ONCE = 4
FETCH_SECONDS = 60.0
"""One file, from the first byte to the last."""
RUN_SECONDS = 45.0
"""After this long the rest waits for the next sweep, so that a worker can end."""
FRESH = timedelta(days=1)
MOST_ATTEMPTS = 30
"""Two hours at the longest pause; then it says that the file could not be fetched."""

_GONE = frozenset({"status_401", "status_403", "status_404", "status_410"})

log = logging.getLogger(__name__)
_one_run = threading.Lock()


@dataclass(frozen=True)
class _Outcome:
    """What the row says from now on. `retry_in` puts it back in the queue."""

    kept: Kept
    code: str | None = None
    sha256: str | None = None
    retry_in: float | None = None


@system_only
def keep_due_files(system: SystemActor) -> int:
    """Fetch every file that is due, the newest first, and say of each what became of it. Answers how many were settled.

    One run at a time in a process: a worker has other things to do besides.
    """
    if not _one_run.acquire(blocking=False):
        return 0
    try:
        return _keep_due_files(system)
    finally:
        _one_run.release()


def _keep_due_files(system: SystemActor) -> int:
    settled, ends = 0, time.monotonic() + RUN_SECONDS
    served: set[int] = set()
    while time.monotonic() < ends:
        claimed = _claimed(served)
        for one in claimed:
            # The first of them took its time: whoever has the claim by now does it.
            if _is_still_ours(one):
                with tenant_scope(one.row.tenant_id):
                    _keep(system, one)
                settled += 1
        if not claimed:
            break
    return settled


def _claimed(served: set[int]) -> list[Claim[Attachment]]:
    """The next few. Links of new files are the surest, and new messages are what people look at: history waits for them.

    Communities take turns: `served` had theirs, until nobody else waits.
    """
    fresh = Attachment.message_id >= first_snowflake(utcnow() - FRESH)
    others = Attachment.tenant_id.not_in(served)
    with all_tenants(reason="the due files of every community are claimed together"):
        for lane in (fresh, ~fresh):
            claimed = _some(lane & others) if served else []
            if not claimed:
                claimed = _some(lane)
                served.clear()
            if claimed:
                served.update(one.row.tenant_id for one in claimed)
                return claimed
    return []


def _some(those: ColumnElement[bool]) -> list[Claim[Attachment]]:
    return claim(Attachment, CLAIMED_AT_ONCE, _timings().file_lease, only=those)


def _is_still_ours(one: Claim[Attachment]) -> bool:
    with tenant_scope(one.row.tenant_id):
        return renew(Attachment, one.token, _timings().file_lease)


def _keep(system: SystemActor, one: Claim[Attachment]) -> None:
    row = one.row
    limits = rules.limits_here(row)
    refused = rules.refusal_before(row, limits)
    if refused is not None:
        _settled(one, _Outcome(refused), limits)
        return
    with tempfile.TemporaryFile(dir=_scratch_folder()) as scratch:
        file = cast(BinaryIO, scratch)
        try:
            outcome = _fetched(system, row, file, limits)
        except outside.Unavailable as error:
            outcome = _again(row, error.code, error.retry_after)
        except outside.Refused as error:
            outcome = _Outcome(Kept.TOO_LARGE if error.code == "too_large" else Kept.UNREACHABLE, error.code)
        except links.NoLinkAnyMore as error:
            outcome = _Outcome(Kept.GONE, str(error))
    _settled(one, outcome, limits)


def _fetched(system: SystemActor, row: Attachment, file: BinaryIO, limits: rules.Limits) -> _Outcome:
    size, sha256 = _downloaded(system, row, file, limits.largest_file_bytes)
    head = _head_of(file)
    content_type = kinds.kind_of(head)
    if kinds.is_program(row.filename, head) or not kinds.is_allowed(content_type, limits.kinds):
        return _Outcome(Kept.WRONG_KIND, sha256=sha256)
    with transaction():
        if shelf.is_withdrawn(sha256):
            return _Outcome(Kept.QUARANTINED, sha256=sha256)
        if not shelf.announce_blob(sha256, size, content_type):
            return _again(row, "blob_is_leaving", _timings().sweep)
    _stored(file, sha256, size)
    return _Outcome(Kept.KEPT, sha256=sha256)


def _downloaded(system: SystemActor, row: Attachment, file: BinaryIO, maximum: int) -> tuple[int, str]:
    """(size, SHA-256) of the file, by a fresh link where the known one has expired or leads nowhere."""
    url, is_fresh = row.url, False
    if not is_on_discord(url) or links.has_expired(url):
        url, is_fresh = _fresh_link(system, row), True
    try:
        return _into(file, url, maximum)
    except outside.Refused as error:
        if error.code not in _GONE:
            raise
        if is_fresh:
            raise links.NoLinkAnyMore(error.code) from error
    return _again_by_a_fresh_link(system, row, file, maximum)


def _again_by_a_fresh_link(system: SystemActor, row: Attachment, file: BinaryIO, maximum: int) -> tuple[int, str]:
    try:
        return _into(file, _fresh_link(system, row), maximum)
    except outside.Refused as error:
        if error.code in _GONE:
            raise links.NoLinkAnyMore(error.code) from error
        raise


def _fresh_link(system: SystemActor, row: Attachment) -> str:
    tenant = db.session.get_one(Tenant, row.tenant_id)
    channel_id = rules.channel_of(row)
    url = links.fresh_link(system, tenant.id, tenant.guild_id, channel_id, row.message_id, row.id)
    with transaction():  # pages that show it from Discord meanwhile need it too
        known = db.session.get(Attachment, (row.tenant_id, row.id))
        if known is not None:
            known.url = url
    return url


def _into(file: BinaryIO, url: str, maximum: int) -> tuple[int, str]:
    file.seek(0)
    file.truncate()
    hashed = _Hashing(file)
    clients().safe_http.download(url, cast(BinaryIO, hashed), maximum_bytes=maximum, seconds=FETCH_SECONDS)
    return hashed.size, hashed.digest.hexdigest()


class _Hashing:
    """Writes through to a file and hashes on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        self.size += len(piece)
        return self._file.write(piece)


def _head_of(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(kinds.HEAD_BYTES)


def _stored(file: BinaryIO, sha256: str, size: int) -> None:
    store, key = clients().file_store, shelf.key_of(sha256)
    if store.exists(key):
        return
    file.seek(0)
    store.put(key, file, size)


def _again(row: Attachment, code: str, wait: float | None = None) -> _Outcome:
    if row.attempts >= MOST_ATTEMPTS:
        return _Outcome(Kept.UNREACHABLE, code)
    return _Outcome(Kept.WAITING, code, retry_in=wait or _timings().retry(row.attempts))


@retriable
def _settled(one: Claim[Attachment], outcome: _Outcome, limits: rules.Limits) -> None:
    """Record the outcome, unless the claim is somebody else's by now; the count of bytes changes with it or not at all."""
    with transaction():
        more = 0
        if outcome.kept is Kept.KEPT:
            outcome, more = _looked_at_again(one.row, outcome, limits)
        state = JobState.DONE if outcome.retry_in is None else JobState.PENDING
        found = {"kept": outcome.kept.value, "sha256": outcome.sha256}
        if not settle(Attachment, one.token, state, code=outcome.code, retry_in=outcome.retry_in, **found):
            return
        if outcome.kept is Kept.KEPT:
            usage = shelf.locked_usage()
            usage.kept_bytes += more
            usage.files += 1
        if state is JobState.DONE:
            announce(LIVE, Signal(Topic.MESSAGES, f"message:{one.row.message_id}", rules.channel_of(one.row)))
    where = {"tenant": one.row.tenant_id, "attachment": one.row.id}
    log.info("file.settled", extra={**where, "kept": outcome.kept.value, "code": outcome.code})


def _looked_at_again(row: Attachment, outcome: _Outcome, limits: rules.Limits) -> tuple[_Outcome, int]:
    """The outcome now that blob and usage are locked, and how many bytes more it takes up."""
    assert outcome.sha256 is not None
    blob = shelf.locked_blob(outcome.sha256)
    if blob is None or blob.leaving_at is not None:
        return _again(row, "blob_is_leaving", _timings().sweep), 0
    if shelf.is_withdrawn(outcome.sha256):
        return _Outcome(Kept.QUARANTINED, sha256=outcome.sha256), 0
    usage = shelf.locked_usage()
    more = 0 if shelf.is_kept_here(outcome.sha256) else blob.size
    if limits.all_bytes is not None and usage.kept_bytes + more > limits.all_bytes:
        return _Outcome(Kept.OVER_LIMIT, sha256=outcome.sha256), 0
    return outcome, more


def _scratch_folder() -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    folder = settings.data_dir / "scratch"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
