"""Reads of what is kept about people, and of what is done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists, or_, select

from app.db.claimable import JobState
from app.db.counting import count_each
from app.db.scope import all_tenants, current_tenant_id, tenant_scope
from app.domain.clock import utcnow
from app.domain.errors import NotFound
from app.domain.holds.queries import held_message_ids, holds_in_force
from app.domain.members.models import GuildMember
from app.domain.messages.models import Attachment, Message, MessageRevision
from app.domain.moderation.models import Case, CaseStatus
from app.domain.privacy.models import (
    AccountErasure,
    Erasure,
    ErasureRequest,
    MemberNotice,
    PersonalExport,
    RequestStatus,
    RetentionSweep,
)
from app.domain.privacy.receipts import Receipt
from app.domain.staff.models import Membership
from app.domain.tenants.exclusions import mark_of
from app.domain.tenants.models import ArchiveExclusion, BotSettings, RetentionChange, RetentionRule, Tenant
from app.extensions import db

COUNTED_AT_MOST = 10_000

__all__ = ["held_message_ids"]


@dataclass(frozen=True)
class Counts:
    """How much one community keeps about one person; each counted no further than `COUNTED_AT_MOST`."""

    messages: int
    deleted: int
    earlier_versions: int
    files: int
    cases: int
    is_member: bool
    is_known_as_member: bool
    is_staff: bool

    @property
    def is_nothing(self) -> bool:
        return not (self.messages or self.cases or self.is_known_as_member or self.is_staff)


@dataclass(frozen=True)
class KeptHere:
    """One community's part of somebody's own page."""

    tenant: Tenant
    counts: Counts
    purpose: str | None
    days: int | None
    request: ErasureRequest | None
    """The newest."""
    exports: Sequence[PersonalExport]
    erasures: Sequence[Erasure]
    is_owner: bool


def kept_about(user_id: int) -> list[KeptHere]:
    """What each community keeps about this person, by the community's name."""
    return [kept_in(tenant, user_id) for tenant in communities_keeping(user_id)]


def communities_keeping(user_id: int) -> list[Tenant]:
    """The communities that keep, or kept and erased, anything about this person."""
    with all_tenants(reason="a person asks which communities keep anything about them"):
        found = set(db.session.scalars(select(Tenant.id).where(or_(*_keeping(user_id)))))
        salts = db.session.execute(
            select(BotSettings.tenant_id, BotSettings.erasure_salt).where(
                exists().where(Erasure.tenant_id == BotSettings.tenant_id)
            )
        ).all()
        marks = {tenant_id: mark_of(salt, user_id) for tenant_id, salt in salts}
        erased = db.session.execute(
            select(Erasure.tenant_id, Erasure.person_mark).where(Erasure.person_mark.in_(set(marks.values())))
        )
        found |= {tenant_id for tenant_id, mark in erased if marks.get(tenant_id) == mark}
    tenants = db.session.scalars(select(Tenant).where(Tenant.id.in_(found)))
    return sorted(tenants, key=lambda tenant: (tenant.name.casefold(), tenant.id))


def _keeping(user_id: int) -> list[ColumnElement[bool]]:
    """One probe of an index for each table and community."""
    return [
        exists().where(column.class_.tenant_id == Tenant.id, column == user_id)
        for column in (
            GuildMember.user_id,
            Message.author_id,
            Case.target_id,
            Membership.user_id,
            ErasureRequest.user_id,
            PersonalExport.user_id,
        )
    ]


def community_keeping(user_id: int, guild_id: int) -> Tenant:
    """That community, where it keeps anything about this person. Raises `NotFound` as for one that does not exist."""
    found = next((tenant for tenant in communities_keeping(user_id) if tenant.guild_id == guild_id), None)
    if found is None:
        raise NotFound(_("There is nothing at this address, or it is not yours to see."))
    return found


def kept_in(tenant: Tenant, user_id: int) -> KeptHere:
    """What one community keeps about this person."""
    with tenant_scope(tenant.id):
        settings = db.session.scalars(select(BotSettings)).one()
        requests = select(ErasureRequest).where(ErasureRequest.user_id == user_id)
        exports = select(PersonalExport).where(PersonalExport.user_id == user_id)
        erasures = select(Erasure).where(Erasure.person_mark == mark_of(settings.erasure_salt, user_id))
        return KeptHere(
            tenant=tenant,
            counts=counts_of(user_id),
            purpose=settings.archive_purpose,
            days=settings.retention_days,
            request=db.session.scalar(requests.order_by(ErasureRequest.asked_at.desc()).limit(1)),
            exports=db.session.scalars(exports.order_by(PersonalExport.asked_at.desc()).limit(3)).all(),
            erasures=db.session.scalars(erasures.order_by(Erasure.created_at.desc()).limit(3)).all(),
            is_owner=tenant.owner_id == user_id,
        )


def counts_of(user_id: int) -> Counts:
    """How much the community of the scope keeps about this person."""
    own = select(Message.id).where(Message.author_id == user_id)
    messages, deleted, earlier, files, cases = count_each(
        [
            query.limit(COUNTED_AT_MOST)
            for query in (
                own,
                own.where(Message.deleted_at.is_not(None)),
                select(MessageRevision.message_id).where(MessageRevision.message_id.in_(own)),
                select(Attachment.id).where(Attachment.message_id.in_(own)),
                select(Case.id).where(Case.target_id == user_id),
            )
        ]
    )
    member = db.session.scalar(select(GuildMember).where(GuildMember.user_id == user_id))
    staff = select(Membership.user_id).where(Membership.user_id == user_id)
    return Counts(
        messages,
        deleted,
        earlier,
        files,
        cases,
        is_member=member is not None and member.is_here,
        is_known_as_member=member is not None,
        is_staff=db.session.scalar(staff.where(Membership.tenant_id == current_tenant_id())) is not None,
    )


