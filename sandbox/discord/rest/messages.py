"""Messages: history, posting, editing, deleting."""

from datetime import timedelta
from typing import Any

from sandbox.discord import message_payloads, permissions
from sandbox.discord.changes.messages import Draft
from sandbox.discord.clock import snowflake_at
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Channel, ChannelType, Json, Message
from sandbox.discord.rest import access
from sandbox.discord.rest.drafting import read_draft, read_edit
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.rest.validation import Form, invalid_form, problem

NONCE_SECONDS = 300
BULK_DAYS = 14
SUPPRESS_EMBEDS = 1 << 2
CROSSPOSTED = 1
DELETABLE_TYPES = frozenset({0, 6, 7, 8, 9, 10, 11, 12, 18, 19, 20, 22, 23, 24})


@route("GET", "/channels/{channel_id}/messages", limit=(50, 5.0))
async def list_messages(call: Call) -> list[Json]:
    """History, newest first, around, before or after an id; empty without Read Message History."""
    channel = access.channel_of(call)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=100) or 50
    places = {name: form.snowflake(name) for name in ("around", "before", "after")}
    form.check()
    if channel.guild_id and not access.channel_bits(call, channel) & permissions.READ_MESSAGE_HISTORY:
        return []
    log = channel.messages
    if places["around"] is not None:
        found = log.around(places["around"], limit)
    elif places["before"] is not None:
        found = log.before(places["before"], limit)
    elif places["after"] is not None:
        found = log.after(places["after"], limit)
    else:
        found = log.newest(limit)
    return [message_payloads.message(call.world, one, call.actor.id) for one in found]


@route("GET", "/channels/{channel_id}/messages/{message_id}")
async def get_message(call: Call) -> Json:
    """One message."""
    channel = access.channel_of(call, permissions.READ_MESSAGE_HISTORY)
    return message_payloads.message(call.world, access.message_of(call, channel), call.actor.id)


@route("POST", "/channels/{channel_id}/messages", limit=(5, 5.0))
async def create_message(call: Call) -> Json:
    """Posts a message. With `enforce_nonce` the same nonce answers the same message for a few minutes."""
    channel = _writable(call)
    draft = read_draft(call, channel)
    _check_reach(call, channel, draft)
    existing = _posted_before(call, channel, draft) if call.fields().get("enforce_nonce") else None
    if existing is not None:
        return message_payloads.message(call.world, existing, call.actor.id)
    _wait_for_slow_mode(call, channel)
    nonce = draft.nonce
    message = call.world.create_message(channel.id, call.actor.id, draft)
    payload = message_payloads.message(call.world, message, call.actor.id)
    if nonce is not None:
        call.world.nonces[call.actor.id, channel.id, str(nonce)] = message
        payload["nonce"] = nonce
    return payload


@route("PATCH", "/channels/{channel_id}/messages/{message_id}", limit=(5, 5.0))
async def edit_message(call: Call) -> Json:
    """Edits one's own message; of others' only the embeds may be suppressed, with Manage Messages."""
    channel = access.channel_of(call)
    message = access.message_of(call, channel)
    if message.author.id != call.actor.id or message.webhook_name is not None:
        if set(call.fields()) - {"flags"}:
            raise DiscordError(Code.NOT_THE_AUTHOR)
        access.demand(access.channel_bits(call, channel), permissions.MANAGE_MESSAGES)
    new = read_edit(call, message.flags, message.attachments)
    refuse_emptied(message, new)
    call.world.edit_message(message, **new)
    return message_payloads.message(call.world, message, call.actor.id)


@route("DELETE", "/channels/{channel_id}/messages/{message_id}", limit=(5, 1.0))
async def delete_message(call: Call) -> None:
    """Deletes a message; others' with Manage Messages."""
    channel = access.channel_of(call)
    message = access.message_of(call, channel)
    if message.type not in DELETABLE_TYPES:
        raise DiscordError(Code.SYSTEM_MESSAGE)
    if message.author.id != call.actor.id or message.webhook_name is not None:
        if channel.type == ChannelType.DM:
            raise DiscordError(Code.NOT_IN_DIRECT_MESSAGES)
        access.demand(access.channel_bits(call, channel), permissions.MANAGE_MESSAGES)
    call.world.delete_message(message, call.actor.id, reason=call.reason)


