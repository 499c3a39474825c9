"""Questions that a lost answer or a crash left open, settled by asking Discord; and timeouts that have run out."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import Select, select

from app.clients.errors import Refused, Unavailable
from app.contracts.bot_api import Act
from app.db.claimable import JobState, claim
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.clock import utcnow
from app.domain.discord import acts_on_discord, discord_guild
from app.domain.moderation.models import Case, CaseEventKind, CaseStatus
from app.domain.moderation.records import Outcome, note, record_outcome, tell
from app.domain.tenants.models import Tenant
from app.extensions import db

BATCH = 50
SAME_MOMENT = timedelta(seconds=2)
NOT_APPLIED = "not_applied"
POISON = "poison"


@system_only
@acts_on_discord
def settle_unknown_outcomes(_system: SystemActor) -> int:
    """Ask Discord what became of acts whose answer was lost; returns how many cases were looked into.

    Takes every tenant's due cases under a lease, so that any number of bots may sweep. While Discord is away they wait.
    """
    lease = current_app.config["SETTINGS"].timings.lease
    with all_tenants(reason="open questions of all communities are settled by one sweep"):
        # A claim is a write: where nothing is open, which is nearly always, the archive is not made to wait for it.
        if db.session.scalar(select(Case.id).where(Case.status == CaseStatus.PENDING).limit(1)) is None:
            return 0
        claims = claim(Case, BATCH, lease, only=Case.status == CaseStatus.PENDING)
        found = [(one.row.tenant_id, one.row.id, one.token) for one in claims]
        _give_up_on_poison()
    for tenant_id, case_id, token in found:
        with tenant_scope(tenant_id):
            _settle_one(tenant_id, case_id, token)
    return len(found)


@system_only
@retriable
def expire_timeouts(_system: SystemActor) -> int:
    """Mark the cases of timeouts that have ended by themselves; returns how many."""
    ended = select(Case).where(Case.status == CaseStatus.APPLIED, Case.expires_at <= utcnow()).limit(BATCH)
    with all_tenants(reason="timeouts of all communities run out by one sweep"):
        if db.session.scalar(ended) is None:
            return 0
        return _expire(ended)


def _expire(ended: Select[Case]) -> int:
    with transaction():
        cases = list(db.session.scalars(ended.with_for_update(skip_locked=True)))
        for case in cases:
            case.status = CaseStatus.EXPIRED
            note(case, CaseEventKind.EXPIRED)
            tell(case)
        return len(cases)


def _settle_one(tenant_id: int, case_id: int, token: str) -> None:
    case = db.session.scalars(select(Case).where(Case.id == case_id)).one()
    guild_id = db.session.scalars(select(Tenant.guild_id).where(Tenant.id == tenant_id)).one()
    try:
        is_so = _is_so(guild_id, case)
    except Unavailable as error:
        record_outcome(case_id, Outcome.UNKNOWN, error.code, lease_token=token)
        return
    except Refused as error:
        record_outcome(case_id, Outcome.FAILED, error.code, lease_token=token)
        return
    outcome = Outcome.APPLIED if is_so else Outcome.FAILED
    record_outcome(case_id, outcome, None if is_so else NOT_APPLIED, lease_token=token)


def _is_so(guild_id: int, case: Case) -> bool:
    """Whether Discord is in the state that the act wanted."""
    discord, target = discord_guild(), case.target_id
    act = Act(case.kind)
    if act in (Act.BAN, Act.UNBAN):
        return discord.is_banned(guild_id, target) is (act is Act.BAN)
    member = discord.fetch_member(guild_id, target)
    if act is Act.KICK:
        return member is None
    until = member.timed_out_until if member is not None else None
    if act is Act.UNTIMEOUT:
        return until is None or until <= utcnow()
    wanted = case.expires_at
    return until is not None and wanted is not None and abs(until - wanted) <= SAME_MOMENT


@retriable
def _give_up_on_poison() -> None:
    """A case whose settling ended three bots is left to people; its row says so."""
    with transaction():
        stuck = select(Case).where(Case.status == CaseStatus.PENDING, Case.state == JobState.FAILED).limit(BATCH)
        for case in db.session.scalars(stuck.with_for_update(skip_locked=True)):
            case.status, case.failure_code, case.settled_at = CaseStatus.FAILED, POISON, utcnow()
            note(case, CaseEventKind.FAILED, detail={"code": POISON})
            tell(case)
