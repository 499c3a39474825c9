"""What a message shows besides its text: embeds, files, stickers, polls, components, forwarded messages.

Read from the JSON that the archive keeps, which began as outside input: whatever is missing, of the wrong type or no
web address is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from app.web.discord_markup.atoms import is_web_address
from app.web.discord_markup.poll import PollLook, read_poll
from app.web.discord_markup.sound import readable_duration, wave_path

MOST_EMBEDS = 10
MOST_FIELDS = 25
MOST_FILES = 25
MOST_BUTTONS = 40
_DEEPEST_COMPONENT = 8
_TEXT_DISPLAY = 10
_BUTTON = 2
_HIGHEST_ID = (1 << 63) - 1
_SPOILER = 1 << 3
"""A flag of files. Source: Discord's "Attachment Flags"."""


@dataclass(frozen=True)
class EmbedField:
    """A name and a value; `is_inline` ones stand beside each other."""

    name: str
    value: str
    is_inline: bool


@dataclass(frozen=True)
class EmbedLook:
    """One embed. Addresses are http(s) or None; `color` is `#rrggbb` or None."""

    title: str = ""
    url: str | None = None
    description: str = ""
    color: str | None = None
    author: str = ""
    author_url: str | None = None
    author_icon: str | None = None
    provider: str = ""
    fields: tuple[EmbedField, ...] = ()
    footer: str = ""
    footer_icon: str | None = None
    timestamp: datetime | None = None
    image: str | None = None
    thumbnail: str | None = None


@dataclass(frozen=True)
class FileLook:
    """An attached file. Its bytes are not here: `id` leads to them where they are kept."""

    id: int | None
    name: str
    size: str
    content_type: str
    width: int | None
    height: int | None
    description: str = ""
    """What its sender says it shows."""
    is_spoiler: bool = False
    duration: str = ""
    """Of a voice message."""
    wave: str = ""
    """Of a voice message: an SVG path."""

    @property
    def is_image(self) -> bool:
        """True for the kinds of pictures that browsers show and that cannot carry scripts."""
        return self.content_type.partition(";")[0] in (
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/webp",
            "image/avif",
        )


@dataclass(frozen=True)
class StickerLook:
    """A sticker. `file` is where Discord's pictures have it; None for those that are drawn by a program."""

    name: str
    file: str | None = None


@dataclass(frozen=True)
class CommandLook:
    """Who had a bot answer, and by which command where that was told."""

    user_id: int
    username: str
    name: str = ""


@dataclass(frozen=True)
class BlockedLook:
    """What AutoMod found in a text that it did not let through."""

    keyword: str = ""
    content: str = ""


