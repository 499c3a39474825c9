"""Discord's message payloads, from the gateway or REST, as the archive keeps them.

The payload is outside input: nothing in it is trusted to be there, to have a type, or to be small. Reading never
raises; what cannot be kept comes back as `SetAside`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from mimetypes import guess_type
from typing import Any, NamedTuple

import orjson

from app.domain.messages.tokens import SEGMENT
from app.domain.messages.traits import Trait

LONGEST_CONTENT = 10_000
"""Characters kept of one text: beyond twice what Discord lets anybody write."""
LONGEST_STRING = 4_500
MOST_NODES = 2_000
MOST_CHARACTERS = 100_000
DEEPEST = 14
MOST_ATTACHMENTS = 25

SUPPRESS_EMBEDS = 1 << 2
LOADING = 1 << 7
_REPLY_KINDS = {19, 23}
_HIGHEST_ID = (1 << 63) - 1

# Plain numbers: an IntFlag operation costs as much as reading a whole plain message.
_LINK, _EDITED, _REPLY = Trait.LINK.value, Trait.EDITED.value, Trait.REPLY.value
_BOT, _EVERYONE = Trait.BOT.value, Trait.EVERYONE.value


@dataclass(frozen=True, slots=True)
class SetAside:
    """A payload that the archive cannot keep, and why: ``malformed``, or ``partial`` (fetch the message)."""

    reason: str
    message_id: int | None
    channel_id: int | None


class IncomingAttachment(NamedTuple):
    """A file of a message. The URL is signed by Discord and expires; never trust a stored one."""

    id: int
    filename: str
    content_type: str
    size: int
    url: str
    width: int | None
    height: int | None


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
    if not isinstance(payload, Mapping):
        return SetAside("malformed", None, None)
    message_id = snowflake(payload.get("id"))
    channel_id = snowflake(payload.get("channel_id"))
    if message_id is None or channel_id is None:
        return SetAside("malformed", message_id, channel_id)
    author = payload.get("author")
    content = payload.get("content")
    if not isinstance(author, Mapping) or not isinstance(content, str):
        return SetAside("partial", message_id, channel_id)
    author_id = snowflake(author.get("id"))
    if author_id is None:
        return SetAside("malformed", message_id, channel_id)
    content = clean_text(content, LONGEST_CONTENT)
    edited_ms = _milliseconds(payload.get("edited_timestamp"))
    reference = payload.get("message_reference")
    reply_to_id = snowflake(reference.get("message_id")) if isinstance(reference, Mapping) else None
    kind = _small_number(payload.get("type"), 1 << 15)
    extras = _read_extras(payload, content)
    traits = extras.traits
    if "http://" in content or "https://" in content:
        traits |= _LINK
    if edited_ms:
        traits |= _EDITED
    if reply_to_id is not None and kind in _REPLY_KINDS:
        traits |= _REPLY
    if author.get("bot") is True or payload.get("webhook_id"):
        traits |= _BOT
    if payload.get("mention_everyone") is True:
        traits |= _EVERYONE
    return IncomingMessage(
        message_id,
        channel_id,
        author_id,
        _shown_name(payload, author),
        _optional_text(author.get("avatar"), 64),
        kind,
        _small_number(payload.get("flags"), 1 << 31),
        traits,
        edited_ms,
        reply_to_id,
        content,
        extras.text,
        extras.body,
        extras.attachments,
        payload.get("pinned") is True,
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


def snowflake(value: object) -> int | None:
    """A Discord id out of a payload, or None where there is none that a column could hold."""
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal()) or len(value) > 20:
            return None
        value = int(value)
    elif not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value <= _HIGHEST_ID else None


def clean_text(value: str, longest: int = LONGEST_STRING) -> str:
    """`value` cut to `longest` characters, with halves of surrogate pairs (which no database takes) replaced."""
    if len(value) > longest:
        value = value[:longest]
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


class _Extras(NamedTuple):
    traits: int
    text: str | None
    body: str | None
    attachments: tuple[IncomingAttachment, ...]


_NOTHING = _Extras(0, None, None, ())
_SHOWN_KEYS: dict[str, type] = {
    "embeds": list,
    "components": list,
    "sticker_items": list,
    "poll": dict,
    "message_snapshots": list,
    "interaction_metadata": dict,
}


def _read_extras(payload: Mapping[str, Any], content: str) -> _Extras:
    attached = payload.get("attachments") or ()
    mentions = payload.get("mentions")
    if not attached and not mentions and not any(map(payload.get, _SHOWN_KEYS)):
        return _NOTHING
    shown = {key: value for key, kind in _SHOWN_KEYS.items() if (value := payload.get(key)) and isinstance(value, kind)}
    texts: list[str] = []
    if mentions:
        texts.extend(_silent_mentions(mentions, content))
    attachments = tuple(_read_attachments(attached)) if attached else ()
    cleaner = _Cleaner()
    kept = {key: cleaned for key, value in shown.items() if (cleaned := cleaner.clean(value)) not in (None, [], {})}
    traits = _shown_traits(kept, attachments)
    if attachments:
        kept["attachments"] = [
            {key: value for key, value in attachment._asdict().items() if value not in (None, "")}
            | {"id": str(attachment.id)}
            for attachment in attachments
        ]
        descriptions = (_optional_text(item.get("description"), 1024) for item in attached if isinstance(item, Mapping))
        texts.extend(text for text in (*(attachment.filename for attachment in attachments), *descriptions) if text)
    for key, value in kept.items():
        if key in _SPOKEN_KEYS:
            texts.extend(_spoken(value))
    text = clean_text(SEGMENT.join(texts), 4 * LONGEST_CONTENT) or None
    body = orjson.dumps(kept).decode() if kept else None
    return _Extras(traits, text, body, attachments)


def _silent_mentions(mentions: object, content: str) -> Iterator[str]:
    """People pinged without being named in the text, as by a reply."""
    if not isinstance(mentions, list):
        return
    for person in mentions[:100]:
        user_id = snowflake(person.get("id")) if isinstance(person, Mapping) else None
        if user_id is not None and f"<@{user_id}>" not in content and f"<@!{user_id}>" not in content:
            yield f"<@{user_id}>"


def _read_attachments(attached: object) -> Iterator[IncomingAttachment]:
    if not isinstance(attached, list):
        return
    for item in attached[:MOST_ATTACHMENTS]:
        attachment_id = snowflake(item.get("id")) if isinstance(item, Mapping) else None
        if attachment_id is None:
            continue
        filename = _optional_text(item.get("filename"), 255) or "file"
        content_type = _optional_text(item.get("content_type"), 100) or guess_type(filename)[0] or ""
        yield IncomingAttachment(
            attachment_id,
            filename,
            content_type.lower(),
            _small_number(item.get("size"), 1 << 62),
            _optional_text(item.get("url"), 2000) or "",
            _small_number(item.get("width"), 1 << 31) or None,
            _small_number(item.get("height"), 1 << 31) or None,
        )


def _shown_traits(kept: Mapping[str, Any], attachments: tuple[IncomingAttachment, ...]) -> int:
    traits = 0
    for key, trait in (
        ("embeds", Trait.EMBED),
        ("sticker_items", Trait.STICKER),
        ("poll", Trait.POLL),
        ("message_snapshots", Trait.FORWARD),
    ):
        if key in kept:
            traits |= trait.value
    for attachment in attachments:
        traits |= Trait.FILE.value | _MEDIA_TRAITS.get(attachment.content_type.partition("/")[0], 0)
    for embed in kept.get("embeds", ()):
        traits |= _MEDIA_TRAITS.get(str(embed.get("type")), 0) if isinstance(embed, dict) else 0
    return traits


_MEDIA_TRAITS = {
    "image": Trait.IMAGE.value,
    "video": Trait.VIDEO.value,
    "gifv": Trait.VIDEO.value,
    "audio": Trait.SOUND.value,
}


_SPOKEN_KEYS = {"embeds", "components", "sticker_items", "poll", "message_snapshots"}
_SPOKEN_STRINGS = {"title", "description", "name", "value", "text", "content", "label", "placeholder", "filename"}
_EMBED_LINKS = {"url"}
_SILENT_BRANCHES = {"emoji", "image", "thumbnail", "video", "media", "mentions", "author_id"}


def _spoken(value: object) -> Iterator[str]:
    """The texts that a person reads in an embed, component, poll or forwarded message, in reading order."""
    if isinstance(value, list):
        for item in value:
            yield from _spoken(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str):
                if key in _SPOKEN_STRINGS or key in _EMBED_LINKS:
                    yield item
            elif key not in _SILENT_BRANCHES:
                yield from _spoken(item)


class _Cleaner:
    """Copies JSON within limits: depth, number of nodes, length of strings; drops nulls and what is no JSON."""

    def __init__(self) -> None:
        self._left = MOST_NODES
        self._characters_left = MOST_CHARACTERS

    def clean(self, value: object, depth: int = 0) -> Any:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            return None
        if isinstance(value, str):
            kept = clean_text(value, min(LONGEST_STRING, self._characters_left))
            self._characters_left -= len(kept)
            return kept
        if isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if abs(value) <= _HIGHEST_ID else None
        if isinstance(value, float):
            return value
        if isinstance(value, list):
            return [part for item in value[:100] if (part := self.clean(item, depth + 1)) is not None]
        if isinstance(value, Mapping):
            cleaned = {}
            for key, item in list(value.items())[:60]:
                part = self.clean(item, depth + 1)
                if part is not None and isinstance(key, str):
                    cleaned[clean_text(key, 64)] = part
            return cleaned
        return None


def _shown_name(payload: Mapping[str, Any], author: Mapping[str, Any]) -> str:
    member = payload.get("member")
    nickname = member.get("nick") if isinstance(member, Mapping) else None
    for name in (nickname, author.get("global_name"), author.get("username")):
        if isinstance(name, str) and name:
            return clean_text(name, 100)
    return ""


def _optional_text(value: object, longest: int) -> str | None:
    return clean_text(value, longest) if isinstance(value, str) else None


def _small_number(value: object, limit: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < limit else 0


def _milliseconds(moment: object) -> int:
    """Unix milliseconds of an ISO 8601 moment; 0 where there is none."""
    if not isinstance(moment, str):
        return 0
    try:
        parsed = datetime.fromisoformat(moment)
        return max(0, round(parsed.timestamp() * 1000)) if parsed.tzinfo else 0
    except (ValueError, OverflowError):
        return 0
