"""Webhooks: managing them, and speaking through them."""

import hashlib
from typing import Any

from sandbox.discord import message_payloads, payloads, permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Channel, ChannelType, Json, Message, Webhook
from sandbox.discord.rest import access
from sandbox.discord.rest.drafting import read_draft, read_edit
from sandbox.discord.rest.messages import refuse_emptied
from sandbox.discord.rest.routing import Call, NotMine, route
from sandbox.discord.rest.validation import Form, invalid_form, problem

MOST_IN_A_CHANNEL = 15
FORBIDDEN_IN_NAMES = ("discord", "clyde")
HOOK = "/webhooks/{webhook_id}"
SPOKEN = HOOK + "/{webhook_token}"
SAID = SPOKEN + "/messages/{message_id}"
EXECUTION = (5, 2.0)


@route("POST", "/channels/{channel_id}/webhooks", limit=(10, 10.0))
async def create_webhook(call: Call) -> Json:
    """Adds a webhook to a channel; needs Manage Webhooks. 30007 above fifteen."""
    channel = access.channel_of(call, permissions.MANAGE_WEBHOOKS)
    if channel.type not in (ChannelType.TEXT, ChannelType.ANNOUNCEMENT, ChannelType.FORUM, ChannelType.VOICE):
        raise DiscordError(Code.WRONG_CHANNEL_TYPE)
    form = Form(call.fields())
    name = _name(form, "name", required=True)
    form.check()
    if sum(hook.channel_id == channel.id for hook in call.world.webhooks.values()) >= MOST_IN_A_CHANNEL:
        raise DiscordError(Code.TOO_MANY_WEBHOOKS)
    return _payload(call, call.world.create_webhook(channel, name or "", call.actor, reason=call.reason))


@route("GET", "/channels/{channel_id}/webhooks")
async def list_channel_webhooks(call: Call) -> list[Json]:
    """The webhooks of a channel, with their tokens."""
    channel = access.channel_of(call, permissions.MANAGE_WEBHOOKS)
    return [_payload(call, hook) for hook in call.world.webhooks.values() if hook.channel_id == channel.id]


@route("GET", "/guilds/{guild_id}/webhooks")
async def list_guild_webhooks(call: Call) -> list[Json]:
    """The webhooks of a guild."""
    guild, _ = access.guild_of(call, permissions.MANAGE_WEBHOOKS)
    return [_payload(call, hook) for hook in call.world.webhooks.values() if hook.guild_id == guild.id]


@route("GET", HOOK)
async def get_webhook(call: Call) -> Json:
    """One webhook, by those who manage webhooks."""
    return _payload(call, _managed(call))


@route("PATCH", HOOK, limit=(10, 10.0))
async def edit_webhook(call: Call) -> Json:
    """Renames a webhook or moves it to another channel of the guild."""
    hook = _managed(call)
    form = Form(call.fields())
    new: dict[str, Any] = {}
    if form.given("name"):
        new["name"] = _name(form, "name", required=True)
    if form.given("channel_id"):
        new["channel_id"] = form.snowflake("channel_id", required=True)
    form.check()
    if "channel_id" in new:
        target = access.channel_of(call, permissions.MANAGE_WEBHOOKS, new["channel_id"])
        if target.guild_id != hook.guild_id:
            raise DiscordError(Code.UNKNOWN_CHANNEL)
    return _payload(call, call.world.edit_webhook(hook, call.actor.id, reason=call.reason, **new))


@route("DELETE", HOOK)
async def delete_webhook(call: Call) -> None:
    """Revokes a webhook."""
    call.world.delete_webhook(_managed(call), call.actor.id, reason=call.reason)


@route("GET", SPOKEN, auth=())
async def get_webhook_by_token(call: Call) -> Json:
    """One webhook by its token, without its maker."""
    return payloads.webhook(_by_token(call), call.world.public_url, with_user=False)


@route("PATCH", SPOKEN, auth=())
async def edit_webhook_by_token(call: Call) -> Json:
    """Renames a webhook by its token."""
    hook = _by_token(call)
    form = Form(call.fields())
    name = _name(form, "name")
    form.check()
    if name is not None:
        call.world.edit_webhook(hook, reason=call.reason, name=name)
    return payloads.webhook(hook, call.world.public_url, with_user=False)


