"""Reads of tenants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.db.claimable import JobState
from app.domain.access import Role
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.visibility import ChannelRules, GuildRules, permissions_by_channel
from app.domain.staff.models import Membership
from app.domain.staff.queries import standing_of, tenants_with_mapped_roles
from app.domain.tenants import channels
from app.domain.tenants.models import BotSettings, GuildPresence, SetupStep, SetupStepKind, Tenant
from app.domain.webhooks.models import WebhookPurpose
from app.extensions import db


def tenant_of_guild(guild_id: int) -> Tenant | None:
    """The tenant that this Discord server is, whatever its state."""
    return db.session.scalar(select(Tenant).where(Tenant.guild_id == guild_id))


def tenant_by_id(tenant_id: int) -> Tenant:
    """A tenant that is known to exist (a foreign key says so)."""
    return db.session.get_one(Tenant, tenant_id)


def tenants_of_guilds(guild_ids: Iterable[int]) -> dict[int, Tenant]:
    """Those of these guilds that are tenants, by guild."""
    ids = set(guild_ids)
    return {t.guild_id: t for t in db.session.scalars(select(Tenant).where(Tenant.guild_id.in_(ids)))} if ids else {}


@dataclass(frozen=True)
class OpenCommunity:
    """A community with the role in it of whoever asked."""

    tenant: Tenant
    role: Role


def communities_of(user_id: int, guild_ids: Iterable[int] = ()) -> list[OpenCommunity]:
    """The communities that this person may open: by their own role, and by a Discord role in one of `guild_ids`."""
    own = db.session.execute(
        select(Tenant, Membership.role)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Membership.user_id == user_id)
    ).all()
    found = {row.Tenant.id: OpenCommunity(row.Tenant, Role(row.role)) for row in own}
    tenants = {row.Tenant.id: row.Tenant for row in own}
    tenants |= {tenant.id: tenant for tenant in tenants_of_guilds(guild_ids).values()}
    lost_by_leaving = {tenant_id for tenant_id, one in found.items() if one.role is not Role.OWNER}
    for tenant_id in {*tenants_with_mapped_roles(tenants), *lost_by_leaving}:
        standing = standing_of(tenant_id, user_id)
        if standing is None:
            found.pop(tenant_id, None)
        else:
            found[tenant_id] = OpenCommunity(tenants[tenant_id], standing.role)
    return sorted(found.values(), key=lambda one: (one.tenant.name.casefold(), one.tenant.id))


def presence_of(guild_id: int) -> GuildPresence | None:
    """What the bot last reported of this guild."""
    return db.session.get(GuildPresence, guild_id)


def bot_settings() -> BotSettings:
    """This tenant's bot settings; they exist from the install."""
    return db.session.scalars(select(BotSettings)).one()


@dataclass(frozen=True)
class SetupProgress:
    """How far an install has come, its steps in order."""

    steps: tuple[SetupStep, ...]

    @property
    def is_running(self) -> bool:
        """True while a step may still change by itself."""
        return any(step.state in (JobState.PENDING, JobState.IN_PROGRESS) for step in self.steps)

    @property
    def is_complete(self) -> bool:
        return all(step.state == JobState.DONE for step in self.steps)

    def step(self, kind: SetupStepKind) -> SetupStep | None:
        return next((step for step in self.steps if step.kind == kind), None)


def setup_progress() -> SetupProgress:
    """This tenant's set-up steps in the order in which they run."""
    order = list(SetupStepKind)
    steps = db.session.scalars(select(SetupStep))
    return SetupProgress(tuple(sorted(steps, key=lambda step: order.index(SetupStepKind(step.kind)))))


@dataclass(frozen=True)
class ChannelChoices:
    """The channels a webhook may go to."""

    hidden: tuple[GuildChannel, ...]
    """Not seen by @everyone: fit for staff alerts."""
    open: tuple[GuildChannel, ...]
    """Seen by @everyone."""
    closed_to_bot: frozenset[int] = frozenset()
    """Those in which the bot may not create a webhook, as far as the copy tells."""

    @property
    def all(self) -> tuple[GuildChannel, ...]:
        return self.open + self.hidden


def channel_choices(guild_id: int, bot_id: int | None = None) -> ChannelChoices:
    """Channels of this tenant that can carry a webhook, by who sees them. Without `bot_id` none is closed to the bot."""
    everyone = _everyone(guild_id)
    found = [c for c in _live_channels() if channels.can_carry_webhook(c)]
    hidden = tuple(c for c in found if not channels.everyone_sees(c, everyone))
    return ChannelChoices(
        hidden,
        tuple(c for c in found if channels.everyone_sees(c, everyone)),
        _closed_to(bot_id, guild_id, found),
    )


@dataclass(frozen=True)
class Proposals:
    """Ids of channels for one purpose, the best first: those that are open to the bot, and those that are not."""

    usable: tuple[int, ...]
    closed: tuple[int, ...]


def proposals_for(
    purpose: WebhookPurpose, guild_id: int, system_channel_id: int | None, bot_id: int | None
) -> Proposals:
    """What an install proposes. Without `bot_id` every channel counts as open to the bot."""
    everyone, found = _everyone(guild_id), _live_channels()
    if purpose is WebhookPurpose.ALERTS:
        fitting = channels.fit_for_alerts(found, everyone)
    else:
        fitting = channels.fit_for_publish(found, everyone, system_channel_id)
    closed = _closed_to(bot_id, guild_id, fitting)
    return Proposals(
        tuple(one.id for one in fitting if one.id not in closed),
        tuple(one.id for one in fitting if one.id in closed),
    )


def _closed_to(bot_id: int | None, guild_id: int, found: Sequence[GuildChannel]) -> frozenset[int]:
    """Where the bot lacks what a webhook needs. Before the bot's own membership is copied, nowhere."""
    held = db.session.scalar(
        select(GuildMember.role_ids).where(GuildMember.user_id == bot_id, GuildMember.left_at.is_(None))
    )
    if bot_id is None or held is None:
        return frozenset()
    roles = {role_id: bits for role_id, bits in db.session.execute(select(GuildRole.id, GuildRole.permissions))}
    rules = [ChannelRules(one.id, one.kind, one.parent_id, tuple(one.overwrites)) for one in found]
    granted = permissions_by_channel(GuildRules(guild_id, None, roles), bot_id, map(int, held), rules)
    if granted is None:
        return frozenset()
    return frozenset(one for one, bits in granted.items() if bits & channels.NEEDED_BY_BOT != channels.NEEDED_BY_BOT)


def _everyone(guild_id: int) -> GuildRole | None:
    return db.session.scalar(select(GuildRole).where(GuildRole.id == guild_id))


def _live_channels() -> list[GuildChannel]:
    return list(
        db.session.scalars(
            select(GuildChannel)
            .where(GuildChannel.deleted_at.is_(None))
            .order_by(GuildChannel.position, GuildChannel.id)
        )
    )