@dataclass(frozen=True)
class Exceptions:
    """What would be withheld from an erasure now."""

    is_held: bool
    open_cases: tuple[int, ...]
    """Their numbers."""


def exceptions_for(user_id: int) -> Exceptions:
    """Holds and open cases that stand in the way, in the community of the scope."""
    open_ones = select(Case.number).where(
        Case.target_id == user_id,
        or_(
            Case.status == CaseStatus.PENDING,
            (Case.status == CaseStatus.APPLIED) & (Case.expires_at > utcnow()),
        ),
    )
    return Exceptions(user_id in holds_in_force().members, tuple(db.session.scalars(open_ones.order_by(Case.number))))


def requests_of_community() -> Sequence[ErasureRequest]:
    """Requests of the scope's community: those that wait first, the most urgent on top."""
    is_answered = ErasureRequest.status != RequestStatus.WAITING
    statement = select(ErasureRequest).order_by(is_answered, ErasureRequest.answer_by).limit(200)
    return db.session.scalars(statement).all()


def count_waiting() -> int:
    """How many requests wait."""
    return count_each([select(ErasureRequest.id).where(ErasureRequest.status == RequestStatus.WAITING)])[0]


def newest_erasures(limit: int = 20) -> Sequence[Erasure]:
    """The community's erasures, newest first."""
    return db.session.scalars(select(Erasure).order_by(Erasure.created_at.desc()).limit(limit)).all()


def erasure_for(user_id: int, guild_id: int, erasure_id: int) -> Erasure:
    """An erasure of this very person. Raises `NotFound`."""
    tenant = community_keeping(user_id, guild_id)
    found = next((one for one in kept_in(tenant, user_id).erasures if one.id == erasure_id), None)
    if found is None or found.receipt is None:
        raise NotFound(_("There is no such receipt."))
    return found


def erasure(erasure_id: int) -> Erasure:
    """One of the community's erasures that has a receipt. Raises `NotFound`."""
    found = db.session.scalar(select(Erasure).where(Erasure.id == erasure_id))
    if found is None or found.receipt is None:
        raise NotFound(_("There is no such receipt."))
    return found


@dataclass(frozen=True)
class PrivacySettings:
    """What the settings page shows."""

    settings: BotSettings
    rules: Sequence[RetentionRule]
    changes: Sequence[RetentionChange]
    """Shortenings that wait, the next one first."""
    exclusions: Sequence[ArchiveExclusion]
    """Those that the owner made; marks of erased people are not shown."""
    sweep: RetentionSweep | None
    notice: MemberNotice | None


def privacy_settings() -> PrivacySettings:
    """The community's, now."""
    changes = select(RetentionChange).where(RetentionChange.state == JobState.PENDING)
    made = select(ArchiveExclusion).where(ArchiveExclusion.kind != "erased").order_by(ArchiveExclusion.added_at)
    return PrivacySettings(
        settings=db.session.scalars(select(BotSettings)).one(),
        rules=db.session.scalars(select(RetentionRule).order_by(RetentionRule.channel_id, RetentionRule.kept)).all(),
        changes=db.session.scalars(changes.order_by(RetentionChange.due_at)).all(),
        exclusions=db.session.scalars(made.limit(200)).all(),
        sweep=db.session.scalar(select(RetentionSweep)),
        notice=db.session.scalar(select(MemberNotice).order_by(MemberNotice.asked_at.desc()).limit(1)),
    )


def notice_channel() -> int | None:
    """Where a notice to members would be posted: the channel that the owner confirmed for announcements."""
    settings = db.session.scalars(select(BotSettings)).one()
    return settings.publish_channel_id if settings.channels_confirmed_at is not None else None


def are_under_way(erasure_ids: Sequence[int], account_id: int | None) -> bool:
    """True while one of these orders has no receipt yet and has not been given up."""
    with all_tenants(reason="the operator waits for erasures of several communities"):
        open_ones = select(Erasure.id).where(
            Erasure.id.in_(erasure_ids), Erasure.receipt.is_(None), Erasure.state != JobState.FAILED
        )
        if db.session.scalar(open_ones.limit(1)) is not None:
            return True
    account = select(AccountErasure.id).where(
        AccountErasure.id == account_id, AccountErasure.receipt.is_(None), AccountErasure.state != JobState.FAILED
    )
    return account_id is not None and db.session.scalar(account) is not None


def receipts_of(erasure_ids: Sequence[int], account_id: int | None) -> list[Receipt]:
    """The receipts of these orders, communities first; of communities that kept nothing there is none to hand on."""
    with all_tenants(reason="the operator hands on the receipts of several communities"):
        found = db.session.scalars(select(Erasure).where(Erasure.id.in_(erasure_ids)).order_by(Erasure.id)).all()
        kept = [one for one in found if one.receipt and (one.counts or one.withheld or len(found) == 1)]
        receipts = [Receipt(one.receipt or "", one.signature or "") for one in kept]
    account = db.session.get(AccountErasure, account_id) if account_id is not None else None
    if account is not None and account.receipt:
        receipts.append(Receipt(account.receipt, account.signature or ""))
    return receipts
