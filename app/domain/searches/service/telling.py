"""Telling of matches: looked at once more with their reader's own eyes, then the bell, then the channel for alerts.

Told at most once: a match is settled before anything is posted, and a post whose outcome is unknown is not repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.clients import clients
from app.clients import errors as outside
from app.clients.bot_api.port import Caller
from app.config import Settings
from app.contracts.live import Signal, Topic
from app.db.claimable import Claim, JobState, claim, settle
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import release_connection, retriable, transaction
from app.domain.access import Actor, Permission, SystemActor, system_only
from app.domain.clock import utcnow
from app.domain.errors import Forbidden
from app.domain.live.service import LIVE, announce
from app.domain.messages.audience import sources_open_to_all_in
from app.domain.messages.grammar import GrammarError, parse
from app.domain.messages.matching import AllMatch
from app.domain.messages.models import Message
from app.domain.messages.queries import messages_shown_to
from app.domain.messages.reader import Reader, reader_for
from app.domain.messages.resolving import Resolver
from app.domain.messages.search import find
from app.domain.messages.special_matches import ListedMatch
from app.domain.notifications.kinds import Kind
from app.domain.notifications.service import NOTIFY, open_condition
from app.domain.searches.models import AlertMatch, SavedSearch, SearchAlert
from app.domain.searches.service.alerts import Pause
from app.domain.staff.queries import actor_for
from app.domain.tenants.models import Tenant
from app.domain.webhooks.models import WebhookPurpose
from app.domain.webhooks.queries import webhook_for
from app.extensions import db

ALERTS = SystemActor("searches")
CLAIMED_AT_ONCE = 100
MOST_AN_HOUR = 500
"""An alert that finds more than this in an hour is paused: nobody reads it."""
LISTED_IN_A_POST = 5
LONGEST_POST = 2000


@system_only
def tell_alerts(system: SystemActor) -> int:
    """Tell of every match that is due. Answers how many matches were looked at."""
    with all_tenants(reason="the due matches of every community are claimed together"):
        waiting = AlertMatch.state.in_((JobState.PENDING, JobState.IN_PROGRESS))
        if (
            db.session.scalar(select(AlertMatch.alert_id).where(waiting, AlertMatch.due_at <= utcnow()).limit(1))
            is None
        ):
            return 0
        claimed = claim(AlertMatch, CLAIMED_AT_ONCE, _settings().timings.lease)
    by_alert: dict[tuple[int, int], list[Claim[AlertMatch]]] = defaultdict(list)
    for one in claimed:
        by_alert[one.row.tenant_id, one.row.alert_id].append(one)
    for (tenant_id, alert_id), matches in by_alert.items():
        with tenant_scope(tenant_id):
            _tell(system, alert_id, matches)
    return len(claimed)


@dataclass(frozen=True)
class _Told:
    """Who is told by which search, of what they see."""

    actor: Actor
    reader: Reader
    search: SavedSearch
    alert: SearchAlert
    messages: Sequence[Message]


def _tell(system: SystemActor, alert_id: int, matches: Sequence[Claim[AlertMatch]]) -> None:
    told = _looked_at(alert_id, [one.row.message_id for one in matches])
    seen = frozenset(message.id for message in told.messages) if isinstance(told, _Told) else frozenset()
    _settled(
        alert_id, matches, seen, told if isinstance(told, _Told) else None, told if isinstance(told, Pause) else None
    )
    if isinstance(told, _Told) and told.messages and told.alert.posts:
        code = _posted(system, told)
        with transaction():
            row = db.session.get(SearchAlert, (told.actor.tenant_id, alert_id))
            if row is not None:
                row.post_code = code


def _looked_at(alert_id: int, message_ids: Sequence[int]) -> _Told | Pause | None:
    """What the search finds among these messages for whoever has the alert; why it finds nothing; None where it is gone."""
    alert = db.session.scalar(select(SearchAlert).where(SearchAlert.id == alert_id))
    search = db.session.scalar(select(SavedSearch).where(SavedSearch.id == alert.search_id)) if alert else None
    if alert is None or search is None or alert.paused_code is not None:
        return None
    actor = actor_for(db.session.get_one(Tenant, alert.tenant_id), alert.user_id)
    try:
        if actor is None or (search.owner_id != actor.user_id and not search.is_shared):
            return Pause.NO_ACCESS
        reader = reader_for(actor)
        matcher = Resolver(reader, ZoneInfo(search.zone), expands=False).resolve(parse(search.query))
    except Forbidden:
        return Pause.NO_ACCESS
    except GrammarError:
        return Pause.NOT_READABLE
    both = AllMatch((ListedMatch(frozenset(message_ids)), matcher))
    found = find(reader, both, limit=len(message_ids)).ids
    shown = messages_shown_to(reader, found)
    release_connection()
    return _Told(actor, reader, search, alert, [shown[one] for one in found if one in shown])


@retriable
def _settled(
    alert_id: int, matches: Sequence[Claim[AlertMatch]], seen: frozenset[int], told: _Told | None, pause: Pause | None
) -> None:
    """What was seen stays as told; the rest goes, so that what comes to match later is told then."""
    with transaction():
        ours = 0
        for one in matches:
            if one.row.message_id in seen:
                ours += settle(AlertMatch, one.token, JobState.DONE)
            else:
                db.session.execute(delete(AlertMatch).where(AlertMatch.lease_token == one.token))
        row = db.session.scalar(select(SearchAlert).where(SearchAlert.id == alert_id).with_for_update())
        if row is None:
            return
        if ours and told is not None:
            row.match_count += ours
            row.matched_at = utcnow()
            open_condition(NOTIFY, Kind.SEARCH_ALERT, user_ids=[told.actor.user_id], subject=str(alert_id))
            if _found_lately(alert_id) > MOST_AN_HOUR:
                pause = Pause.TOO_MANY
        if pause is not None:
            row.paused_code = pause.value
        announce(LIVE, Signal(Topic.NOTIFICATIONS, f"search_alert:{alert_id}"))


def _found_lately(alert_id: int) -> int:
    lately = AlertMatch.found_at > utcnow() - timedelta(hours=1)
    counted = select(func.count()).select_from(AlertMatch).where(AlertMatch.alert_id == alert_id, lately)
    return db.session.scalar(counted) or 0


def _posted(system: SystemActor, told: _Told) -> str | None:
    """Post into the channel for alerts. Answers why it was not posted, or None."""
    webhook = webhook_for(WebhookPurpose.ALERTS)
    if webhook is None or not told.reader.sees(webhook.channel_id) or not told.actor.may(Permission.POST_ALERTS):
        return "no_channel"
    content = _words(told, webhook.channel_id)
    body = {"purpose": WebhookPurpose.ALERTS.value, "channel_id": str(webhook.channel_id), "content": content}
    caller = Caller(told.actor.tenant_id, told.actor.guild_id, system.header)
    release_connection()
    try:
        answer = clients().bot_api.call(caller, "POST", "/webhooks/messages", body=body)
    except outside.Unavailable as error:
        return str(error.code)[:64]
    return None if answer.status == 200 else str(answer.body.get("code") or f"status_{answer.status}")[:64]


def _words(told: _Told, channel_id: int) -> str:
    """A line for each message: its text only where everybody who sees the channel may read it there too."""
    listed = told.messages[:LISTED_IN_A_POST]
    is_open = sources_open_to_all_in(channel_id, {message.channel_id for message in told.messages})
    lines = [_("**%(name)s** found %(count)s new", name=_plain(told.search.name), count=len(told.messages))]
    for message in listed:
        lines.append(f"{_settings().public_url}/servers/{told.actor.guild_id}/messages/{message.id}")
        if message.channel_id in is_open and message.content:
            lines.append(f"> {_plain(message.author_name)}: {_plain(message.content)[:200]}")
    if len(told.messages) > len(listed):
        lines.append(_("and %(count)s more", count=len(told.messages) - len(listed)))
    return "\n".join(lines)[:LONGEST_POST]


def _plain(text: str) -> str:
    """One line without Discord's markup: what somebody wrote must not format, ping or link in our own words."""
    one_line = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\*_~`|>#[]()<@:-./" else sign for sign in one_line)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
