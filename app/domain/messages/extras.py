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
    "interaction": dict,
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
        _add_what_is_shown(kept["attachments"], attached)
        descriptions = (optional_text(item.get("description"), 1024) for item in attached if isinstance(item, Mapping))
        texts.extend(text for text in (*(attachment.filename for attachment in attachments), *descriptions) if text)
    for key, value in kept.items():
        if key in _SPOKEN_KEYS:
            texts.extend(_spoken(value))
    text = clean_text(SEGMENT.join(texts), LONGEST_TEXTS) or None
    body = orjson.dumps(kept).decode() if kept else None
    return Extras(traits, text, body, attachments)


def poll_progress(body: str | None) -> tuple[bool, int]:
    """(whether a message's poll is closed, how many votes it has), of a body that `read_extras` made."""
    poll = orjson.loads(body).get("poll") if body else None
    results = poll.get("results") if isinstance(poll, dict) else None
    if not isinstance(results, dict):
        return False, 0
    votes = sum(small_number(one.get("count"), 1 << 31) for one in _dicts(results.get("answer_counts")))
    return results.get("is_finalized") is True, votes


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


_ALSO_SHOWN: dict[str, type | tuple[type, ...]] = {
    "description": str,
    "title": str,
    "duration_secs": (int, float),
    "waveform": str,
    "flags": int,
}


def _add_what_is_shown(kept: list[dict[str, Any]], attached: object) -> None:
    """How long a sound is and how it looks, what a picture shows, whether it is a spoiler."""
    told = (
        {str(one.get("id")): one for one in attached if isinstance(one, Mapping)} if isinstance(attached, list) else {}
    )
    for attachment in kept:
        one = told.get(attachment["id"], {})
        for key, kind in _ALSO_SHOWN.items():
            value = one.get(key)
            if value and isinstance(value, kind):
                attachment[key] = clean_text(value, 1024) if isinstance(value, str) else value


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
    if "interaction_metadata" in kept or "interaction" in kept:
        traits |= Trait.COMMAND.value
    traits |= _embedded_traits(kept.get("embeds"), kept.get("components"))
    for snapshot in kept.get("message_snapshots", ()):
        traits |= _forwarded_traits(snapshot)
    return traits


def _forwarded_traits(snapshot: object) -> int:
    """A forwarded picture is a picture."""
    message = snapshot.get("message") if isinstance(snapshot, dict) else None
    if not isinstance(message, dict):
        return 0
    traits = _embedded_traits(message.get("embeds"), message.get("components"))
    for attachment in _dicts(message.get("attachments")):
        traits |= Trait.FILE.value | _MEDIA_TRAITS.get(str(attachment.get("content_type")).partition("/")[0], 0)
    if message.get("sticker_items"):
        traits |= Trait.STICKER.value
    return traits | Trait.LINK.value if "://" in str(message.get("content")) else traits


def _embedded_traits(embeds: object, components: object) -> int:
    traits = 0
    for embed in _dicts(embeds):
        traits |= _MEDIA_TRAITS.get(str(embed.get("type")), 0)
    for component in _dicts(components):
        traits |= _component_traits(component)
    return traits


def _component_traits(component: dict[str, Any]) -> int:
    """Pictures and files that stand in a message of components. Source: Discord's "Component Reference"."""
    traits = 0
    for item in _dicts([component, *_dicts(component.get("items"))]):
        media = item.get("media")
        if isinstance(media, dict):
            traits |= _MEDIA_TRAITS.get(str(media.get("content_type")).partition("/")[0], Trait.IMAGE.value)
    if isinstance(component.get("file"), dict):
        traits |= Trait.FILE.value
    for part in _dicts([*_dicts(component.get("components")), component.get("accessory")]):
        traits |= _component_traits(part)
    return traits


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


_MEDIA_TRAITS = {
    "image": Trait.IMAGE.value,
    "video": Trait.VIDEO.value,
    "gifv": Trait.VIDEO.value,
    "audio": Trait.SOUND.value,
}


_SPOKEN_KEYS = {"embeds", "components", "sticker_items", "poll", "message_snapshots"}
_SPOKEN_STRINGS = {"title", "description", "name", "value", "text", "content", "label", "placeholder", "filename"}
_EMBED_LINKS = {"url"}
_TABLES = {"poll_result", "auto_moderation_message"}
"""Embeds whose fields are for programs: their names are no words that anybody reads."""
_SILENT_BRANCHES = {"emoji", "image", "thumbnail", "video", "media", "file", "mentions", "author_id"}


def _spoken(value: object) -> Iterator[str]:
    """The texts that a person reads in an embed, component, poll or forwarded message, in reading order."""
    if isinstance(value, list):
        for item in value:
            yield from _spoken(item)
    elif isinstance(value, dict):
        is_table = str(value.get("type")) in _TABLES
        for key, item in value.items():
            if is_table and key == "fields":
                yield from (one["value"] for one in _dicts(item) if isinstance(one.get("value"), str))
                continue
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
