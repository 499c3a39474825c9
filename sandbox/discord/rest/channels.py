"""Channels and their permission overwrites."""

from typing import Any

from sandbox.discord import payloads, permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Channel, ChannelType, Guild, Json, Overwrite
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Answer, Call, route
from sandbox.discord.rest.threads import ARCHIVE_MINUTES
from sandbox.discord.rest.validation import Form

LONGEST_SLOWMODE = 21_600
CREATABLE = (ChannelType.TEXT, ChannelType.VOICE, ChannelType.CATEGORY, ChannelType.ANNOUNCEMENT, ChannelType.FORUM)


@route("GET", "/guilds/{guild_id}/channels")
async def list_channels(call: Call) -> list[Json]:
    """All channels of the guild, hidden ones too; no threads."""
    guild, _ = access.guild_of(call)
    return [payloads.channel(one) for one in sorted(guild.channels.values(), key=lambda one: (one.position, one.id))]


@route("POST", "/guilds/{guild_id}/channels", limit=(10, 10.0))
async def create_channel(call: Call) -> Answer:
    """Adds a channel; needs Manage Channels."""
    guild, _ = access.guild_of(call, permissions.MANAGE_CHANNELS)
    if len(guild.channels) >= 500:
        raise DiscordError(Code.TOO_MANY_CHANNELS)
    form = Form(call.fields())
    name = form.text("name", shortest=1, longest=100, required=True)
    kind = form.choice("type", CREATABLE) or ChannelType.TEXT
    settings = _settings(call, form, guild)
    form.check()
    settings.pop("name", None)
    channel = call.world.create_channel(
        guild,
        name or "",
        kind=kind,
        by=call.actor.id,
        reason=call.reason,
        **{k: v for k, v in settings.items() if v is not None},
    )
    return Answer(201, payloads.channel(channel))


@route("PATCH", "/guilds/{guild_id}/channels")
async def move_channels(call: Call) -> None:
    """Puts channels in other places."""
    guild, _ = access.guild_of(call, permissions.MANAGE_CHANNELS)
    for one in call.body if isinstance(call.body, list) else []:
        form = Form(one if isinstance(one, dict) else {})
        channel_id = form.snowflake("id", required=True)
        position = form.integer("position")
        form.check()
        channel = guild.channels.get(channel_id or 0)
        if channel is None:
            raise DiscordError(Code.UNKNOWN_CHANNEL)
        if position is not None:
            call.world.edit_channel(channel, call.actor.id, reason=call.reason, position=position)


@route("GET", "/channels/{channel_id}")
async def get_channel(call: Call) -> Json:
    """A channel, thread or direct message."""
    channel = access.channel_of(call)
    return payloads.thread(channel, call.actor.id) if channel.is_thread else payloads.channel(channel)


@route("PATCH", "/channels/{channel_id}", limit=(5, 15.0))
async def edit_channel(call: Call) -> Json:
    """Changes a channel (Manage Channels) or a thread (Manage Threads, or one's own)."""
    channel = access.channel_of(call)
    if channel.type == ChannelType.DM:
        raise DiscordError(Code.NOT_IN_DIRECT_MESSAGES)
    if channel.is_thread:
        return _edit_thread(call, channel)
    access.demand(access.channel_bits(call, channel), permissions.MANAGE_CHANNELS)
    guild = call.world.guilds[channel.guild_id or 0]
    form = Form(call.fields())
    new = _settings(call, form, guild)
    form.check()
    call.world.edit_channel(channel, call.actor.id, reason=call.reason, **new)
    return payloads.channel(channel)


@route("DELETE", "/channels/{channel_id}")
async def delete_channel(call: Call) -> Json:
    """Deletes a channel or thread."""
    channel = access.channel_of(call)
    payload = payloads.channel(channel)
    bits = access.channel_bits(call, channel) if channel.guild_id else 0
    if channel.type == ChannelType.DM:
        return payload
    if channel.is_thread:
        access.demand(bits, permissions.MANAGE_THREADS)
        call.world.delete_thread(channel, call.actor.id, reason=call.reason)
    else:
        access.demand(bits, permissions.MANAGE_CHANNELS)
        call.world.delete_channel(channel, call.actor.id, reason=call.reason)
    return payload


