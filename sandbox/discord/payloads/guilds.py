"""Guilds, with their roles, bans, audit log and webhooks."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox.discord import cdn
from sandbox.discord.clock import iso
from sandbox.discord.models import AuditLogEntry, Ban, Channel, Guild, Json, Role, Webhook
from sandbox.discord.payloads.channels import channel, thread
from sandbox.discord.payloads.people import member, user
from sandbox.discord.permissions import can_view

if TYPE_CHECKING:
    from sandbox.discord.changes.base import WorldState

MAX_MEMBERS = 500_000


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
    return (one for one in item.threads.values() if not one.is_archived and can_view(item, user_id, one.id))
