"""Discord's JSON of each thing, for REST answers and gateway dispatches alike."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox.discord import cdn
from sandbox.discord.clock import iso
from sandbox.discord.models import (
    AuditLogEntry,
    Ban,
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Overwrite,
    Role,
    User,
    Webhook,
)

if TYPE_CHECKING:
    from sandbox.discord.changes.base import WorldState

MAX_MEMBERS = 500_000


def user(person: User) -> Json:
    """A user as others see them."""
    payload: Json = {
        "id": str(person.id),
        "username": person.username,
        "global_name": person.global_name,
        "discriminator": person.discriminator,
        "avatar": cdn.avatar_hash(person),
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
    }
    if person.is_bot:
        payload["bot"] = True
    return payload


def own_user(person: User) -> Json:
    """A user as `/users/@me` and READY tell the user themselves."""
    return user(person) | {
        "mfa_enabled": False,
        "locale": person.locale,
        "premium_type": 0,
        "verified": True,
        "email": None,
        "bot": person.is_bot,
    }


def member_without_user(membership: Member) -> Json:
    """The member object that rides on messages and interactions."""
    until = membership.timed_out_until
    return {
        "nick": membership.nick,
        "avatar": None,
        "banner": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "roles": [str(role_id) for role_id in membership.role_ids],
        "joined_at": iso(membership.joined_at),
        "premium_since": None,
        "communication_disabled_until": iso(until) if until else None,
        "flags": 0,
        "pending": False,
        "mute": False,
        "deaf": False,
    }


def member(membership: Member) -> Json:
    """A guild member with their user."""
    payload = member_without_user(membership)
    payload["user"] = user(membership.user)
    return payload


def role(item: Role) -> Json:
    """A role; permissions are a decimal string."""
    payload: Json = {
        "id": str(item.id),
        "name": item.name,
        "color": item.color,
        "colors": {"primary_color": item.color, "secondary_color": None, "tertiary_color": None},
        "hoist": item.hoist,
        "icon": None,
        "unicode_emoji": None,
        "position": item.position,
        "permissions": str(item.permissions),
        "managed": item.managed,
        "mentionable": item.mentionable,
        "flags": 0,
    }
    if item.bot_id is not None:
        payload["tags"] = {"bot_id": str(item.bot_id)}
    return payload


def overwrite(item: Overwrite) -> Json:
    """One permission overwrite of a channel."""
    return {
        "id": str(item.target_id),
        "type": 0 if item.is_role else 1,
        "allow": str(item.allow),
        "deny": str(item.deny),
    }


def channel(item: Channel) -> Json:
    """Any channel: of a guild, a thread, or a direct message."""
    if item.is_thread:
        return thread(item)
    last_message_id = item.messages.last_id()
    payload: Json = {
        "id": str(item.id),
        "type": item.type,
        "flags": 0,
        "last_message_id": str(last_message_id) if last_message_id else None,
    }
    if item.type == ChannelType.DM:
        return payload | {"recipients": [user(person) for person in item.recipients]}
    payload |= {
        "guild_id": str(item.guild_id),
        "name": item.name,
        "parent_id": str(item.parent_id) if item.parent_id else None,
        "position": item.position,
        "permission_overwrites": [overwrite(one) for one in item.overwrites.values()],
        "nsfw": item.nsfw,
    }
    if item.type == ChannelType.CATEGORY:
        return payload
    payload |= {"topic": item.topic, "rate_limit_per_user": item.slowmode}
    if item.type == ChannelType.VOICE:
        payload |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    elif item.type == ChannelType.FORUM:
        payload |= {
            "available_tags": [],
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
            "default_auto_archive_duration": 4320,
            "default_thread_rate_limit_per_user": 0,
        }
    elif item.last_pin_at:
        payload["last_pin_timestamp"] = iso(item.last_pin_at)
    return payload


def thread(item: Channel, for_user: int | None = None) -> Json:
    """A thread; with its `member` where the given user has joined it."""
    last_message_id = item.messages.last_id()
    created_at = iso(item.created_at) if item.created_at else None
    metadata: Json = {
        "archived": item.is_archived,
        "auto_archive_duration": item.auto_archive_minutes,
        "archive_timestamp": iso(item.archived_at) if item.archived_at else created_at,
        "locked": item.is_locked,
        "create_timestamp": created_at,
    }
    if item.type == ChannelType.PRIVATE_THREAD:
        metadata["invitable"] = item.invitable
    payload: Json = {
        "id": str(item.id),
        "guild_id": str(item.guild_id),
        "parent_id": str(item.parent_id),
        "owner_id": str(item.owner_id),
        "type": item.type,
        "name": item.name,
        "flags": 0,
        "last_message_id": str(last_message_id) if last_message_id else None,
        "rate_limit_per_user": item.slowmode,
        "message_count": len(item.messages),
        "member_count": min(len(item.thread_members), 50),
        "total_message_sent": item.total_sent,
        "thread_metadata": metadata,
    }
    if item.last_pin_at:
        payload["last_pin_timestamp"] = iso(item.last_pin_at)
    if for_user is not None and for_user in item.thread_members:
        payload["member"] = thread_member(item, for_user)
    return payload


def thread_member(item: Channel, user_id: int) -> Json:
    """Someone's membership of a thread."""
    return {
        "id": str(item.id),
        "user_id": str(user_id),
        "join_timestamp": iso(item.thread_members[user_id]),
        "flags": 0,
    }