@route("POST", "/channels/{channel_id}/messages/bulk-delete", limit=(1, 1.0))
async def bulk_delete_messages(call: Call) -> None:
    """Deletes 2 to 100 messages of the last 14 days at once; unknown ids are passed over."""
    channel = access.channel_of(call, permissions.MANAGE_MESSAGES)
    if channel.guild_id is None:
        raise DiscordError(Code.NOT_IN_DIRECT_MESSAGES)
    form = Form(call.fields())
    message_ids = form.snowflakes("messages", required=True) or []
    form.check()
    if not 2 <= len(message_ids) <= 100:
        raise DiscordError(Code.BULK_DELETE_COUNT)
    oldest = snowflake_at(call.world.clock.now() - timedelta(days=BULK_DAYS))
    if any(message_id < oldest for message_id in message_ids):
        raise DiscordError(Code.TOO_OLD_FOR_BULK_DELETE)
    found = [channel.messages.get(message_id) for message_id in dict.fromkeys(message_ids)]
    messages = [one for one in found if one is not None]
    call.world.bulk_delete_messages(channel, messages, call.actor.id, reason=call.reason)


@route("POST", "/channels/{channel_id}/messages/{message_id}/crosspost", limit=(10, 3600.0))
async def crosspost_message(call: Call) -> Json:
    """Publishes an announcement to the channels that follow it."""
    channel = access.channel_of(call, permissions.SEND_MESSAGES)
    message = access.message_of(call, channel)
    if channel.type != ChannelType.ANNOUNCEMENT:
        raise DiscordError(Code.WRONG_CHANNEL_TYPE)
    if message.author.id != call.actor.id:
        access.demand(access.channel_bits(call, channel), permissions.MANAGE_MESSAGES)
    call.world.edit_message(message, flags=message.flags | CROSSPOSTED)
    return message_payloads.message(call.world, message, call.actor.id)


@route("POST", "/channels/{channel_id}/typing")
async def start_typing(call: Call) -> None:
    """Shows that the caller writes."""
    call.world.start_typing(access.channel_of(call, permissions.SEND_MESSAGES), call.actor.id)


def refuse_emptied(message: Message, new: dict[str, Any]) -> None:
    """Raises 50006 if an edit would leave nothing to show."""
    names = ("content", "embeds", "components", "attachments", "sticker_items", "poll")
    if not any(new.get(name, getattr(message, name)) for name in names) and not message.snapshots:
        raise DiscordError(Code.EMPTY_MESSAGE)


def _writable(call: Call) -> Channel:
    channel = access.channel_of(call, permissions.SEND_MESSAGES)
    if channel.type not in ChannelType.TEXTUAL:
        raise DiscordError(Code.NOT_A_TEXT_CHANNEL)
    if channel.type == ChannelType.DM:
        _check_direct_message(call, channel)
    elif channel.is_thread and channel.is_archived:
        may_manage = access.channel_bits(call, channel) & permissions.MANAGE_THREADS
        if channel.is_locked and not may_manage:
            raise DiscordError(Code.ARCHIVED_THREAD)
        call.world.edit_thread(channel, call.actor.id, is_archived=False)
    return channel


def _check_direct_message(call: Call, channel: Channel) -> None:
    other = next(one for one in channel.recipients if one.id != call.actor.id)
    pair = {other.id, call.actor.id}
    meets = any(pair <= guild.members.keys() for guild in call.world.guilds.values())
    if not meets or other.id in call.world.closed_to_messages:
        raise DiscordError(Code.CANNOT_MESSAGE_USER)


def _check_reach(call: Call, channel: Channel, draft: Draft) -> None:
    if channel.guild_id is None:
        return
    bits = access.channel_bits(call, channel)
    if draft.embeds:
        access.demand(bits, permissions.EMBED_LINKS)
    if draft.attachments:
        access.demand(bits, permissions.ATTACH_FILES)
    if draft.reply_to is not None and not bits & permissions.READ_MESSAGE_HISTORY:
        why = "Cannot reply without permission to read message history"
        raise invalid_form({"message_reference": problem("REPLIES_CANNOT_REPLY_WITHOUT_READ_HISTORY", why)})
    draft.may_mention_everyone = bool(bits & permissions.MENTION_EVERYONE)


def _posted_before(call: Call, channel: Channel, draft: Draft) -> Message | None:
    now = call.world.clock.now()
    nonces = call.world.nonces
    for key in [key for key, one in nonces.items() if now - one.timestamp > timedelta(seconds=NONCE_SECONDS)]:
        del nonces[key]
    found = nonces.get((call.actor.id, channel.id, str(draft.nonce))) if draft.nonce is not None else None
    return found if found is not None and found.deleted_at is None else None


def _wait_for_slow_mode(call: Call, channel: Channel) -> None:
    if not channel.slowmode or channel.guild_id is None:
        return
    exempt = permissions.MANAGE_MESSAGES | permissions.MANAGE_CHANNELS | permissions.BYPASS_SLOWMODE
    if access.channel_bits(call, channel) & exempt:
        return
    now = call.world.clock.now()
    for message in channel.messages.newest(100):
        left = channel.slowmode - (now - message.timestamp).total_seconds()
        if left <= 0:
            return
        if message.author.id == call.actor.id:
            held_back: Json = {"retry_after": round(left, 3), "global": False}
            raise DiscordError(Code.SLOW_MODE, **held_back)
