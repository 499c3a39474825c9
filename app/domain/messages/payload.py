"""Discord's message payloads, from the gateway or REST, as the archive keeps them.

The payload is outside input: nothing in it is trusted to be there, to have a type, or to be small. Reading never
raises; what cannot be kept comes back as `SetAside`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zlib import crc32

import orjson

from app.domain.clock import DISCORD_EPOCH_MS
from app.domain.messages.extras import IncomingAttachment, read_extras
from app.domain.messages.traits import Trait
from app.domain.messages.wire import clean_text, optional_text, small_number, snowflake

LONGEST_CONTENT = 10_000
"""Characters kept of one text: beyond twice what Discord lets anybody write."""

BLOCK_MESSAGE = 1
"""AutoMod's action. Source: Discord's "Auto Moderation Action Types"."""
SNOWFLAKE_REST = (1 << 22) - 1
SUPPRESS_EMBEDS = 1 << 2
LOADING = 1 << 7
VOICE_MESSAGE = 1 << 13
_REPLY_KINDS = {19, 23}

# Plain numbers: an IntFlag operation costs as much as reading a whole plain message.
_LINK, _EDITED, _REPLY = Trait.LINK.value, Trait.EDITED.value, Trait.REPLY.value
_BOT, _EVERYONE, _VOICE = Trait.BOT.value, Trait.EVERYONE.value, Trait.VOICE.value
_COMMAND = Trait.COMMAND.value
_BY_WEBHOOK = Trait.BOT.value | Trait.WEBHOOK.value


@dataclass(frozen=True, slots=True)
class SetAside:
    """A payload that the archive cannot keep, and why: ``malformed``, or ``partial`` (fetch the message)."""

    reason: str
    message_id: int | None
    channel_id: int | None


class IncomingMessage(NamedTuple):
    """One state of a message: what Discord said it was at version `edited_ms` (0 = as first written)."""

    id: int
    channel_id: int
    author_id: int
    author_name: str
    author_avatar: str | None
    kind: int
    flags: int
    traits: int
    edited_ms: int
    reply_to_id: int | None
    content: str
    extra_text: str | None
    """Every other text of the message (embeds, components, file names, poll …), parted by `SEGMENT`."""
    body: str | None
    """JSON of what is shown besides the content: embeds, attachments, components, stickers, poll, snapshots."""
    attachments: tuple[IncomingAttachment, ...]
    is_pinned: bool


def read_message(payload: Mapping[str, Any]) -> IncomingMessage | SetAside:
    """The message in a MESSAGE_CREATE, MESSAGE_UPDATE or REST payload. Never raises."""
    if type(payload) is not dict and not isinstance(payload, Mapping):  # the second costs ten times the first
        return SetAside("malformed", None, None)
    message_id = snowflake(payload.get("id"))
    channel_id = snowflake(payload.get("channel_id"))
    if message_id is None or channel_id is None:
        return SetAside("malformed", message_id, channel_id)
    author = payload.get("author")
    content = payload.get("content")
    if not (type(author) is dict or isinstance(author, Mapping)) or not isinstance(content, str):
        return SetAside("partial", message_id, channel_id)
    author_id = snowflake(author.get("id"))
    if author_id is None:
        return SetAside("malformed", message_id, channel_id)
    content = clean_text(content, LONGEST_CONTENT)
    edited_ms = _milliseconds(payload.get("edited_timestamp"))
    reference = payload.get("message_reference")
    reply_to_id = snowflake(reference.get("message_id")) if reference and isinstance(reference, Mapping) else None
    kind = small_number(payload.get("type"), 1 << 15)
    extras = read_extras(payload, content)
    traits = extras.traits
    if "http://" in content or "https://" in content:
        traits |= _LINK
    if edited_ms:
        traits |= _EDITED
    if reply_to_id is not None and kind in _REPLY_KINDS:
        traits |= _REPLY
    if payload.get("webhook_id"):
        # What a bot says in answer to an interaction has its id here, too: that is no webhook of a channel.
        traits |= _BOT if traits & _COMMAND else _BY_WEBHOOK
    elif author.get("bot") is True:
        traits |= _BOT
    if payload.get("mention_everyone") is True:
        traits |= _EVERYONE
    flags = small_number(payload.get("flags"), 1 << 31)
    if flags & VOICE_MESSAGE:
        traits |= _VOICE
    return IncomingMessage(
        message_id,
        channel_id,
        author_id,
        _shown_name(payload, author),
        optional_text(author.get("avatar"), 64),
        kind,
        flags,
        traits,
        edited_ms,
        reply_to_id,
        content,
        extras.text,
        extras.body,
        extras.attachments,
        payload.get("pinned") is True,
    )


def read_blocked(payload: Mapping[str, Any], seen_ms: int) -> IncomingMessage | SetAside | None:
    """What AutoMod kept from being posted, out of an AUTO_MODERATION_ACTION_EXECUTION, as if it were a message.

    None for every other act of AutoMod. It has no id at Discord: it gets one of the moment it was told of. Never raises.
    """
    if not isinstance(payload, Mapping):
        return SetAside("malformed", None, None)
    action = payload.get("action")
    if not isinstance(action, Mapping) or action.get("type") != BLOCK_MESSAGE or payload.get("message_id"):
        return None
    channel_id, author_id = snowflake(payload.get("channel_id")), snowflake(payload.get("user_id"))
    content = payload.get("content")
    if channel_id is None or author_id is None or not isinstance(content, str) or not content:
        return SetAside("malformed", None, channel_id)
    content = clean_text(content, LONGEST_CONTENT)
    rule = {
        name: value
        for name in ("rule_id", "matched_keyword", "matched_content")
        if (value := optional_text(payload.get(name), 1000))
    }
    traits = Trait.BLOCKED.value | (_LINK if "://" in content else 0)
    unlike_others = crc32(f"{author_id} {channel_id} {rule.get('rule_id')} {content}".encode()) & SNOWFLAKE_REST
    return IncomingMessage(
        (max(1, seen_ms - DISCORD_EPOCH_MS) << 22) | unlike_others,
        channel_id,
        author_id,
        "",
        None,
        0,
        0,
        traits,
        0,
        None,
        content,
        None,
        orjson.dumps({"blocked": rule}).decode(),
        (),
        False,
    )


def read_deletion(payload: Mapping[str, Any]) -> tuple[int, list[int]] | SetAside:
    """(channel, message ids) of a MESSAGE_DELETE or MESSAGE_DELETE_BULK payload. Never raises."""
    if not isinstance(payload, Mapping):
        return SetAside("malformed", None, None)
    channel_id = snowflake(payload.get("channel_id"))
    listed = payload.get("ids") if "ids" in payload else [payload.get("id")]
    found = [snowflake(value) for value in listed] if isinstance(listed, list) else []
    ids = [value for value in found if value is not None]
    if channel_id is None or not ids:
        return SetAside("malformed", ids[0] if ids else None, channel_id)
    return channel_id, ids


def _shown_name(payload: Mapping[str, Any], author: Mapping[str, Any]) -> str:
    member = payload.get("member")
    nickname = member.get("nick") if type(member) is dict or isinstance(member, Mapping) else None
    for name in (nickname, author.get("global_name"), author.get("username")):
        if isinstance(name, str) and name:
            return clean_text(name, 100)
    return ""


def _milliseconds(moment: object) -> int:
    """Unix milliseconds of an ISO 8601 moment; 0 where there is none."""
    if not isinstance(moment, str):
        return 0
    try:
        parsed = datetime.fromisoformat(moment)
        return max(0, round(parsed.timestamp() * 1000)) if parsed.tzinfo else 0
    except (ValueError, OverflowError):
        return 0