@route("PUT", "/channels/{channel_id}/permissions/{overwrite_id}")
async def set_overwrite(call: Call) -> None:
    """Sets an overwrite; needs Manage Roles, and only what the caller may do can be changed."""
    channel = access.channel_of(call, permissions.MANAGE_ROLES)
    guild = call.world.guilds[channel.guild_id or 0]
    form = Form(call.fields())
    kind = form.choice("type", (0, 1), required=True)
    allow = form.integer("allow", most=permissions.ALL) or 0
    deny = form.integer("deny", most=permissions.ALL) or 0
    form.check()
    target_id = call.params["overwrite_id"]
    if kind == 0:
        access.role_of(guild, target_id)
    access.demand(access.channel_bits(call, channel), allow | deny)
    overwrite = Overwrite(target_id, kind == 0, allow, deny)
    call.world.set_overwrite(channel, overwrite, call.actor.id, reason=call.reason)


@route("DELETE", "/channels/{channel_id}/permissions/{overwrite_id}")
async def delete_overwrite(call: Call) -> None:
    """Takes an overwrite away."""
    channel = access.channel_of(call, permissions.MANAGE_ROLES)
    if call.params["overwrite_id"] not in channel.overwrites:
        raise DiscordError(Code.UNKNOWN_OVERWRITE)
    call.world.delete_overwrite(channel, call.params["overwrite_id"], call.actor.id, reason=call.reason)


def _settings(call: Call, form: Form, guild: Guild) -> dict[str, Any]:
    new: dict[str, Any] = {}
    if form.given("name"):
        new["name"] = form.text("name", shortest=1, longest=100, required=True)
    if form.given("topic"):
        new["topic"] = form.text("topic", longest=1024)
    if form.given("nsfw"):
        new["nsfw"] = bool(form.boolean("nsfw"))
    if form.given("rate_limit_per_user"):
        new["slowmode"] = form.integer("rate_limit_per_user", most=LONGEST_SLOWMODE) or 0
    if form.given("position"):
        new["position"] = form.integer("position") or 0
    if form.given("parent_id"):
        new["parent_id"] = form.snowflake("parent_id")
        parent = guild.channels.get(new["parent_id"] or 0)
        if new["parent_id"] and (parent is None or parent.type != ChannelType.CATEGORY):
            form.refuse("parent_id", "CHANNEL_PARENT_INVALID", "Category does not exist")
    if form.given("permission_overwrites"):
        new["overwrites"] = _overwrites(form)
    return new


def _overwrites(form: Form) -> dict[int, Overwrite]:
    read: dict[int, Overwrite] = {}
    for index, one in enumerate(form.sequence("permission_overwrites", longest=1000) or ()):
        inner = Form(one if isinstance(one, dict) else {})
        target_id = inner.snowflake("id", required=True)
        kind = inner.choice("type", (0, 1))
        allow = inner.integer("allow", most=permissions.ALL) or 0
        deny = inner.integer("deny", most=permissions.ALL) or 0
        if inner.errors:
            form.errors.setdefault("permission_overwrites", {})[str(index)] = inner.errors
        elif target_id is not None:
            read[target_id] = Overwrite(target_id, kind != 1, allow, deny)
    return read


def _edit_thread(call: Call, thread: Channel) -> Json:
    form = Form(call.fields())
    new: dict[str, Any] = {
        "name": form.text("name", shortest=1, longest=100),
        "is_archived": form.boolean("archived"),
        "is_locked": form.boolean("locked"),
        "invitable": form.boolean("invitable"),
        "auto_archive_minutes": form.choice("auto_archive_duration", ARCHIVE_MINUTES),
        "slowmode": form.integer("rate_limit_per_user", most=LONGEST_SLOWMODE),
    }
    form.check()
    new = {key: value for key, value in new.items() if value is not None}
    bits = access.channel_bits(call, thread)
    owner_may = {"name", "is_archived", "auto_archive_minutes", "invitable"}
    if not bits & permissions.MANAGE_THREADS:
        is_opening = new.keys() == {"is_archived"} and not new["is_archived"] and not thread.is_locked
        if not is_opening and (thread.owner_id != call.actor.id or new.keys() - owner_may):
            raise DiscordError(Code.MISSING_PERMISSIONS)
    if thread.is_archived and new.get("is_archived") is not False and new:
        raise DiscordError(Code.ARCHIVED_THREAD)
    call.world.edit_thread(thread, call.actor.id, reason=call.reason, **new)
    return payloads.thread(thread, call.actor.id)
