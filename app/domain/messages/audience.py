"""Whether everybody who sees one channel may also see another: what is told there gives nothing away."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Text, cast, select

from app.db.scope import current_tenant_id
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.visibility import (
    THREAD_KINDS,
    VIEW_CHANNEL,
    ChannelRules,
    GuildRules,
    permissions_by_channel,
    visible_channels,
)
from app.domain.tenants.models import GuildPresence, Tenant
from app.extensions import db

NOBODY = 0


def sources_open_to_all_in(target_id: int, source_ids: Iterable[int]) -> frozenset[int]:
    """Those of `source_ids` that everybody sees who sees the channel `target_id`, by our copy of the guild.

    People with the same roles are looked at once; whoever has an overwrite or a private thread of their own, by name.
    """
    wanted = set(source_ids)
    if target_id in wanted and len(wanted) == 1:
        return frozenset(wanted)
    rules = _rules()
    by_id = {channel.id: channel for channel in rules}
    if target_id not in by_id:
        return frozenset()
    guild = _guild()
    concerned = _with_parents({target_id, *wanted}, by_id)
    open_to_all = set(wanted)
    for user_id, role_ids in _audiences(concerned):
        if _hears(guild, user_id, role_ids, by_id[target_id], concerned):
            open_to_all &= visible_channels(guild, user_id, role_ids, concerned)
        if not open_to_all:
            break
    return frozenset(open_to_all)


def _hears(
    guild: GuildRules, user_id: int, role_ids: tuple[int, ...], target: ChannelRules, concerned: list[ChannelRules]
) -> bool:
    """Whether they see what is posted as it comes: that needs no right to read back. A thread is as its channel."""
    permissions = permissions_by_channel(guild, user_id, role_ids, concerned)
    place = target.parent_id if target.kind in THREAD_KINDS and target.parent_id else target.id
    return permissions is None or bool(permissions.get(place, VIEW_CHANNEL) & VIEW_CHANNEL)


def _audiences(concerned: Iterable[ChannelRules]) -> list[tuple[int, tuple[int, ...]]]:
    """(person, their roles): one nameless person for each set of roles that somebody has, and for whoever joins with none;
    and all who stand out."""
    here = GuildMember.left_at.is_(None)
    sets = db.session.scalars(select(cast(GuildMember.role_ids, Text)).where(here).distinct())
    found: list[tuple[int, tuple[int, ...]]] = [(NOBODY, ())]
    found += [(NOBODY, tuple(map(int, json.loads(roles)))) for roles in sets]
    named = {
        int(one["id"]) for channel in concerned for one in channel.overwrites if str(one.get("type")) == "1"
    }  # members' own overwrites
    named |= {int(one) for channel in concerned for one in channel.thread_member_ids}
    if named:
        rows = db.session.execute(
            select(GuildMember.user_id, GuildMember.role_ids).where(here, GuildMember.user_id.in_(named))
        )
        found += [(user_id, tuple(map(int, roles))) for user_id, roles in rows]
    return found


def _with_parents(ids: set[int], by_id: dict[int, ChannelRules]) -> list[ChannelRules]:
    parents = {by_id[one].parent_id for one in ids if one in by_id}
    return [by_id[one] for one in sorted(ids | {one for one in parents if one}) if one in by_id]


def _rules() -> list[ChannelRules]:
    columns = (
        GuildChannel.id, GuildChannel.kind, GuildChannel.parent_id, GuildChannel.overwrites, GuildChannel.thread_member_ids,
    )  # fmt: skip
    return [
        ChannelRules(channel_id, kind, parent_id, tuple(overwrites or ()), frozenset(map(str, members or ())))
        for channel_id, kind, parent_id, overwrites, members in db.session.execute(select(*columns))
    ]


def _guild() -> GuildRules:
    guild_id = db.session.scalar(select(Tenant.guild_id).where(Tenant.id == current_tenant_id())) or 0
    owner_id = db.session.scalar(select(GuildPresence.owner_id).where(GuildPresence.guild_id == guild_id))
    roles = {role_id: bits for role_id, bits in db.session.execute(select(GuildRole.id, GuildRole.permissions))}
    return GuildRules(guild_id, owner_id, roles)
