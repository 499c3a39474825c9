"""Channels, threads, overwrites."""

from sandbox.discord.clock import iso
from sandbox.discord.models import Channel, ChannelType, Json, Overwrite
from sandbox.discord.payloads.people import user


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
