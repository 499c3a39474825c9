"""Checks embeds against Discord's limits and gives them the shape in which Discord hands them out."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from sandbox.discord.models import Json
from sandbox.discord.rest.validation import Form

MOST_EMBEDS = 10
MOST_FIELDS = 25
LONGEST_TOTAL = 6000
LIMITS = {"title": 256, "description": 4096}
PARTS = {"footer": ("text", 2048), "author": ("name", 256), "provider": ("name", 256)}
URL_SCHEMES = ("http", "https", "attachment")


def read_embeds(form: Form, embeds: Sequence[Any], public_url: str) -> list[Json]:
    """The embeds as Discord keeps them; problems are noted in the form."""
    read = [_read(form, f"embeds.{index}", embed, public_url) for index, embed in enumerate(embeds)]
    if sum(_length(embed) for embed in read) > LONGEST_TOTAL:
        form.refuse("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {LONGEST_TOTAL}")
    return [embed for embed in read if len(embed) > 1]


def _read(form: Form, place: str, embed: Any, public_url: str) -> Json:
    if not isinstance(embed, dict):
        form.refuse(place, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return {}
    kept: Json = {"type": "rich"}
    for name, longest in LIMITS.items():
        _text(form, place, embed, kept, name, longest)
    for name, (word, longest) in PARTS.items():
        _part(form, place, embed, kept, name, word, longest, public_url)
    for name in ("image", "thumbnail"):
        _picture(form, place, embed, kept, name, public_url)
    _url(form, f"{place}.url", embed, kept, "url")
    _color_and_time(form, place, embed, kept)
    _fields(form, place, embed, kept)
    return kept


def _text(form: Form, place: str, source: Json, kept: Json, name: str, longest: int, required: bool = False) -> None:
    value = source.get(name)
    if value is None or value == "":
        if required:
            form.refuse(f"{place}.{name}", "BASE_TYPE_REQUIRED", "This field is required")
        return
    text = str(value).strip()
    if len(text) > longest:
        form.refuse(f"{place}.{name}", "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")
    kept[name] = text


def _part(form: Form, place: str, embed: Json, kept: Json, name: str, word: str, longest: int, public_url: str) -> None:
    source = embed.get(name)
    if not isinstance(source, dict) or not source:
        return
    part: Json = {}
    _text(form, f"{place}.{name}", source, part, word, longest, required=name == "footer" and bool(source))
    _url(form, f"{place}.{name}.url", source, part, "url")
    _url(form, f"{place}.{name}.icon_url", source, part, "icon_url")
    if "icon_url" in part:
        part["proxy_icon_url"] = proxied(part["icon_url"], public_url)
    if part:
        kept[name] = part


def _picture(form: Form, place: str, embed: Json, kept: Json, name: str, public_url: str) -> None:
    source = embed.get(name)
    if not isinstance(source, dict) or not source.get("url"):
        return
    picture: Json = {}
    _url(form, f"{place}.{name}.url", source, picture, "url")
    if picture:
        kept[name] = picture | {"proxy_url": proxied(picture["url"], public_url), "width": 64, "height": 64}
        kept[name] |= {"flags": 0, "content_type": "image/png"}


def _url(form: Form, place: str, source: Json, kept: Json, name: str) -> None:
    value = source.get(name)
    if value is None or value == "":
        return
    try:
        parts = urlsplit(str(value))
        is_good = parts.scheme in URL_SCHEMES and bool(parts.netloc)
    except ValueError:
        is_good = False
    if not is_good:
        form.refuse(place, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    else:
        kept[name] = str(value)


def _color_and_time(form: Form, place: str, embed: Json, kept: Json) -> None:
    color = embed.get("color")
    if color is not None:
        if isinstance(color, int) and not isinstance(color, bool) and 0 <= color <= 0xFFFFFF:
            kept["color"] = color
        else:
            form.refuse(f"{place}.color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
    written = embed.get("timestamp")
    if written is not None:
        try:
            moment = datetime.fromisoformat(str(written))
        except ValueError:
            form.refuse(f"{place}.timestamp", "DATE_TIME_TYPE_PARSE", f"Could not parse {written}. Should be ISO8601.")
            return
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        kept["timestamp"] = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def _fields(form: Form, place: str, embed: Json, kept: Json) -> None:
    fields = embed.get("fields")
    if not fields:
        return
    if not isinstance(fields, list) or len(fields) > MOST_FIELDS:
        form.refuse(f"{place}.fields", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_FIELDS} or fewer in length.")
        return
    kept["fields"] = []
    for index, source in enumerate(fields):
        field: Json = {}
        source = source if isinstance(source, dict) else {}
        _text(form, f"{place}.fields.{index}", source, field, "name", 256, required=True)
        _text(form, f"{place}.fields.{index}", source, field, "value", 1024, required=True)
        kept["fields"].append(field | {"inline": bool(source.get("inline", False))})


def _length(embed: Json) -> int:
    parts = [embed.get("title"), embed.get("description")]
    parts += [(embed.get(name) or {}).get(word) for name, (word, _) in PARTS.items()]
    parts += [text for field in embed.get("fields", ()) for text in (field.get("name"), field.get("value"))]
    return sum(len(part) for part in parts if part)


def proxied(url: str, public_url: str) -> str:
    """The address at which the CDN serves a picture from elsewhere (it draws a stand-in)."""
    if url.startswith(("attachment://", public_url)):
        return url
    return f"{public_url}/cdn/external/{hashlib.sha256(url.encode()).hexdigest()[:40]}/{quote(url, safe='')[:1500]}"
