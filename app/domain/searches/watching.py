"""Alerts in the indexing path: after a batch is committed, what it brought is held against the alerts of its tenants.

Costs a batch nothing where its tenants have no alert, else a look-up of its terms and of each alert that they let through;
what is found is written as rows, and everything else (whether its reader may see it, telling them) is the worker's.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import select

from app.clients import clients
from app.config import Timings
from app.contracts.jobs import Job
from app.db.bulk import write_rows
from app.db.claimable import JobState
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import on_commit, release_connection, transaction
from app.domain.clock import snowflake_ms, utcnow
from app.domain.messages import service as archive
from app.domain.messages.candidates import Candidate
from app.domain.messages.merge import MessageState
from app.domain.messages.service import Indexed
from app.domain.searches.compiled import CompiledAlert, candidate_of, compile_alert, with_needed
from app.domain.searches.models import AlertMatch, SavedSearch, SearchAlert
from app.extensions import db

MATCH_COLUMNS = ("tenant_id", "alert_id", "message_id", "found_at", "state", "due_at", "attempts")
ROUNDS_COMPILED = 12
"""Names, roles and relative dates are worked out again after so many sweeps."""

log = logging.getLogger(__name__)

Match = tuple[int, int, int, bool]
"""(tenant, alert, message, whether it is decided that it matches)."""


def start_watching() -> None:
    """Have every batch of this process looked at. May be called again."""
    if watch not in archive.WATCHERS:
        archive.WATCHERS.append(watch)


def watch(indexed: Indexed) -> None:
    """Note what the batch brought for alerts. Never raises: the batch is committed, and its news must not be told again."""
    try:
        tenants = {one[0] for one in indexed.new} | {one[0] for one in indexed.changed}
        alerts = _ALERTS.of(tenants)
        if alerts:
            _note(list(_matches(indexed, alerts)))
    except Exception:
        log.exception("alerts.watch_failed")


def forget_compiled() -> None:
    """What this process remembers of alerts is read again: they were changed here."""
    _ALERTS.forget()


def _matches(indexed: Indexed, alerts: Mapping[int, Sequence[CompiledAlert]]) -> Iterable[Match]:
    new: dict[int, dict[int, MessageState]] = {}
    for tenant_id, message_id, state in indexed.new:
        if tenant_id in alerts:
            new.setdefault(tenant_id, {})[message_id] = state
    for tenant_id, states in new.items():
        lists = indexed.terms.get(tenant_id, {})
        looked_at: dict[int, Candidate | None] = {}  # its tokens are made once for all alerts
        for alert in alerts[tenant_id]:
            for message_id in with_needed(alert.needed, lists, tuple(states)):
                if message_id not in states or snowflake_ms(message_id) < alert.since_ms:
                    continue  # another version of what is known; or history, which is no news
                if message_id not in looked_at:
                    looked_at[message_id] = candidate_of(message_id, states[message_id])
                candidate = looked_at[message_id]
                if candidate is not None and alert.lets_through(None, candidate):
                    yield tenant_id, alert.alert_id, message_id, alert.is_decided
    for tenant_id, message_id, before, after in indexed.changed:
        own = alerts.get(tenant_id, ())
        now, then = (candidate_of(message_id, after), candidate_of(message_id, before)) if own else (None, None)
        for alert in own:
            if now is not None and alert.lets_through(then, now):
                yield tenant_id, alert.alert_id, message_id, alert.is_decided


def _note(matches: Sequence[Match]) -> None:
    if not matches:
        return
    now = utcnow()
    later = now + timedelta(seconds=_timings().sweep)  # what stands elsewhere may be told a moment after
    rows = [
        (tenant_id, alert_id, message_id, _stored(now), JobState.PENDING.value, _stored(now if decided else later), 0)
        for tenant_id, alert_id, message_id, decided in matches
    ]
    with all_tenants(reason="one batch holds matches of the alerts of many tenants"), transaction():
        write_rows(AlertMatch, MATCH_COLUMNS, sorted(set(rows)), update=[])
        on_commit(lambda: clients().job_queue.wake(Job.TELL_ALERTS))


def _stored(moment: datetime) -> str:
    """A moment as every database takes it (raw rows pass by the column types)."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}000"


_Key = tuple[int, int, str, str, int]


@dataclass
class _Alerts:
    """The compiled alerts of tenants, read again each sweep, worked out again when they changed and now and then."""

    _known: dict[int, tuple[CompiledAlert, ...]] = field(default_factory=dict)
    _read_at: dict[int, float] = field(default_factory=dict)
    _compiled: dict[_Key, tuple[float, CompiledAlert | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, tenant_ids: Iterable[int]) -> dict[int, tuple[CompiledAlert, ...]]:
        """Those of these tenants that have alerts, with them."""
        now, wait = time.monotonic(), _timings().sweep
        ids = list(tenant_ids)
        stale = [tenant_id for tenant_id in ids if now - self._read_at.get(tenant_id, -wait) >= wait]
        if stale and self._lock.acquire(blocking=False):  # whoever comes meanwhile takes what is known
            try:
                self._read(stale, now, wait * ROUNDS_COMPILED)
            finally:
                self._lock.release()
        return {tenant_id: found for tenant_id in ids if (found := self._known.get(tenant_id))}

    def forget(self) -> None:
        self._read_at.clear()

    def _read(self, tenant_ids: Sequence[int], now: float, lifetime: float) -> None:
        rows = _rows(tenant_ids)
        fresh = {key: kept for key, kept in self._compiled.items() if now - kept[0] < lifetime}
        for tenant_id in tenant_ids:
            own = [key for key in rows if key[0] == tenant_id]
            found = []
            if own:
                with tenant_scope(tenant_id):
                    for key in own:
                        if key not in fresh:
                            fresh[key] = (now, _compile(key, rows[key]))
                    release_connection()
                found = [alert for key in own if (alert := fresh[key][1]) is not None]
            self._known[tenant_id] = tuple(found)
            self._read_at[tenant_id] = now
        self._compiled = fresh


_ALERTS = _Alerts()


def _rows(tenant_ids: Sequence[int]) -> dict[_Key, datetime]:
    columns = (SearchAlert.tenant_id, SearchAlert.id, SavedSearch.query, SavedSearch.zone, SearchAlert.user_id)
    with all_tenants(reason="the alerts of every tenant of a batch are read together"):
        rows = db.session.execute(
            select(*columns, SearchAlert.since)
            .join(
                SavedSearch,
                (SavedSearch.tenant_id == SearchAlert.tenant_id) & (SavedSearch.id == SearchAlert.search_id),
            )
            .where(SearchAlert.tenant_id.in_(tenant_ids), SearchAlert.paused_code.is_(None))
        ).all()
        release_connection()
    return {(row[0], row[1], row[2], row[3], row[4]): row[5] for row in rows}


def _compile(key: _Key, since: datetime) -> CompiledAlert | None:
    _tenant, alert_id, query, zone, user_id = key
    since_ms = int(since.timestamp() * 1000)
    return compile_alert(alert_id, since_ms, query, zone, user_id, archive.TERMS)


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
