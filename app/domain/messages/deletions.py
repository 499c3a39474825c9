"""Who deleted what, as far as Discord's audit log says: its lines joined with the deletions that were told.

A line names the author, the channel, who did it and how many; it names no message. Discord writes a line at the first
deletion, tells of it once, and counts it up in silence while the same person goes on. Which messages it means follows
from all lines and deletions around it, whichever came first: nothing is decided once and for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select, update

from app.db.bulk import locked_rows, write_rows
from app.domain.clock import snowflake_ms
from app.domain.messages.models import Deletion, DeletionEntry, Message
from app.domain.messages.payload import SetAside
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.wire import snowflake
from app.domain.tenants.models import BotSettings
from app.extensions import db

MESSAGE_DELETE, MESSAGE_BULK_DELETE = 72, 73
"""The audit log's numbers of the two kinds of line. Source: Discord's "Audit Log Events"."""
NEAR_MS = 5_000
"""A line and its deletion come over one connection, in either order, within this time."""
COUNTED_UP_MS = 600_000
"""Discord begins a new line after minutes; no line is followed for longer than this."""
_REACH_MS = COUNTED_UP_MS + 2 * NEAR_MS
IDS_A_STATEMENT = 500

MessageKey = tuple[int, int]
ChannelKey = tuple[int, int]
"""(tenant, channel)."""

DELETION_COLUMNS = ("tenant_id", "message_id", "channel_id", "told_ms", "bulk_id", "bulk_size")
ENTRY_COLUMNS = (
    "tenant_id", "id", "is_bulk", "channel_id", "actor_id", "author_id", "at_ms", "heard_ms", "count", "counted_ms",
    "least", "least_ms",
)  # fmt: skip


class ToldDeletion(NamedTuple):
    """A deletion that Discord told of; `bulk_id` = the lowest id of those deleted with it, 0 = alone."""

    channel_id: int
    told_ms: int
    bulk_id: int = 0
    bulk_size: int = 0

    def joined(self, other: ToldDeletion) -> ToldDeletion:
        """What both know."""
        channel_id = max(self.channel_id, other.channel_id)
        return ToldDeletion(channel_id, min(self.told_ms, other.told_ms), *max(self[2:], other[2:]))


class Entry(NamedTuple):
    """A line of the audit log on deleted messages."""

    is_bulk: bool
    channel_id: int
    actor_id: int | None
    author_id: int | None
    at_ms: int
    heard_ms: int
    total: int
    counted_ms: int
    least: int
    least_ms: int

    def joined(self, other: Entry) -> Entry:
        """What both know: when the gateway told of it first, and the highest count with when it was first read."""
        heard_ms = min(self.heard_ms, other.heard_ms) or max(self.heard_ms, other.heard_ms)
        at_ms = heard_ms or min(self.at_ms, other.at_ms)
        total, earlier = max((self.total, -self.counted_ms), (other.total, -other.counted_ms))
        least, later = min((self.least, -self.least_ms), (other.least, -other.least_ms))
        return self._replace(
            at_ms=at_ms, heard_ms=heard_ms, total=total, counted_ms=-earlier, least=least, least_ms=-later
        )

    @property
    def from_ms(self) -> int:
        """Deletions that it may mean were told from here on …"""
        return self.at_ms - NEAR_MS

    @property
    def until_ms(self) -> int:
        """… up to here."""
        last_ms = min(max(self.counted_ms, self.at_ms), self.at_ms + COUNTED_UP_MS) if self.total > 1 else self.at_ms
        return last_ms + NEAR_MS


@dataclass
class DeletionNews:
    """What a batch tells of deletions."""

    deletions: dict[MessageKey, ToldDeletion] = field(default_factory=dict)
    entries: dict[tuple[int, int], Entry] = field(default_factory=dict)
    """(tenant, line) → what it says."""

    def __bool__(self) -> bool:
        return bool(self.deletions or self.entries)

    def of(self, tenant_id: int) -> DeletionNews:
        """What concerns one tenant."""
        return DeletionNews(
            {key: one for key, one in self.deletions.items() if key[0] == tenant_id},
            {key: one for key, one in self.entries.items() if key[0] == tenant_id},
        )

    def note(self, tenant_id: int, channel_id: int, message_ids: Sequence[int], told_ms: int, *, is_bulk: bool) -> None:
        """Take in a deletion, or many at once."""
        together = (min(message_ids), len(message_ids)) if is_bulk else (0, 0)
        for message_id in message_ids:
            told = ToldDeletion(channel_id, told_ms, *together)
            known = self.deletions.get((tenant_id, message_id))
            self.deletions[(tenant_id, message_id)] = told if known is None else known.joined(told)


class Bulk(NamedTuple):
    """Messages that were deleted at once."""

    id: int
    size: int


def gather_entry(record: ArchiveRecord, news: DeletionNews) -> SetAside | None:
    """Read a line of the audit log; those that are not on deleted messages are passed over. Never raises."""
    payload = record.payload
    action = payload.get("action_type")
    if action not in (MESSAGE_DELETE, MESSAGE_BULK_DELETE):
        return None
    is_bulk = action == MESSAGE_BULK_DELETE
    options = payload.get("options")
    options = options if isinstance(options, Mapping) else {}
    entry_id, target_id = snowflake(payload.get("id")), snowflake(payload.get("target_id"))
    channel_id = target_id if is_bulk else snowflake(options.get("channel_id"))
    if entry_id is None or target_id is None or channel_id is None:
        return SetAside("malformed", None, channel_id)
    heard_ms = record.seen_ms if record.kind is RecordKind.AUDITED else 0
    total = min(snowflake(options.get("count")) or 1, 1 << 30)
    entry = Entry(
        is_bulk,
        channel_id,
        snowflake(payload.get("user_id")),
        None if is_bulk else target_id,
        heard_ms or snowflake_ms(entry_id),
        heard_ms,
        total,
        record.seen_ms,
        total,
        record.seen_ms,
    )
    known = news.entries.get((record.tenant_id, entry_id))
    news.entries[(record.tenant_id, entry_id)] = entry if known is None else known.joined(entry)
    return None


def take_turns(news: DeletionNews) -> None:
    """Make batches with deletions of one tenant wait for each other, before they lock anything else.

    A line and its deletion may be in two batches that are written at once: neither would see the other.
    """
    tenants = {tenant_id for tenant_id, _one in (*news.deletions, *news.entries)}
    statement = select(BotSettings.tenant_id).where(BotSettings.tenant_id.in_(tenants))
    db.session.execute(statement.order_by(BotSettings.tenant_id).with_for_update()).all()


def write_deletions(news: DeletionNews, now_known: Iterable[tuple[int, int, int]]) -> dict[MessageKey, int]:
    """Join the news with what the tables hold and say of each message around it who deleted it.

    `now_known` are (tenant, message, channel) of deleted messages whose author became known. Runs inside the batch's
    transaction, after its messages. Answers the channels of the messages of which something else is said than before.
    """
    moments: dict[ChannelKey, list[int]] = defaultdict(list)
    for (tenant_id, _message), told in _write_told(news.deletions).items():
        moments[(tenant_id, told.channel_id)].append(told.told_ms)
    for (tenant_id, _entry), entry in _write_entries(news.entries).items():
        moments[(tenant_id, entry.channel_id)] += [entry.from_ms, entry.until_ms]
    written = news.deletions.keys()
    late = [
        (tenant_id, message_id) for tenant_id, message_id, _c in now_known if (tenant_id, message_id) not in written
    ]
    for row in locked_rows(Deletion, DELETION_COLUMNS, sorted(late), key=DELETION_COLUMNS[:2]):
        moments[(row[0], row[2])].append(row[3])
    changed: dict[MessageKey, int] = {}
    for (tenant_id, channel_id), around in sorted(moments.items()):
        for first_ms, last_ms in _stretches(around):
            changed |= _attribute(tenant_id, channel_id, first_ms, last_ms)
    return changed


def bulks_of(message_ids: Iterable[int]) -> dict[int, Bulk]:
    """Those of these messages of one tenant that were deleted together with others."""
    statement = select(Deletion.message_id, Deletion.bulk_id, Deletion.bulk_size)
    rows = db.session.execute(statement.where(Deletion.message_id.in_(set(message_ids)), Deletion.bulk_id != 0))
    return {message_id: Bulk(bulk_id, size) for message_id, bulk_id, size in rows}


def _write_told(told: Mapping[MessageKey, ToldDeletion]) -> dict[MessageKey, ToldDeletion]:
    rows = locked_rows(Deletion, DELETION_COLUMNS, sorted(told), key=DELETION_COLUMNS[:2])
    known = {(row[0], row[1]): ToldDeletion(*row[2:]) for row in rows}
    after = {key: one if key not in known else known[key].joined(one) for key, one in sorted(told.items())}
    new = [(*key, *one) for key, one in after.items() if key not in known]
    changed = [(*key, *one) for key, one in after.items() if key in known and known[key] != one]
    write_rows(Deletion, DELETION_COLUMNS, new, update=None)
    write_rows(Deletion, DELETION_COLUMNS, changed, update=DELETION_COLUMNS[2:])
    return after


def _write_entries(told: Mapping[tuple[int, int], Entry]) -> dict[tuple[int, int], Entry]:
    rows = locked_rows(DeletionEntry, ENTRY_COLUMNS, sorted(told), key=ENTRY_COLUMNS[:2])
    known = {(row[0], row[1]): Entry(bool(row[2]), *row[3:]) for row in rows}
    after = {key: one if key not in known else known[key].joined(one) for key, one in sorted(told.items())}
    new = [(*key, int(one.is_bulk), *one[1:]) for key, one in after.items() if key not in known]
    changed = [(*key, int(one.is_bulk), *one[1:]) for key, one in after.items() if key in known and known[key] != one]
    write_rows(DeletionEntry, ENTRY_COLUMNS, new, update=None)
    write_rows(DeletionEntry, ENTRY_COLUMNS, changed, update=ENTRY_COLUMNS[6:])
    return after


def _stretches(moments: Iterable[int]) -> list[tuple[int, int]]:
    """Moments that are close together, as one stretch each."""
    found: list[tuple[int, int]] = []
    for moment in sorted(moments):
        if found and moment - found[-1][1] <= _REACH_MS:
            found[-1] = (found[-1][0], moment)
        else:
            found.append((moment, moment))
    return found


class _Gone(NamedTuple):
    """A deleted message among others."""

    message_id: int
    told_ms: int
    bulk_id: int
    bulk_size: int
    author_id: int | None
    deleted_by: int | None


def _attribute(tenant_id: int, channel_id: int, first_ms: int, last_ms: int) -> dict[MessageKey, int]:
    """Say anew who deleted the messages of a stretch. What lies further out is read, because lines reach that far."""
    entries = _entries_around(tenant_id, channel_id, first_ms - 2 * _REACH_MS, last_ms + 2 * _REACH_MS)
    if not entries:
        return {}
    gone = _gone_around(tenant_id, channel_id, first_ms - 3 * _REACH_MS, last_ms + 3 * _REACH_MS)
    claims: dict[int, tuple[int, int, int | None]] = {}
    for entry_id, entry in entries:
        for one in meant_by(entry, gone):
            claim = (abs(one.told_ms - entry.at_ms), entry_id, entry.actor_id)
            if one.message_id not in claims or claim[:2] < claims[one.message_id][:2]:
                claims[one.message_id] = claim
    by_actor: dict[int | None, list[int]] = defaultdict(list)
    for one in gone:
        actor = claims[one.message_id][2] if one.message_id in claims else None
        if actor != one.deleted_by and first_ms - _REACH_MS <= one.told_ms <= last_ms + _REACH_MS:
            by_actor[actor].append(one.message_id)
    for actor, ids in by_actor.items():
        _write_actor(tenant_id, actor, ids)
    return {(tenant_id, one): channel_id for ids in by_actor.values() for one in ids}


def meant_by(entry: Entry, gone: Sequence[_Gone]) -> list[_Gone]:
    """The deletions that a line of the log means: all that fit, where they are no more than it counts.

    Where more fit, somebody deleted of their own in between. The line was written for the one nearest to it and counts
    what came after that; if those are still too many, only the one is sure. Of a line that was not heard of when it was
    written, only what it counted up since it was first read means anything here.
    """
    near = [one for one in gone if entry.from_ms <= one.told_ms <= entry.until_ms]
    if entry.is_bulk:
        fitting = [one for one in near if one.bulk_id and one.bulk_size == entry.total]
        bulks = {one.bulk_id: abs(one.told_ms - entry.at_ms) for one in fitting}
        nearest = min(bulks, key=lambda bulk_id: (bulks[bulk_id], bulk_id), default=None)
        return [one for one in fitting if one.bulk_id == nearest]
    fitting = [
        one for one in near if not one.bulk_id and one.author_id is not None and one.author_id == entry.author_id
    ]
    if not entry.heard_ms:
        later = [one for one in fitting if one.told_ms > entry.least_ms]
        return later if len(later) <= entry.total - entry.least else []
    if len(fitting) <= entry.total:
        return fitting
    first = min(fitting, key=lambda one: (abs(one.told_ms - entry.at_ms), one.message_id))
    before = sorted(
        (one for one in fitting if one.told_ms <= first.told_ms),
        key=lambda one: (one.told_ms, one is first, one.message_id),
    )
    counted = [first, *(one for one in fitting if one.told_ms > first.told_ms)]
    if len(counted) > entry.total:
        return [first]
    missing = entry.total - len(counted)  # told of so close together that a later one lies nearer to the line
    return [*before[:-1][-missing:], *counted] if missing else counted


def _entries_around(tenant_id: int, channel_id: int, first_ms: int, last_ms: int) -> list[tuple[int, Entry]]:
    table = DeletionEntry
    columns = [getattr(table, name) for name in ENTRY_COLUMNS[1:]]
    statement = select(*columns).where(
        table.tenant_id == tenant_id, table.channel_id == channel_id, table.at_ms.between(first_ms, last_ms)
    )
    return [(entry_id, Entry(*rest)) for entry_id, *rest in db.session.execute(statement.order_by(table.id))]


def _gone_around(tenant_id: int, channel_id: int, first_ms: int, last_ms: int) -> list[_Gone]:
    table = Deletion
    statement = (
        select(table.message_id, table.told_ms, table.bulk_id, table.bulk_size, Message.author_id, Message.deleted_by)
        .join(Message, (Message.tenant_id == table.tenant_id) & (Message.id == table.message_id))
        .where(table.tenant_id == tenant_id, table.channel_id == channel_id, table.told_ms.between(first_ms, last_ms))
    )
    return [_Gone(*row) for row in db.session.execute(statement)]


def _write_actor(tenant_id: int, actor_id: int | None, message_ids: Collection[int]) -> None:
    ids = sorted(message_ids)
    for start in range(0, len(ids), IDS_A_STATEMENT):
        db.session.execute(
            update(Message)
            .where(Message.tenant_id == tenant_id, Message.id.in_(ids[start : start + IDS_A_STATEMENT]))
            .values(deleted_by=actor_id)
            .execution_options(synchronize_session=False)
        )
