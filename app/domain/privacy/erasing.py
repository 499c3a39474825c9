"""The steps of taking one person out of one community.

Each step does a little at a time inside the caller's transaction, says how far it came, and may be done again: what is
gone is not found any more. What a rule keeps for now (hold, open case, ban) is said, never skipped in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, or_, select, update

from app.db.claimable import JobState
from app.db.scope import current_tenant_id
from app.domain.audit.models import AuditEntry
from app.domain.clock import utcnow
from app.domain.exports.models import Export
from app.domain.holds.queries import Holds
from app.domain.members.models import GuildMember
from app.domain.messages.forgetting import Counts, drop_unused_words, forget_messages, ids_naming, redact_person
from app.domain.messages.models import Message, Word
from app.domain.moderation.models import Case, CaseEvent, CaseKind, CaseStatus
from app.domain.privacy.receipts import Withheld
from app.domain.privacy.traces import ROWS_AT_ONCE, erase_traces, names_in
from app.domain.tenants.exclusions import ExclusionKind, mark_of
from app.domain.tenants.models import ArchiveExclusion, BotSettings
from app.extensions import db

DONE = -1
MESSAGES_AT_ONCE = 200
LOOKED_AT_ONCE = 2_000
HIGHEST_ID = 2**63 - 1
GONE = "erased"
"""In place of an object's id that was the person's."""


@dataclass(frozen=True)
class Person:
    """Who is taken out, and where they end: nothing written from `before_id` on is part of it."""

    user_id: int
    before_id: int
    holds: Holds


@dataclass
class Progress:
    """What one batch did. `cursor` is where the step goes on; `DONE` when it is through."""

    cursor: int = DONE
    counts: Counts = field(default_factory=dict)
    withheld: Counter[str] = field(default_factory=Counter)


def own_messages(person: Person, cursor: int) -> Progress:
    """What they wrote, with revisions, words, reactions and files."""
    found = db.session.execute(
        select(Message.id, Message.channel_id)
        .where(Message.author_id == person.user_id, Message.id > cursor, Message.id < person.before_id)
        .order_by(Message.id)
        .limit(MESSAGES_AT_ONCE)
    ).all()
    free = [row.id for row in found if not person.holds.keeps(row.id, row.channel_id, person.user_id)]
    done = Progress(found[-1].id if len(found) == MESSAGES_AT_ONCE else DONE, forget_messages(free))
    if len(free) < len(found):
        done.withheld[Withheld.HOLD] += len(found) - len(free)
    return done


def mentions(person: Person, cursor: int) -> Progress:
    """Their id in what others wrote: mentions, commands that they used, links to them."""
    window = (
        select(Message.id)
        .where(Message.id > cursor, Message.id < person.before_id)
        .order_by(Message.id)
        .offset(LOOKED_AT_ONCE - 1)
        .limit(1)
    )
    end = db.session.scalar(window)
    naming = ids_naming(person.user_id, cursor, end if end is not None else person.before_id - 1)
    part = naming[:MESSAGES_AT_ONCE]
    rows = db.session.execute(
        select(Message.id, Message.channel_id, Message.author_id).where(Message.id.in_(part))
    ).all()
    free = [row.id for row in rows if not person.holds.keeps(*row)]
    if len(naming) > len(part):
        end = part[-1]
    done = Progress(DONE if end is None else end, redact_person(free, person.user_id) if free else {})
    if len(free) < len(rows):
        done.withheld[Withheld.HOLD] += len(rows) - len(free)
    return done


def exports(person: Person, _cursor: int) -> Progress:
    """Files that staff took out may hold their messages: what lies ready expires now, what is being made begins anew."""
    now = utcnow()
    ready = update(Export).where(Export.state == JobState.DONE, Export.expires_at > now).values(expires_at=now)
    running = (
        update(Export)
        .where(Export.state == JobState.IN_PROGRESS)
        .values(state=JobState.PENDING, lease_token=None, lease_until=None)
    )
    done = 0
    for statement in (ready, running):
        done += db.session.execute(statement.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
    return Progress(counts={"exports": done} if done else {})


def member(person: Person, _cursor: int) -> Progress:
    """Names, roles, joining and leaving. Of a banned person the bare id stays; of a member what Discord shows now."""
    row = db.session.scalar(select(GuildMember).where(GuildMember.user_id == person.user_id))
    if row is None:
        return Progress()
    if row.banned_at is not None:
        row.username, row.sort_name, row.search_names = "", "", ""
        row.global_name, row.nick, row.avatar_hash, row.joined_at, row.left_at = None, None, None, None, row.banned_at
        row.role_ids, row.earlier_names = [], []
        return Progress(withheld=Counter({Withheld.BAN: 1}))
    if row.left_at is None:
        row.earlier_names = []
        return Progress(withheld=Counter({Withheld.MEMBER: 1}))
    db.session.delete(row)
    return Progress(counts={"guild_members": 1})


def cases(person: Person, cursor: int) -> Progress:
    """The personal part of closed cases. Open ones wait; of a ban in force the bare id stays."""
    about = select(Case).where(Case.target_id == person.user_id, Case.number > cursor).order_by(Case.number)
    rows = list(db.session.scalars(about.limit(MESSAGES_AT_ONCE)))
    done = Progress(rows[-1].number if len(rows) == MESSAGES_AT_ONCE else DONE)
    closed = []
    for case in rows:
        if _is_open(case):
            done.withheld[Withheld.OPEN_CASE] += 1
            continue
        closed.append(case.id)
        case.target_name, case.reason = "", ""
        if case.kind == CaseKind.BAN and case.status == CaseStatus.APPLIED:
            done.withheld[Withheld.BAN] += 1
        else:
            case.target_id = 0
    if closed:
        done.counts["cases"] = len(closed)
        db.session.execute(
            update(CaseEvent)
            .where(CaseEvent.case_id.in_(closed))
            .values(detail={})
            .execution_options(synchronize_session=False)
        )
    return done


def _is_open(case: Case) -> bool:
    if case.status == CaseStatus.PENDING:
        return True
    is_running = case.expires_at is not None and case.expires_at > utcnow()
    return case.status == CaseStatus.APPLIED and is_running


def audit(person: Person, _cursor: int) -> Progress:
    """The personal part of the activity log and its salt; what kind of change it was, and when, stays."""
    word = str(person.user_id)
    table = AuditEntry.__table__.c
    names = or_(
        AuditEntry.actor_id == person.user_id,
        AuditEntry.object_id == word,
        names_in(AuditEntry.__table__.c.before, person.user_id),
        names_in(table.after, person.user_id),
    )
    ids = list(db.session.scalars(select(AuditEntry.id).where(names).limit(ROWS_AT_ONCE)))
    if not ids:
        return Progress()
    for condition, values in (
        (AuditEntry.actor_id == person.user_id, {"actor_id": None, "actor_name": None}),
        (AuditEntry.object_id == word, {"object_id": GONE}),
        (AuditEntry.id.in_(ids), {"before": None, "after": None, "salt": None}),
    ):
        db.session.execute(
            update(AuditEntry)
            .where(AuditEntry.id.in_(ids), condition)
            .values(values)
            .execution_options(synchronize_session=False)
        )
    return Progress(cursor=0, counts={"audit_entries": len(ids)})


def traces(person: Person, _cursor: int) -> Progress:
    """Everything else that names them, by what the tables say of themselves."""
    counts = erase_traces(person.user_id)
    if counts:
        return Progress(cursor=0, counts=counts)
    like = f"%{person.user_id}%"
    dropped = drop_unused_words(set(db.session.scalars(select(Word.token).where(Word.token.like(like)))))
    _keep_excluded_without_naming(person)
    return Progress(counts={"words": dropped} if dropped else {})


def _keep_excluded_without_naming(person: Person) -> None:
    """Whom the owner excluded stays excluded, under the mark that names nobody."""
    excluded = delete(ArchiveExclusion).where(
        ArchiveExclusion.kind == ExclusionKind.MEMBER.value, ArchiveExclusion.object_id == person.user_id
    )
    if db.session.execute(excluded.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        mark_erased(person.user_id, HIGHEST_ID)


def mark_erased(user_id: int, before_id: int) -> int:
    """See to it that back-fills and gaps do not bring them back, inside a transaction. Answers their mark."""
    mark = mark_of(db.session.scalars(select(BotSettings.erasure_salt)).one(), user_id)
    key = (current_tenant_id(), ExclusionKind.ERASED.value, mark)
    row = db.session.get(ArchiveExclusion, key)
    if row is None:
        row = ArchiveExclusion(kind=ExclusionKind.ERASED.value, object_id=mark, before_id=0)
        db.session.add(row)
    row.before_id = max(row.before_id or 0, before_id)
    return mark


Step = Callable[[Person, int], Progress]
STEPS: dict[str, Step] = {
    "messages": own_messages,
    "mentions": mentions,
    "exports": exports,
    "member": member,
    "cases": cases,
    "audit": audit,
    "traces": traces,
}
"""In this order. Append or insert, never rename: running erasures carry these names."""


def withheld_rows(withheld: Counter[str]) -> list[list[Any]]:
    """As an erasure's row keeps them."""
    return [[why, rows] for why, rows in sorted(withheld.items())]
