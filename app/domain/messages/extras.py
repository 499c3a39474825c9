"""What a message has besides its content: cleaned to be kept, and read for its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from mimetypes import guess_type
from typing import Any, NamedTuple

import orjson

from app.domain.messages.tokens import SEGMENT
from app.domain.messages.traits import Trait
from app.domain.messages.wire import HIGHEST_ID, LONGEST_STRING, clean_text, optional_text, small_number, snowflake

LONGEST_TEXTS = 40_000
"""Characters kept of all texts together, for search."""
MOST_NODES = 2_000
MOST_CHARACTERS = 100_000
DEEPEST = 14
MOST_ATTACHMENTS = 25


class IncomingAttachment(NamedTuple):
    """A file of a message. The URL is signed by Discord and expires; never trust a stored one."""

    id: int
    filename: str
    content_type: str
    size: int
    url: str
    width: int | None
    height: int | None


class Extras(NamedTuple):
    """What a message has besides its content, as its row holds it."""

    traits: int
    text: str | None
    body: str | None
    attachments: tuple[IncomingAttachment, ...]


_NOTHING = Extras(0, None, None, ())
_SHOWN_KEYS: dict[str, type] = {
    "embeds": list,
    "components": list,
    "sticker_items": list,
    "poll": dict,
    "message_snapshots": list,
    "interaction_metadata": dict,
}


def read_extras(payload: Mapping[str, Any], content: str) -> Extras:
    """Embeds, attachments, components, stickers, poll, forwarded messages and silent mentions. Never raises."""
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
        descriptions = (optional_text(item.get("description"), 1024) for item in attached if isinstance(item, Mapping))
        texts.extend(text for text in (*(attachment.filename for attachment in attachments), *descriptions) if text)
    for key, value in kept.items():
        if key in _SPOKEN_KEYS:
            texts.extend(_spoken(value))
    text = clean_text(SEGMENT.join(texts), LONGEST_TEXTS) or None
    body = orjson.dumps(kept).decode() if kept else None
    return Extras(traits, text, body, attachments)


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
        filename = optional_text(item.get("filename"), 255) or "file"
        content_type = optional_text(item.get("content_type"), 100) or guess_type(filename)[0] or ""
        yield IncomingAttachment(
            attachment_id,
            filename,
            content_type.lower(),
            small_number(item.get("size"), 1 << 62),
            optional_text(item.get("url"), 2000) or "",
            small_number(item.get("width"), 1 << 31) or None,
            small_number(item.get("height"), 1 << 31) or None,
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
            return value if abs(value) <= HIGHEST_ID else None
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