@dataclass(frozen=True)
class BodyLook:
    """All that a message shows besides its text."""

    embeds: tuple[EmbedLook, ...] = ()
    files: tuple[FileLook, ...] = ()
    stickers: tuple[StickerLook, ...] = ()
    poll: PollLook | None = None
    texts: tuple[str, ...] = ()
    buttons: tuple[tuple[str, str | None], ...] = ()
    forwards: tuple[tuple[str, BodyLook], ...] = field(default=())
    command: CommandLook | None = None
    blocked: BlockedLook | None = None

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to draw below the text."""
        return replace(self, command=None, blocked=None) == _NOTHING

    def all_texts(self) -> Iterator[str]:
        """Every text in it, for looking up the names that they mention."""
        for embed in self.embeds:
            yield embed.description
            for one in embed.fields:
                yield one.value
        yield from self.texts
        for text, body in self.forwards:
            yield text
            yield from body.all_texts()


_NOTHING = BodyLook()


def read_body(stored: str | Mapping[str, Any] | None) -> BodyLook:
    """The body that the archive stored (JSON or already read). Never raises; what is no body is empty."""
    if isinstance(stored, str):
        try:
            stored = json.loads(stored)
        except (ValueError, RecursionError):
            return _NOTHING
    if not isinstance(stored, Mapping):
        return _NOTHING
    return _body(stored, may_forward=True)


def read_embed(raw: object) -> EmbedLook | None:
    """One embed, or None where nothing of it can be shown."""
    if not isinstance(raw, Mapping):
        return None
    author, footer, provider = (_mapping(raw.get(key)) for key in ("author", "footer", "provider"))
    color = raw.get("color")
    is_picture = raw.get("type") in ("image", "gifv")
    thumbnail = _picture(raw.get("thumbnail"))
    look = EmbedLook(
        title=_text(raw.get("title"), 256),
        url=_address(raw.get("url")),
        description=_text(raw.get("description"), 4096),
        color=f"#{color:06x}"
        if isinstance(color, int) and not isinstance(color, bool) and 0 < color <= 0xFFFFFF
        else None,
        author=_text(author.get("name"), 256),
        author_url=_address(author.get("url")),
        author_icon=_address(author.get("proxy_icon_url")) or _address(author.get("icon_url")),
        provider=_text(provider.get("name"), 256),
        fields=tuple(_fields(raw.get("fields"))),
        footer=_text(footer.get("text"), 2048),
        footer_icon=_address(footer.get("proxy_icon_url")) or _address(footer.get("icon_url")),
        timestamp=_moment(raw.get("timestamp")),
        image=_picture(raw.get("image")) or (thumbnail if is_picture else None),
        thumbnail=None if is_picture else thumbnail,
    )
    shown = (
        look.title,
        look.description,
        look.author,
        look.provider,
        look.fields,
        look.footer,
        look.image,
        look.thumbnail,
    )
    return look if any(shown) else None


def readable_size(count: int) -> str:
    """`48 kB`, `1.2 MB`: bytes as people read them."""
    if count < 1000:
        return str(_("%(count)s bytes", count=count))
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
    return f"{size:.0f} GB"


def _body(raw: Mapping[str, Any], *, may_forward: bool) -> BodyLook:
    parts = list(_components(raw.get("components"), 0))
    return BodyLook(
        embeds=tuple(embed for one in _sequence(raw.get("embeds"))[:MOST_EMBEDS] if (embed := read_embed(one))),
        files=tuple(file for one in _sequence(raw.get("attachments"))[:MOST_FILES] if (file := _file(one))),
        stickers=tuple(look for one in _sequence(raw.get("sticker_items"))[:3] if (look := _sticker(one))),
        poll=read_poll(raw.get("poll")),
        texts=tuple(text for text, url, is_button in parts if not is_button),
        buttons=tuple((text, url) for text, url, is_button in parts if is_button)[:MOST_BUTTONS],
        forwards=tuple(_forwards(raw.get("message_snapshots"))) if may_forward else (),
        command=_command(raw),
        blocked=_blocked(raw.get("blocked")),
    )


def _forwards(raw: object) -> Iterator[tuple[str, BodyLook]]:
    for snapshot in _sequence(raw)[:5]:
        message = _mapping(_mapping(snapshot).get("message"))
        if message:
            yield _text(message.get("content"), 4000), _body(message, may_forward=False)


def _fields(raw: object) -> Iterator[EmbedField]:
    for one in _sequence(raw)[:MOST_FIELDS]:
        entry = _mapping(one)
        name, value = _text(entry.get("name"), 256), _text(entry.get("value"), 1024)
        if name or value:
            yield EmbedField(name, value, entry.get("inline") is True)


def _file(raw: object) -> FileLook | None:
    entry = _mapping(raw)
    name = _text(entry.get("filename"), 255)
    if not name:
        return None
    size = _number(entry.get("size"))
    return FileLook(
        id=_id(entry.get("id")),
        name=name,
        size=readable_size(size) if size else "",
        content_type=_text(entry.get("content_type"), 100).lower(),
        width=_number(entry.get("width")) or None,
        height=_number(entry.get("height")) or None,
        description=_text(entry.get("description"), 1024),
        is_spoiler=bool(_number(entry.get("flags")) & _SPOILER) or name.startswith("SPOILER_"),
        duration=readable_duration(entry.get("duration_secs")),
        wave=wave_path(_text(entry.get("waveform"), 1024)),
    )


def _sticker(raw: object) -> StickerLook | None:
    entry = _mapping(raw)
    name, number, kind = _text(entry.get("name"), 100), _id(entry.get("id")), entry.get("format_type")
    if not name:
        return None
    extension = {1: "png", 2: "png", 4: "gif"}.get(kind) if isinstance(kind, int) else None
    return StickerLook(name, f"/stickers/{number}.{extension}" if number and extension else None)


def _command(raw: Mapping[str, Any]) -> CommandLook | None:
    """Newer messages tell who asked in one key, older ones with the command's name in another."""
    old, new = _mapping(raw.get("interaction")), _mapping(raw.get("interaction_metadata"))
    person = _mapping(new.get("user")) or _mapping(old.get("user"))
    user_id = _id(person.get("id"))
    if user_id is None:
        return None
    return CommandLook(user_id, _text(person.get("username"), 100), _text(old.get("name") or new.get("name"), 100))


def _blocked(raw: object) -> BlockedLook | None:
    if not isinstance(raw, Mapping):
        return None
    return BlockedLook(_text(raw.get("matched_keyword"), 200), _text(raw.get("matched_content"), 200))


def _components(raw: object, depth: int) -> Iterator[tuple[str, str | None, bool]]:
    """(text, address, whether it is a button) of every text and button, in reading order."""
    if depth > _DEEPEST_COMPONENT:
        return
    for one in _sequence(raw)[:MOST_BUTTONS]:
        entry = _mapping(one)
        kind = entry.get("type")
        if kind == _TEXT_DISPLAY and (text := _text(entry.get("content"), 4000)):
            yield text, None, False
        elif kind == _BUTTON and (label := _text(entry.get("label"), 80)):
            yield label, _address(entry.get("url")), True
        elif label := _text(entry.get("placeholder"), 150):
            yield label, None, True
        yield from _components(entry.get("components"), depth + 1)
        if isinstance(entry.get("accessory"), Mapping):
            yield from _components([entry["accessory"]], depth + 1)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _text(value: object, longest: int) -> str:
    return str(value[:longest]).strip() if isinstance(value, str) else ""


def _address(value: object) -> str | None:
    return value if isinstance(value, str) and is_web_address(value) else None


def _picture(value: object) -> str | None:
    """Discord's own copy where it has one: then the picture's host never hears of the reader."""
    entry = _mapping(value)
    return _address(entry.get("proxy_url")) or _address(entry.get("url"))


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else 0


def _id(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _HIGHEST_ID else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
