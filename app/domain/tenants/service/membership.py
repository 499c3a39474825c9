"""The bot reports which guilds it is in. Install and report may come in either order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from app.clients import clients
from app.contracts.jobs import Job
from app.contracts.live import Signal, Topic
from app.contracts.membership import MembershipReport, ReportedGuild, ReportKind
from app.db.scope import tenant_scope
from app.db.transaction import on_commit, retriable, transaction
from app.db.upsert import bulk_upsert
from app.domain.access import SystemActor, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.live.service import LIVE, announce
from app.domain.notifications.kinds import Kind
from app.domain.notifications.service import NOTIFY, close_condition, open_condition
from app.domain.tenants.models import GuildPresence, Tenant, TenantState
from app.domain.tenants.queries import tenants_of_guilds
from app.domain.tenants.resuming import restart_steps, state_by_choices
from app.extensions import db

MEMBERSHIP = SystemActor("membership")
BATCH = 500


@system_only
@retriable
def report_membership(_system: SystemActor, report: MembershipReport) -> None:
    """Note where the bot is. A guild it left is detached, one it came back to resumes; repeating changes nothing."""
    with transaction():
        if report.kind is ReportKind.LEFT:
            _left(guild.id for guild in report.guilds)
            return
        _present(report.guilds)
        if report.kind is ReportKind.ALL:
            named = {guild.id for guild in report.guilds}
            known = db.session.scalars(select(GuildPresence.guild_id).where(GuildPresence.is_present.is_(True)))
            _left([guild_id for guild_id in known if guild_id not in named and report.covers(guild_id)])
        on_commit(lambda: clients().job_queue.wake(Job.RUN_SETUP_STEPS))


def _present(guilds: Iterable[ReportedGuild]) -> None:
    guilds, now = list(guilds), utcnow()
    for start in range(0, len(guilds), BATCH):
        some = guilds[start : start + BATCH]
        rows = [_row(guild, now) for guild in some]
        bulk_upsert(GuildPresence, [row for row in rows if row["name"]])
        # In an outage only the id is known: what was known before stays.
        bulk_upsert(GuildPresence, [row for row in rows if not row["name"]], update=("is_present", "reported_at"))
        tenants = tenants_of_guilds(guild.id for guild in some)
        for guild in some:
            if guild.id in tenants:
                _seen_in(tenants[guild.id].id, guild)


def _row(guild: ReportedGuild, now: datetime) -> dict[str, object]:
    return {
        "guild_id": guild.id,
        "name": guild.name,
        "icon_hash": guild.icon_hash,
        "owner_id": guild.owner_id,
        "is_present": True,
        "reported_at": now,
    }


def _seen_in(tenant_id: int, guild: ReportedGuild) -> None:
    state = state_by_choices(tenant_id)
    # Read anew: a scope that ends takes every loaded row with it.
    tenant = db.session.get_one(Tenant, tenant_id)
    was_detached = tenant.state == TenantState.DETACHED
    if guild.name:
        tenant.name, tenant.icon_hash = guild.name, guild.icon_hash
    if was_detached:
        tenant.state, tenant.detached_at = state, None
    db.session.flush()
    with tenant_scope(tenant_id):
        restart_steps()
        close_condition(NOTIFY, Kind.BOT_REMOVED)
        if was_detached:
            record(AUDIT, MEMBERSHIP, "tenant.resumed", tenant_id)
            announce(LIVE, Signal(Topic.BOT, "presence"))


def _left(guild_ids: Iterable[int]) -> None:
    gone = list(guild_ids)
    for presence in db.session.scalars(select(GuildPresence).where(GuildPresence.guild_id.in_(gone))):
        presence.is_present, presence.reported_at = False, utcnow()
    for tenant_id in [tenant.id for tenant in tenants_of_guilds(gone).values()]:
        _detach(tenant_id)


def _detach(tenant_id: int) -> None:
    tenant = db.session.get_one(Tenant, tenant_id)
    if tenant.state == TenantState.DETACHED:
        return
    tenant.state, tenant.detached_at = TenantState.DETACHED, utcnow()
    owner_id = tenant.owner_id
    db.session.flush()
    with tenant_scope(tenant_id):
        record(AUDIT, MEMBERSHIP, "tenant.detached", tenant_id)
        open_condition(NOTIFY, Kind.BOT_REMOVED, user_ids=(owner_id,))
        announce(LIVE, Signal(Topic.BOT, "presence"))
