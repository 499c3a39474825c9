"""Threads: opening, listing, joining."""

from typing import Any

from sandbox.discord import message_payloads, payloads, permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Channel, ChannelType, Json, Message
from sandbox.discord.rest import access
from sandbox.discord.rest.drafting import read_draft
from sandbox.discord.rest.routing import Answer, Call, route
from sandbox.discord.rest.validation import Form

ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
ARCHIVED = "/channels/{channel_id}/threads/archived"


@route("POST", "/channels/{channel_id}/messages/{message_id}/threads", bucket="threads", limit=(50, 300.0))
async def create_thread_on_message(call: Call) -> Answer:
    """Opens a thread on a message; it has the message's id."""
    channel = access.channel_of(call, permissions.CREATE_PUBLIC_THREADS)
    message = access.message_of(call, channel)
    if message.thread_id is not None:
        raise DiscordError(Code.THREAD_ALREADY_CREATED)
    if channel.type not in (ChannelType.TEXT, ChannelType.ANNOUNCEMENT):
        raise DiscordError(Code.WRONG_CHANNEL_TYPE)
    name, settings = _read(call)
    return Answer(201, _thread(call, _open(call, channel, name, settings, starter=message)))


@route("POST", "/channels/{channel_id}/threads", bucket="threads", limit=(50, 300.0))
async def create_thread(call: Call) -> Answer:
    """Opens a thread without a message, or a post in a forum with its first message."""
    channel = access.channel_of(call)
    form = Form(call.fields())
    kind = form.choice("type", ChannelType.THREADS) or ChannelType.PRIVATE_THREAD
    if channel.type == ChannelType.FORUM:
        return Answer(201, _open_post(call, channel))
    if channel.type not in (ChannelType.TEXT, ChannelType.ANNOUNCEMENT):
        raise DiscordError(Code.WRONG_CHANNEL_TYPE)
    is_private = kind == ChannelType.PRIVATE_THREAD
    needed = permissions.CREATE_PRIVATE_THREADS if is_private else permissions.CREATE_PUBLIC_THREADS
    access.demand(access.channel_bits(call, channel), needed)
    name, settings = _read(call)
    return Answer(201, _thread(call, _open(call, channel, name, settings, kind=kind)))


@route("GET", "/guilds/{guild_id}/threads/active")
async def list_active_threads(call: Call) -> Json:
    """All open threads that the caller sees, with the caller's memberships."""
    guild, membership = access.guild_of(call)
    found = [
        one
        for one in guild.threads.values()
        if not one.is_archived and permissions.channel_permissions(guild, membership, one)
    ]
    return _listing(call, sorted(found, key=lambda one: -one.id))


@route("GET", ARCHIVED + "/public")
async def list_public_archived(call: Call) -> Json:
    """Archived public threads, latest archived first."""
    channel = access.channel_of(call, permissions.READ_MESSAGE_HISTORY)
    return _archived(call, channel, lambda one: one.type != ChannelType.PRIVATE_THREAD)


@route("GET", ARCHIVED + "/private")
async def list_private_archived(call: Call) -> Json:
    """Archived private threads; needs Manage Threads."""
    channel = access.channel_of(call, permissions.READ_MESSAGE_HISTORY | permissions.MANAGE_THREADS)
    return _archived(call, channel, lambda one: one.type == ChannelType.PRIVATE_THREAD)


@route("GET", "/channels/{channel_id}/users/@me/threads/archived/private")
async def list_own_private_archived(call: Call) -> Json:
    """Archived private threads that the caller joined."""
    channel = access.channel_of(call, permissions.READ_MESSAGE_HISTORY)
    own = call.actor.id
    return _archived(call, channel, lambda one: one.type == ChannelType.PRIVATE_THREAD and own in one.thread_members)


@route("GET", "/channels/{channel_id}/thread-members")
async def list_thread_members(call: Call) -> list[Json]:
    """Who takes part, by id; `with_member=true` adds the members and pages."""
    thread = _thread_of(call)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=100) or 100
    after = form.snowflake("after") or 0
    form.check()
    with_member = call.query.get("with_member") == "true"
    user_ids = sorted(one for one in thread.thread_members if one > after)
    return [_membership(call, thread, one, with_member) for one in (user_ids[:limit] if with_member else user_ids)]


@route("GET", "/channels/{channel_id}/thread-members/{user_id}")
async def get_thread_member(call: Call) -> Json:
    """One person's membership."""
    thread = _thread_of(call)
    if call.params["user_id"] not in thread.thread_members:
        raise DiscordError(Code.UNKNOWN_MEMBER)
    return _membership(call, thread, call.params["user_id"], call.query.get("with_member") == "true")