@route("DELETE", SPOKEN, auth=())
async def delete_webhook_by_token(call: Call) -> None:
    """Revokes a webhook by its token."""
    call.world.delete_webhook(_by_token(call), reason=call.reason)


@route("POST", SPOKEN, auth=(), limit=EXECUTION)
async def execute_webhook(call: Call) -> Json | None:
    """Posts as a webhook: 204, or the message with `wait=true`. There is no nonce: repeating posts again."""
    hook = _by_token(call)
    form = Form(call.fields())
    name = _name(form, "username", longest=80)
    avatar = form.text("avatar_url", longest=2048)
    thread_name = form.text("thread_name", shortest=1, longest=100)
    form.check()
    draft = read_draft(call, None)
    draft.webhook, draft.webhook_name = hook, name
    draft.webhook_avatar = hashlib.md5(avatar.encode(), usedforsecurity=False).hexdigest() if avatar else None
    draft.may_mention_everyone = True
    channel = _target(call, hook, thread_name)
    message = call.world.create_message(channel.id, hook.creator.id, draft)
    return message_payloads.message(call.world, message) if call.query.get("wait") == "true" else None


@route("GET", SAID, auth=())
async def get_webhook_message(call: Call) -> Json:
    """A message of this webhook."""
    return message_payloads.message(call.world, _said(call))


@route("PATCH", SAID, auth=(), limit=EXECUTION)
async def edit_webhook_message(call: Call) -> Json:
    """Edits a message of this webhook."""
    message = _said(call)
    new = read_edit(call, message.flags, message.attachments)
    refuse_emptied(message, new)
    return message_payloads.message(call.world, call.world.edit_message(message, **new))


@route("DELETE", SAID, auth=(), limit=EXECUTION)
async def delete_webhook_message(call: Call) -> None:
    """Deletes a message of this webhook."""
    call.world.delete_message(_said(call))


def _payload(call: Call, hook: Webhook) -> Json:
    return payloads.webhook(hook, call.world.public_url)


def _name(form: Form, field: str, *, required: bool = False, longest: int = 80) -> str | None:
    name = form.text(field, shortest=1, longest=longest, required=required)
    for word in FORBIDDEN_IN_NAMES:
        if name is not None and word in name.casefold():
            form.refuse(field, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')
    return name


def _managed(call: Call) -> Webhook:
    hook = call.world.webhooks.get(call.params["webhook_id"])
    if hook is None:
        raise DiscordError(Code.UNKNOWN_WEBHOOK)
    access.channel_of(call, permissions.MANAGE_WEBHOOKS, hook.channel_id)
    return hook


def _by_token(call: Call) -> Webhook:
    if call.params["webhook_id"] == call.world.application.id:
        raise NotMine
    hook = call.world.webhooks.get(call.params["webhook_id"])
    if hook is None:
        raise DiscordError(Code.UNKNOWN_WEBHOOK)
    if hook.token != call.words["webhook_token"]:
        raise DiscordError(Code.INVALID_WEBHOOK_TOKEN)
    return hook


def _target(call: Call, hook: Webhook, thread_name: str | None) -> Channel:
    channel = call.world.channels[hook.channel_id]
    form = Form(dict(call.query))
    thread_id = form.snowflake("thread_id")
    form.check()
    if thread_id is not None:
        thread = call.world.channels.get(thread_id)
        if thread is None or thread.parent_id != channel.id or not thread.is_thread:
            raise DiscordError(Code.UNKNOWN_CHANNEL)
        if thread.is_archived and not thread.is_locked:
            call.world.edit_thread(thread, is_archived=False)
        return thread
    if channel.type != ChannelType.FORUM:
        return channel
    if thread_name is None:
        why = "Webhooks posted to forum channels must have a thread_name or thread_id"
        raise invalid_form({"thread_name": problem("BASE_TYPE_REQUIRED", why)})
    return call.world.create_thread(channel, hook.creator.id, thread_name)


def _said(call: Call) -> Message:
    hook = _by_token(call)
    form = Form(dict(call.query))
    thread_id = form.snowflake("thread_id")
    form.check()
    channel = call.world.channels.get(thread_id or hook.channel_id)
    message = channel.messages.get(call.params["message_id"]) if channel else None
    if message is None or message.webhook_id != hook.id:
        raise DiscordError(Code.UNKNOWN_MESSAGE)
    return message