def ban(item: Ban) -> Json:
    """A ban as the ban list shows it."""
    return {"user": user(item.user), "reason": item.reason}


def audit_log_entry(entry: AuditLogEntry) -> Json:
    """An audit log entry; `reason`, `changes` and `options` only where there are any."""
    payload: Json = {
        "id": str(entry.id),
        "action_type": entry.action,
        "user_id": str(entry.user_id) if entry.user_id else None,
        "target_id": str(entry.target_id) if entry.target_id else None,
    }
    if entry.changes:
        payload["changes"] = entry.changes
    if entry.options:
        payload["options"] = entry.options
    if entry.reason:
        payload["reason"] = entry.reason
    return payload


def webhook(item: Webhook, base_url: str, *, with_user: bool = True) -> Json:
    """An incoming webhook with its token and address."""
    payload: Json = {
        "id": str(item.id),
        "type": 1,
        "guild_id": str(item.guild_id),
        "channel_id": str(item.channel_id),
        "name": item.name,
        "avatar": item.avatar,
        "application_id": str(item.application_id) if item.application_id else None,
        "token": item.token,
        "url": f"{base_url}/api/webhooks/{item.id}/{item.token}",
    }
    if with_user:
        payload["user"] = user(item.creator)
    return payload


def guild(item: Guild) -> Json:
    """A guild as REST tells it."""
    return {
        "id": str(item.id),
        "name": item.name,
        "icon": cdn.icon_hash(item),
        "description": item.description,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": ["COMMUNITY", "NEWS"],
        "banner": None,
        "owner_id": str(item.owner_id),
        "application_id": None,
        "region": "rotterdam",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": str(item.system_channel_id) if item.system_channel_id else None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "roles": [role(one) for one in item.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 2,
        "max_presences": None,
        "max_members": MAX_MEMBERS,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": item.preferred_locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
        "hub_type": None,
        "latest_onboarding_question_id": None,
    }


def guild_create(world: "WorldState", item: Guild, for_bot: int | None = None) -> Json:
    """GUILD_CREATE: the guild with its channels, active threads and all members.

    `for_bot` limits the threads to those the bot sees; Discord lists all channels, hidden ones too.
    """
    bot_id = for_bot if for_bot is not None else world.bot_user.id
    own = item.members.get(bot_id)
    created = own.joined_at if own else world.clock.now()
    return guild(item) | {
        "joined_at": iso(created),
        "large": len(item.members) > 250,
        "unavailable": False,
        "member_count": len(item.members),
        "voice_states": [],
        "members": [member(one) for one in item.members.values()],
        "channels": [channel(one) for one in item.channels.values()],
        "threads": [thread(one, bot_id) for one in _visible_threads(item, bot_id)],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "embedded_activities": [],
        "application_command_counts": {},
        "version": 1,
        "lazy": True,
    }


def _visible_threads(item: Guild, user_id: int) -> Iterable[Channel]:
    from sandbox.discord.permissions import can_view

    return (one for one in item.threads.values() if not one.is_archived and can_view(item, user_id, one.id))
