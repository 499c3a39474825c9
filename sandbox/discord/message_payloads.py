"""Discord's JSON of messages: content, attachments, reactions, references, webhooks' names."""

from typing import TYPE_CHECKING

from sandbox.discord import cdn
from sandbox.discord.clock import iso
from sandbox.discord.models import Attachment, Json, Message
from sandbox.discord.payloads import member_without_user, thread, user

if TYPE_CHECKING:
    from sandbox.discord.changes.base import WorldState

IS_SPOILER_FILE = 1 << 3
SUPPRESS_EMBEDS = 1 << 2
ATTACHMENT_SCHEME = "attachment://"


def message(world: "WorldState", item: Message, for_user: int | None = None, *, with_reference: bool = True) -> Json:
    """A message as REST tells it to `for_user` (whose own reactions are marked), a reply with what it answers."""
    payload: Json = {
        "id": str(item.id),
        "channel_id": str(item.channel_id),
        "type": item.type,
        "author": author(item),
        "content": item.content,
        "timestamp": iso(item.timestamp),
        "edited_timestamp": iso(item.edited_at) if item.edited_at else None,
        "tts": item.tts,
        "mention_everyone": item.mention_everyone,
        "mentions": [user(world.users[one]) for one in item.mention_ids if one in world.users],
        "mention_roles": [str(role_id) for role_id in item.mention_role_ids],
        "attachments": [attachment(world, item.channel_id, one) for one in item.attachments],
        "embeds": [] if item.flags & SUPPRESS_EMBEDS else item.embeds,
        "pinned": item.pinned_at is not None,
        "flags": item.flags,
        "components": item.components,
    }
    if item.attachments and (item.embeds or item.components):
        _link_attachments(payload)
    if item.reactions:
        payload["reactions"] = [reaction(emoji, user_ids, for_user) for emoji, user_ids in item.reactions.items()]
    if item.nonce is not None:
        payload["nonce"] = item.nonce
    if item.webhook_id is not None:
        payload["webhook_id"] = str(item.webhook_id)
    if item.application_id is not None:
        payload["application_id"] = str(item.application_id)
    if item.sticker_items:
        payload["sticker_items"] = item.sticker_items
    if item.poll is not None:
        payload["poll"] = item.poll
    if item.interaction is not None:
        payload |= item.interaction
    if item.reference is not None:
        payload["message_reference"] = item.reference
        if item.snapshots:
            payload["message_snapshots"] = item.snapshots
        elif with_reference:
            payload["referenced_message"] = _referenced(world, item.reference)
    if item.thread_id is not None and item.thread_id in world.channels:
        payload["thread"] = thread(world.channels[item.thread_id])
    return payload


def message_event(world: "WorldState", item: Message) -> Json:
    """A message as MESSAGE_CREATE and MESSAGE_UPDATE carry it: with the guild and the author's member object."""
    payload = message(world, item)
    if item.guild_id is None:
        return payload
    payload["guild_id"] = str(item.guild_id)
    guild = world.guilds.get(item.guild_id)
    if guild is None or item.webhook_id is not None:
        return payload
    membership = guild.members.get(item.author.id) or guild.former_members.get(item.author.id)
    if membership is not None:
        payload["member"] = member_without_user(membership)
    for mention in payload["mentions"]:
        mentioned = guild.members.get(int(mention["id"]))
        if mentioned is not None:
            mention["member"] = member_without_user(mentioned)
    return payload


def author(item: Message) -> Json:
    """Who wrote a message: a user, or a webhook under the name it chose."""
    if item.webhook_name is None:
        return user(item.author)
    return {
        "id": str(item.webhook_id),
        "username": item.webhook_name,
        "global_name": None,
        "discriminator": "0000",
        "avatar": item.webhook_avatar,
        "public_flags": 0,
        "flags": 0,
        "bot": True,
        "primary_guild": None,
    }


def attachment(world: "WorldState", channel_id: int, item: Attachment) -> Json:
    """An attachment with a signed link that expires."""
    url = cdn.attachment_url(world, channel_id, item)
    payload: Json = {
        "id": str(item.id),
        "filename": item.filename,
        "size": len(item.content),
        "url": url,
        "proxy_url": url,
        "content_type": item.content_type,
    }
    if item.width and item.height:
        payload |= {"width": item.width, "height": item.height}
    if item.description:
        payload["description"] = item.description
    if item.is_spoiler:
        payload["flags"] = IS_SPOILER_FILE
    return payload


def emoji(written: str) -> Json:
    """`❄️` or `name:id` as an emoji object."""
    name, _, emoji_id = written.partition(":")
    return {"id": emoji_id or None, "name": name}


def reaction(written: str, user_ids: list[int], for_user: int | None) -> Json:
    """A reaction with its counts."""
    return {
        "emoji": emoji(written),
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "burst_colors": [],
        "me_burst": False,
        "burst_me": False,
        "burst_count": 0,
        "me": for_user is not None and for_user in user_ids,
    }


def _referenced(world: "WorldState", reference: Json) -> Json | None:
    channel = world.channels.get(int(reference["channel_id"]))
    found = channel.messages.get(int(reference["message_id"])) if channel else None
    return message(world, found, with_reference=False) if found else None


def _link_attachments(payload: Json) -> None:
    """Embeds and components name their files by `attachment://`; such a file is shown there and not below."""
    links = {one["filename"]: one["url"] for one in payload["attachments"]}
    used: set[str] = set()

    def linked(part: object) -> object:
        if isinstance(part, dict):
            return {key: linked(value) for key, value in part.items()}
        if isinstance(part, list):
            return [linked(one) for one in part]
        if isinstance(part, str) and part.startswith(ATTACHMENT_SCHEME):
            name = part.removeprefix(ATTACHMENT_SCHEME)
            used.add(name)
            return links.get(name, part)
        return part

    payload["embeds"] = linked(payload["embeds"])
    payload["components"] = linked(payload["components"])
    if used:
        payload["attachments"] = [one for one in payload["attachments"] if one["filename"] not in used]
