"""What the owner decides about what is kept: for how long, and what not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.contracts.live import Signal, Topic
from app.db.claimable import JobState, database_now
from app.db.transaction import retriable, transaction
from app.domain.access import Actor, Permission, requires
from app.domain.audit.service import AUDIT, record
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.live.service import LIVE, announce
from app.domain.members.models import GuildChannel
from app.domain.members.queries import parents_of_threads
from app.domain.privacy.models import RetentionSweep
from app.domain.tenants import retention
from app.domain.tenants.exclusions import ALL_BOTS, ExclusionKind
from app.domain.tenants.models import ArchiveExclusion, RetentionChange
from app.domain.tenants.retention import CHOICES, EVERYWHERE, FILE_CHOICES, RULE_CHOICES, Kept, policy_in_force
from app.extensions import db


@dataclass(frozen=True)
class ChangeRetention:
    """Keep `kept` in a channel, or `EVERYWHERE`, for other days (None: for good), or as what is above it."""

    channel_id: int
    kept: Kept
    days: int | None
    removes_rule: bool = False


@dataclass(frozen=True)
class Exclude:
    """What the archive takes in no more."""

    kind: str
    object_id: int | None


@requires(Permission.MANAGE_PRIVACY)
@retriable
def change_retention(actor: Actor, changes: Sequence[ChangeRetention]) -> list[RetentionChange]:
    """Keep something for other days. What deletes nothing is in force at once; the shortenings, which wait a day and can
    be taken back until then, are answered. Raises `Invalid` for days or a channel that nobody may choose."""
    for one in changes:
        _check(one)
    with transaction():
        waiting = []
        for one in changes:
            policy = policy_in_force(parents_of_threads())
            row = retention.change(
                policy, (one.channel_id, one.kept), one.days, asked_by=actor.user_id, removes_rule=one.removes_rule
            )
            db.session.flush()
            if row is not None:
                waiting.append(row)
            after = {"channel_id": str(one.channel_id), "kept": one.kept.value, "days": one.days}
            kind = "retention.changed" if row is None else "retention.shortening"
            record(AUDIT, actor, kind, actor.tenant_id, after=after | {"rule": not one.removes_rule})
        announce(LIVE, Signal(Topic.BOT, "settings"))
    return waiting


def _check(change: ChangeRetention) -> None:
    allowed = FILE_CHOICES if change.kept is Kept.FILES else RULE_CHOICES
    if (change.channel_id, change.kept) == (EVERYWHERE, Kept.MESSAGES):
        allowed = CHOICES
    if not change.removes_rule and change.days not in allowed:
        raise Invalid(_("Choose one of the times offered."), fields={change.kept.value: _("Choose one of these.")})
    if change.removes_rule and (change.channel_id, change.kept) == (EVERYWHERE, Kept.MESSAGES):
        raise Invalid(_("Say for how long messages are kept."), fields={change.kept.value: _("Choose one of these.")})
    if change.channel_id != EVERYWHERE and not change.removes_rule:
        _check_channel(change.channel_id)


def _check_channel(channel_id: int) -> None:
    if db.session.scalar(select(GuildChannel.id).where(GuildChannel.id == channel_id)) is None:
        raise Invalid(_("There is no such channel."), fields={"channel_id": _("Choose one of the server's channels.")})


@requires(Permission.MANAGE_PRIVACY)
@retriable
def undo_shortening(actor: Actor, change_id: int) -> None:
    """Take a shortening back that is not in force yet. Raises `Conflict` once it is, `NotFound`."""
    with transaction():
        change = db.session.scalar(select(RetentionChange).where(RetentionChange.id == change_id).with_for_update())
        if change is None:
            raise NotFound(_("There is no such change."))
        if change.state != JobState.PENDING:
            raise Conflict(_("It is in force already, or was taken back."), code="already_in_force")
        change.state = JobState.CANCELLED
        record(AUDIT, actor, "retention.shortening_undone", change.id)


@requires(Permission.MANAGE_PRIVACY)
@retriable
def exclude(actor: Actor, wanted: Exclude) -> ArchiveExclusion:
    """Take in nothing more of a channel, a person or all bots, from now on. Raises `Invalid` naming the field.

    What is kept already stays; `delete_kept` lets it go.
    """
    kind, object_id = _checked(wanted)
    with transaction():
        row = db.session.get(ArchiveExclusion, (actor.tenant_id, kind.value, object_id))
        if row is None:
            row = ArchiveExclusion(kind=kind.value, object_id=object_id, added_by=actor.user_id)
            db.session.add(row)
            record(AUDIT, actor, "archive.excluded", actor.tenant_id, after=_told(kind, object_id))
            announce(LIVE, Signal(Topic.BOT, "settings"))
    return row


def _checked(wanted: Exclude) -> tuple[ExclusionKind, int]:
    if wanted.kind not in {kind.value for kind in ExclusionKind if kind is not ExclusionKind.ERASED}:
        raise Invalid(_("Nothing was excluded."), fields={"kind": _("Choose one of these.")})
    kind = ExclusionKind(wanted.kind)
    if kind is ExclusionKind.BOTS:
        return kind, ALL_BOTS
    if not wanted.object_id:
        field = "channel_id" if kind is ExclusionKind.CHANNEL else "user_id"
        word = _("Choose one of the server's channels.") if field == "channel_id" else _("Paste their id: digits only.")
        raise Invalid(_("Nothing was excluded."), fields={field: word})
    if kind is ExclusionKind.CHANNEL:
        _check_channel(wanted.object_id)
    return kind, wanted.object_id


@requires(Permission.MANAGE_PRIVACY)
@retriable
def include(actor: Actor, kind: str, object_id: int) -> None:
    """Take it in again, from now on. Raises `NotFound`."""
    with transaction():
        row = _exclusion(actor, kind, object_id)
        db.session.delete(row)
        record(AUDIT, actor, "archive.included", actor.tenant_id, before=_told(ExclusionKind(kind), object_id))
        announce(LIVE, Signal(Topic.BOT, "settings"))


@requires(Permission.MANAGE_PRIVACY)
@retriable
def delete_kept(actor: Actor, kind: str, object_id: int) -> datetime:
    """Let what is kept of something excluded go, a day from now; answers when. Including it again takes that back."""
    with transaction():
        row = _exclusion(actor, kind, object_id)
        row.deletes_kept_at = row.deletes_kept_at or retention.takes_effect_at()
        db.session.execute(
            update(RetentionSweep)
            .where(RetentionSweep.state == JobState.PENDING, RetentionSweep.due_at > row.deletes_kept_at)
            .values(due_at=max(row.deletes_kept_at, database_now()))
            .execution_options(synchronize_session=False)
        )
        record(AUDIT, actor, "archive.deletion_ordered", actor.tenant_id, after=_told(ExclusionKind(kind), object_id))
        return row.deletes_kept_at


def _exclusion(actor: Actor, kind: str, object_id: int) -> ArchiveExclusion:
    row = db.session.get(ArchiveExclusion, (actor.tenant_id, kind, object_id))
    if row is None or kind == ExclusionKind.ERASED:
        raise NotFound(_("That is not excluded."))
    return row


def _told(kind: ExclusionKind, object_id: int) -> dict[str, str]:
    return {"kind": kind.value, "id": str(object_id)}
