"""A person connects a server: tenant, owner, defaults and set-up steps, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.clients import clients
from app.clients.discord_oauth.port import OAuthGuild
from app.contracts.jobs import Job
from app.db.scope import tenant_scope
from app.db.transaction import on_commit, retriable, transaction
from app.domain.access import Actor, Role, signed_in
from app.domain.accounts.guilds import Answered, may_manage, my_guilds
from app.domain.audit.service import AUDIT, record
from app.domain.billing.plans import first_plan
from app.domain.clock import utcnow
from app.domain.errors import Conflict, Forbidden, Unavailable
from app.domain.staff.models import Membership
from app.domain.tenants.models import BotSettings, Branding, SetupStep, SetupStepKind, Tenant, TenantState
from app.domain.tenants.resuming import restart_steps, state_by_choices
from app.domain.tenants.slugs import slug_of
from app.extensions import db


@dataclass(frozen=True)
class InstallGuild:
    """The guild that Discord's token answer named; never one from a form or a query string."""

    guild_id: int


@dataclass(frozen=True)
class Installed:
    """The tenant, and whether this install created it."""

    tenant: Tenant
    is_new: bool


@signed_in
def install(user_id: int, command: InstallGuild) -> Installed:
    """Connect a guild. Again by its owner changes nothing; a detached one resumes as it was.

    Raises `Forbidden` unless Discord says, now, that the person may manage the server; `Conflict` where somebody
    else has connected it; `Unavailable` where Discord cannot be asked.
    """
    guild = _managed_guild(user_id, command.guild_id)
    try:
        return _connect(user_id, guild)
    except IntegrityError:
        # Two consents at once: the other one made the tenant, and now it can be read.
        return _connect(user_id, guild)


def _managed_guild(user_id: int, guild_id: int) -> OAuthGuild:
    mine = my_guilds(user_id, fresh=True)
    if mine.answered is Answered.BEFORE:
        raise Unavailable(
            _("Discord cannot be reached, so nobody can be sure that you manage this server."), code="discord_away"
        )
    guild = mine.one(guild_id)
    if guild is None or not may_manage(guild):
        raise Forbidden(_("You need Manage Server on Discord to connect this server."), code="discord:manage_server")
    return guild


@retriable
def _connect(user_id: int, guild: OAuthGuild) -> Installed:
    with transaction():
        tenant = db.session.scalar(select(Tenant).where(Tenant.guild_id == guild.id).with_for_update())
        is_new = tenant is None
        if tenant is None:
            tenant = _create(user_id, guild)
        elif tenant.owner_id != user_id:
            raise Conflict(
                _("This server is already connected by somebody else. Ask its owner for an invitation."),
                code="already_connected",
            )
        elif tenant.state == TenantState.DETACHED:
            tenant = _resume(user_id, tenant.id)
        on_commit(lambda: clients().job_queue.wake(Job.RUN_SETUP_STEPS))
    return Installed(tenant, is_new)


def _create(user_id: int, guild: OAuthGuild) -> Tenant:
    tenant = Tenant(
        guild_id=guild.id,
        slug=slug_of(guild.name, guild.id),
        name=guild.name[:100],
        icon_hash=guild.icon_hash,
        owner_id=user_id,
        plan=first_plan().name,
    )
    db.session.add(tenant)
    db.session.flush()
    db.session.add(Membership(tenant_id=tenant.id, user_id=user_id, role=Role.OWNER))
    db.session.flush()
    with tenant_scope(tenant.id):
        now = utcnow()
        db.session.add_all((Branding(), BotSettings()))
        db.session.add_all(SetupStep(kind=kind, due_at=now) for kind in SetupStepKind)
        record(AUDIT, _owner(user_id, tenant), "tenant.installed", tenant.id, after={"guild_id": str(guild.id)})
    return tenant


def _resume(user_id: int, tenant_id: int) -> Tenant:
    state = state_by_choices(tenant_id)
    tenant = db.session.get_one(Tenant, tenant_id)
    tenant.state, tenant.detached_at = state, None
    db.session.flush()
    with tenant_scope(tenant_id):
        restart_steps()
        record(AUDIT, _owner(user_id, tenant), "tenant.resumed", tenant_id)
    return tenant


def _owner(user_id: int, tenant: Tenant) -> Actor:
    return Actor(user_id, tenant.id, tenant.guild_id, Role.OWNER)
