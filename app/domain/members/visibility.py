"""Which channels Discord shows a person: its permission algorithm over our copy of the guild. Pure.

Discord's rules (Permissions: "Permission Overwrites", "Inherited Permissions (Threads)"): the owner and administrators
see all; otherwise @everyone's overwrite, then those of all roles together, then the member's own. A thread is seen as
its parent, a private one by its members and those who manage threads; the text of a voice channel by who may connect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ADMINISTRATOR = 1 << 3
VIEW_CHANNEL = 1 << 10
READ_MESSAGE_HISTORY = 1 << 16
CONNECT = 1 << 20
MANAGE_THREADS = 1 << 34

VOICE_KINDS = frozenset({2, 13})
THREAD_KINDS = frozenset({10, 11, 12})
PRIVATE_THREAD = 12
ROLE_OVERWRITE = 0


@dataclass(frozen=True)
class ChannelRules:
    """What decides who sees a channel. Deleted channels keep their last rules."""

    id: int
    kind: int
    parent_id: int | None = None
    overwrites: tuple[Mapping[str, Any], ...] = ()
    """As Discord sends them: `{"id", "type", "allow", "deny"}`."""
    thread_member_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class GuildRules:
    """What decides what anybody in the guild may do."""

    guild_id: int
    """Also the id of the role @everyone."""
    owner_id: int | None
    role_permissions: Mapping[int, int] = field(default_factory=dict)


def visible_channels(
    guild: GuildRules, user_id: int, role_ids: Iterable[int], channels: Iterable[ChannelRules]
) -> frozenset[int]:
    """Ids of the channels and threads whose messages a member may read now (View Channel and Read Message History)."""
    every = list(channels)
    permissions = permissions_by_channel(guild, user_id, role_ids, every)
    if permissions is None:
        return frozenset(channel.id for channel in every)
    seen = {
        channel.id for channel in every if channel.id in permissions and _may_read(permissions[channel.id], channel)
    }
    threads = {
        channel.id
        for channel in every
        if channel.kind in THREAD_KINDS and channel.parent_id in seen and _in_thread(channel, user_id, permissions)
    }
    return frozenset(seen | threads)


def permissions_by_channel(
    guild: GuildRules, user_id: int, role_ids: Iterable[int], channels: Iterable[ChannelRules]
) -> dict[int, int] | None:
    """What a member may do in each channel that is no thread; None for the owner and administrators, who may do all."""
    # A deleted role is still named by members and overwrites: Discord tells of the role alone.
    roles = [guild.guild_id, *(role_id for role_id in role_ids if role_id in guild.role_permissions)]
    base = 0
    for role_id in roles:
        base |= guild.role_permissions.get(role_id, 0)
    if user_id == guild.owner_id or base & ADMINISTRATOR:
        return None
    held = {str(role_id) for role_id in roles[1:]}
    return {
        channel.id: _in_channel(base, str(guild.guild_id), held, str(user_id), channel)
        for channel in channels
        if channel.kind not in THREAD_KINDS
    }


def _in_channel(base: int, everyone: str, held: set[str], user_id: str, channel: ChannelRules) -> int:
    found = base
    allowed_by_roles = denied_by_roles = 0
    own: Mapping[str, Any] | None = None
    for overwrite in channel.overwrites:
        whom, is_role = str(overwrite.get("id")), overwrite.get("type") == ROLE_OVERWRITE
        if is_role and whom == everyone:
            found = found & ~_bits(overwrite, "deny") | _bits(overwrite, "allow")
        elif is_role and whom in held:
            allowed_by_roles |= _bits(overwrite, "allow")
            denied_by_roles |= _bits(overwrite, "deny")
        elif not is_role and whom == user_id:
            own = overwrite
    found = found & ~denied_by_roles | allowed_by_roles
    if own is not None:
        found = found & ~_bits(own, "deny") | _bits(own, "allow")
    return found


def _may_read(permissions: int, channel: ChannelRules) -> bool:
    needed = VIEW_CHANNEL | READ_MESSAGE_HISTORY | (CONNECT if channel.kind in VOICE_KINDS else 0)
    return permissions & needed == needed


def _in_thread(thread: ChannelRules, user_id: int, permissions: Mapping[int, int]) -> bool:
    if thread.kind != PRIVATE_THREAD or str(user_id) in thread.thread_member_ids:
        return True
    assert thread.parent_id is not None
    return bool(permissions[thread.parent_id] & MANAGE_THREADS)


def _bits(overwrite: Mapping[str, Any], name: str) -> int:
    value = overwrite.get(name)
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else 0
