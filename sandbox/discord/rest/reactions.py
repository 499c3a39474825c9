"""Reactions and pins."""

import re

from sandbox.discord import message_payloads, payloads, permissions
from sandbox.discord.clock import iso
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Channel, ChannelType, Json, Message
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.rest.validation import Form

MOST_REACTIONS = 20
MOST_PINS = 250
REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions"
KEYCAP = re.compile(r"[0-9#*]\ufe0f?\u20e3")
PICTOGRAPH = re.compile(r"[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
QUICK = (1, 0.25)


@route("PUT", REACTIONS + "/{emoji}/@me", bucket="reactions", limit=QUICK)
async def add_reaction(call: Call) -> None:
    """Adds the caller's reaction; a new emoji needs Add Reactions."""
    channel = access.channel_of(call, permissions.READ_MESSAGE_HISTORY)
    message = access.message_of(call, channel)
    emoji = _emoji(call)
    if emoji not in message.reactions:
        if channel.guild_id is not None:
            access.demand(access.channel_bits(call, channel), permissions.ADD_REACTIONS)
        if len(message.reactions) >= MOST_REACTIONS:
            raise DiscordError(Code.TOO_MANY_REACTIONS)
    call.world.add_reaction(message, call.actor.id, emoji)


@route("DELETE", REACTIONS + "/{emoji}/@me", bucket="reactions", limit=QUICK)
async def remove_own_reaction(call: Call) -> None:
    """Takes the caller's reaction away."""
    message = access.message_of(call, access.channel_of(call))
    call.world.remove_reaction(message, call.actor.id, _emoji(call))


@route("DELETE", REACTIONS + "/{emoji}/{user_id}", bucket="reactions", limit=QUICK)
async def remove_reaction(call: Call) -> None:
    """Takes another's reaction away."""
    channel = access.channel_of(call, permissions.MANAGE_MESSAGES)
    message = access.message_of(call, channel)
    call.world.remove_reaction(message, access.user_of(call, call.params["user_id"]).id, _emoji(call))


@route("DELETE", REACTIONS, bucket="reactions", limit=QUICK)
async def clear_reactions(call: Call) -> None:
    """Takes all reactions away."""
    channel = access.channel_of(call, permissions.MANAGE_MESSAGES)
    call.world.clear_reactions(access.message_of(call, channel))


@route("DELETE", REACTIONS + "/{emoji}", bucket="reactions", limit=QUICK)
async def clear_emoji(call: Call) -> None:
    """Takes all reactions of one emoji away."""
    channel = access.channel_of(call, permissions.MANAGE_MESSAGES)
    call.world.clear_reactions(access.message_of(call, channel), _emoji(call))


@route("GET", REACTIONS + "/{emoji}")
async def list_reactions(call: Call) -> list[Json]:
    """Who reacted with an emoji, by id."""
    channel = access.channel_of(call, permissions.READ_MESSAGE_HISTORY)
    message = access.message_of(call, channel)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=100) or 25
    after = form.snowflake("after") or 0
    form.check()
    people = sorted(one for one in message.reactions.get(_emoji(call), []) if one > after)
    return [payloads.user(call.world.users[one]) for one in people[:limit]]


@route("GET", "/channels/{channel_id}/messages/pins")
async def list_pins(call: Call) -> Json:
    """Pinned messages, latest pin first, in pages."""
    channel = access.channel_of(call)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=50) or 50
    before = form.moment("before")
    form.check()
    pins = [one for one in _pins(call, channel) if before is None or (one.pinned_at and one.pinned_at < before)]
    items = [
        {"pinned_at": iso(one.pinned_at), "message": message_payloads.message(call.world, one, call.actor.id)}
        for one in pins[:limit]
        if one.pinned_at is not None
    ]
    return {"items": items, "has_more": len(pins) > limit}


@route("GET", "/channels/{channel_id}/pins")
async def list_pins_at_once(call: Call) -> list[Json]:
    """The older route: the latest fifty pins."""
    pins = _pins(call, access.channel_of(call))[:50]
    return [message_payloads.message(call.world, one, call.actor.id) for one in pins]


@route("PUT", "/channels/{channel_id}/messages/pins/{message_id}", bucket="pins", limit=(5, 5.0))
@route("PUT", "/channels/{channel_id}/pins/{message_id}", bucket="pins", limit=(5, 5.0))
async def pin_message(call: Call) -> None:
    """Pins a message; needs Pin Messages."""
    channel = access.channel_of(call)
    message = _pinnable(call, channel)
    if message.pinned_at is None and len(_pins(call, channel)) >= MOST_PINS:
        raise DiscordError(Code.TOO_MANY_PINS)
    call.world.pin_message(message, call.actor.id, reason=call.reason)


@route("DELETE", "/channels/{channel_id}/messages/pins/{message_id}", bucket="pins", limit=(5, 5.0))
@route("DELETE", "/channels/{channel_id}/pins/{message_id}", bucket="pins", limit=(5, 5.0))
async def unpin_message(call: Call) -> None:
    """Unpins a message."""
    message = _pinnable(call, access.channel_of(call))
    call.world.pin_message(message, call.actor.id, False, reason=call.reason)


def _pinnable(call: Call, channel: Channel) -> Message:
    if channel.type != ChannelType.DM:
        access.demand(access.channel_bits(call, channel), permissions.PIN_MESSAGES)
    return access.message_of(call, channel)


def _pins(call: Call, channel: Channel) -> list[Message]:
    if channel.guild_id and not access.channel_bits(call, channel) & permissions.READ_MESSAGE_HISTORY:
        return []
    pinned = [(one.pinned_at, one) for one in channel.messages if one.pinned_at is not None]
    return [one for _, one in sorted(pinned, key=lambda pair: (pair[0], pair[1].id), reverse=True)]


def _emoji(call: Call) -> str:
    written = call.words["emoji"]
    if not (PICTOGRAPH.search(written) or KEYCAP.fullmatch(written)) or len(written) > 32:
        raise DiscordError(Code.UNKNOWN_EMOJI)
    return written