@route("PUT", "/channels/{channel_id}/thread-members/@me")
async def join_thread(call: Call) -> None:
    """Joins a thread."""
    call.world.join_thread(_open_thread_of(call), call.actor.id)


@route("PUT", "/channels/{channel_id}/thread-members/{user_id}")
async def add_thread_member(call: Call) -> None:
    """Adds someone who is a member of the guild."""
    thread = _open_thread_of(call, permissions.SEND_MESSAGES)
    guild = call.world.guilds[thread.guild_id or 0]
    call.world.join_thread(thread, access.member_of(guild, call.params["user_id"]).user.id)


@route("DELETE", "/channels/{channel_id}/thread-members/@me")
async def leave_thread(call: Call) -> None:
    """Leaves a thread."""
    call.world.leave_thread(_open_thread_of(call), call.actor.id)


@route("DELETE", "/channels/{channel_id}/thread-members/{user_id}")
async def remove_thread_member(call: Call) -> None:
    """Takes someone out; needs Manage Threads, or a private thread of one's own."""
    thread = _open_thread_of(call)
    is_own = thread.type == ChannelType.PRIVATE_THREAD and thread.owner_id == call.actor.id
    if not is_own:
        access.demand(access.channel_bits(call, thread), permissions.MANAGE_THREADS)
    call.world.leave_thread(thread, call.params["user_id"])


def _read(call: Call) -> tuple[str, dict[str, Any]]:
    form = Form(call.fields())
    name = form.text("name", shortest=1, longest=100, required=True)
    settings: dict[str, Any] = {
        "auto_archive_minutes": form.choice("auto_archive_duration", ARCHIVE_MINUTES),
        "slowmode": form.integer("rate_limit_per_user", most=21_600),
        "invitable": form.boolean("invitable"),
    }
    form.check()
    return name or "", {key: value for key, value in settings.items() if value is not None}


def _open(
    call: Call,
    channel: Channel,
    name: str,
    settings: dict[str, Any],
    *,
    kind: int = ChannelType.PUBLIC_THREAD,
    starter: Message | None = None,
) -> Channel:
    if channel.type == ChannelType.ANNOUNCEMENT:
        kind = ChannelType.ANNOUNCEMENT_THREAD
    return call.world.create_thread(channel, call.actor.id, name, kind=kind, starter=starter, **settings)


def _open_post(call: Call, forum: Channel) -> Json:
    access.demand(access.channel_bits(call, forum), permissions.SEND_MESSAGES)
    name, settings = _read(call)
    first = Form(call.fields()).mapping("message") or {}
    draft = read_draft(call, None, fields=first)
    thread = _open(call, forum, name, settings)
    message = call.world.create_message(thread.id, call.actor.id, draft, message_id=thread.id)
    return _thread(call, thread) | {"message": message_payloads.message(call.world, message, call.actor.id)}


def _thread(call: Call, thread: Channel) -> Json:
    return payloads.thread(thread, call.actor.id)


def _thread_of(call: Call, needed: int = 0) -> Channel:
    thread = access.channel_of(call, needed)
    if not thread.is_thread:
        raise DiscordError(Code.WRONG_CHANNEL_TYPE)
    return thread


def _open_thread_of(call: Call, needed: int = 0) -> Channel:
    thread = _thread_of(call, needed)
    if thread.is_archived:
        raise DiscordError(Code.ARCHIVED_THREAD)
    return thread


def _membership(call: Call, thread: Channel, user_id: int, with_member: bool) -> Json:
    payload = payloads.thread_member(thread, user_id)
    membership = call.world.guilds[thread.guild_id or 0].members.get(user_id)
    if with_member and membership is not None:
        payload["member"] = payloads.member(membership)
    return payload


def _archived(call: Call, channel: Channel, is_wanted: Any) -> Json:
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=100) or 50
    before = form.moment("before") if not str(call.query.get("before", "")).isdecimal() else None
    form.check()
    found = [
        (one.archived_at or one.created_at, one)
        for one in call.world.guilds[channel.guild_id or 0].threads.values()
        if one.parent_id == channel.id and one.is_archived and is_wanted(one)
    ]
    found = [(at, one) for at, one in found if at is not None and (before is None or at < before)]
    found.sort(key=lambda pair: (pair[0], pair[1].id), reverse=True)
    return _listing(call, [one for _, one in found[:limit]]) | {"has_more": len(found) > limit}


def _listing(call: Call, threads: list[Channel]) -> Json:
    own = [payloads.thread_member(one, call.actor.id) for one in threads if call.actor.id in one.thread_members]
    return {"threads": [_thread(call, one) for one in threads], "members": own, "has_more": False}
