"""What Discord's audit log tells: our own acts confirmed, other people's and bots' acts made into cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from app.clients.errors import ClientError
from app.db.claimable import JobState
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.clock import snowflake_time
from app.domain.discord import acts_on_discord, discord_guild
from app.domain.members.payload import moment, snowflake, words
from app.domain.members.queries import known_as, member_of
from app.domain.moderation.models import Case, CaseEventKind, CaseKind, CaseSource, CaseStatus
from app.domain.moderation.reasons import case_number_in
from app.domain.moderation.records import lift_what_it_ends, locked_counter, note, settle, tell
from app.extensions import db

KICK, BAN_ADD, BAN_REMOVE, MEMBER_UPDATE, AUTOMOD_TIMEOUT, AUTOMOD_QUARANTINE = 20, 22, 23, 24, 145, 146
BY_AUTOMOD = frozenset({AUTOMOD_TIMEOUT, AUTOMOD_QUARANTINE})
TIMEOUT_KEY = "communication_disabled_until"
OWN_ECHO_WITHIN = timedelta(minutes=15)
"""An echo without a readable case number is matched with a case of the same act and person no older than this."""


@dataclass(frozen=True)
class AuditEntry:
    """One entry of Discord's audit log that is an act of moderation on one person."""

    id: int
    kind: CaseKind
    guild_id: int
    actor_id: int | None
    target_id: int
    reason: str
    until: datetime | None
    automod_rule: str | None

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> AuditEntry | None:
        """None for every other kind of entry, and for what cannot be read."""
        entry_id, target_id = snowflake(payload.get("id")), snowflake(payload.get("target_id"))
        guild_id = snowflake(payload.get("guild_id"))
        if entry_id is None or target_id is None or guild_id is None:
            return None
        kind, until = _kind_of(payload)
        if kind is None:
            return None
        options = payload.get("options")
        rule = words(options.get("auto_moderation_rule_name"), 100) if isinstance(options, Mapping) else None
        return cls(
            entry_id,
            kind,
            guild_id,
            snowflake(payload.get("user_id")),
            target_id,
            words(payload.get("reason"), 512) or "",
            until,
            (rule or "") if payload.get("action_type") in BY_AUTOMOD else None,
        )


@system_only
@acts_on_discord
def record_audit_entry(_system: SystemActor, payload: Mapping[str, Any]) -> Case | None:
    """Confirm the case of our own act, or open one for somebody else's; None where the entry is no act of moderation.

    The same entry again changes nothing.
    """
    entry = AuditEntry.read(payload)
    if entry is None:
        return None
    return _record(entry, _who(entry))


class _Who(StrEnum):
    US = "us"
    BOT = "bot"
    PERSON = "person"


def _who(entry: AuditEntry) -> _Who:
    """Who acted. Somebody of whom neither our copy nor Discord knows anything counts as a person."""
    if entry.actor_id is None or entry.actor_id == discord_guild().own_id():
        return _Who.US if entry.actor_id is not None else _Who.BOT
    known = member_of(entry.actor_id)
    if known is not None:
        return _Who.BOT if known.is_bot else _Who.PERSON
    try:
        live = discord_guild().member(entry.guild_id, entry.actor_id)
    except ClientError:
        live = None
    return _Who.BOT if live is not None and live.is_bot else _Who.PERSON


@retriable
def _record(entry: AuditEntry, who: _Who) -> Case:
    with transaction():
        counter = locked_counter()
        again = db.session.scalar(select(Case).where(Case.discord_audit_entry_id == entry.id))
        if again is not None:
            return again
        case = _own_case(entry) if who is _Who.US else None
        if case is not None:
            _confirm(case, entry)
            return case
        case = _case_of(entry, counter.take(), who)
        db.session.add(case)
        db.session.flush()
        note(case, CaseEventKind.APPLIED, case.actor_id)
        lift_what_it_ends(case)
        tell(case)
        return case


def _own_case(entry: AuditEntry) -> Case | None:
    """The case behind an echo: by the number in its reason, else the newest fitting one that waits for its echo."""
    fitting = select(Case).where(
        Case.kind == entry.kind,
        Case.target_id == entry.target_id,
        Case.discord_audit_entry_id.is_(None),
        Case.source.in_((CaseSource.PANEL, CaseSource.SLASH)),
    )
    number = case_number_in(entry.reason)
    if number is not None:
        numbered = db.session.scalar(fitting.where(Case.number == number).with_for_update())
        if numbered is not None:
            return numbered
    since = snowflake_time(entry.id) - OWN_ECHO_WITHIN
    return db.session.scalar(
        fitting.where(Case.created_at >= since).order_by(Case.number.desc()).limit(1).with_for_update()
    )


def _confirm(case: Case, entry: AuditEntry) -> None:
    """Discord says that it happened, whatever we believed."""
    case.discord_audit_entry_id = entry.id
    if case.status in (CaseStatus.PENDING, CaseStatus.FAILED):
        settle(case, CaseStatus.APPLIED)
        lift_what_it_ends(case)
    note(case, CaseEventKind.CONFIRMED)
    tell(case)


def _case_of(entry: AuditEntry, number: int, who: _Who) -> Case:
    known = known_as([one for one in (entry.actor_id, entry.target_id) if one is not None])
    actor = known.get(entry.actor_id or 0)
    target = known.get(entry.target_id)
    if entry.automod_rule is not None:
        source = CaseSource.AUTOMOD
    else:
        source = CaseSource.DISCORD if who is _Who.PERSON else CaseSource.BOT
    is_human = source is CaseSource.DISCORD
    name = entry.automod_rule if source is CaseSource.AUTOMOD else actor.display_name if actor is not None else ""
    happened_at = snowflake_time(entry.id)
    return Case(
        number=number,
        kind=entry.kind,
        source=source,
        status=CaseStatus.APPLIED,
        target_id=entry.target_id,
        target_name=target.display_name if target is not None else "",
        actor_id=entry.actor_id if is_human else None,
        actor_name=(name or "")[:64],
        reason=entry.reason,
        expires_at=entry.until,
        discord_audit_entry_id=entry.id,
        state=JobState.DONE,
        due_at=happened_at,
        created_at=happened_at,
        settled_at=happened_at,
    )


def _kind_of(payload: Mapping[str, Any]) -> tuple[CaseKind | None, datetime | None]:
    """What an entry says was done, and until when; None for what is no act of moderation."""
    action = payload.get("action_type")
    plain = {
        KICK: CaseKind.KICK,
        BAN_ADD: CaseKind.BAN,
        BAN_REMOVE: CaseKind.UNBAN,
        AUTOMOD_QUARANTINE: CaseKind.QUARANTINE,
    }
    if action in plain:
        return plain[action], None
    changes = payload.get("changes")
    for change in changes if isinstance(changes, list) else ():
        if (
            isinstance(change, Mapping)
            and change.get("key") == TIMEOUT_KEY
            and action in (MEMBER_UPDATE, AUTOMOD_TIMEOUT)
        ):
            until = moment(change.get("new_value"))
            return (CaseKind.TIMEOUT if until is not None else CaseKind.UNTIMEOUT), until
    return (CaseKind.TIMEOUT, None) if action == AUTOMOD_TIMEOUT else (None, None)
