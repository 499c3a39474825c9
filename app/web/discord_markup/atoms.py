"""The indivisible things inside a line: mentions, timestamps, emoji, links, code. Each is read at one position.

Every pattern is anchored and bounded, so that reading one costs a bounded number of steps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask_babel import gettext as _
from markupsafe import escape

from app.web.discord_markup.look import Look

ANGLE = re.compile(
    r"<(?:(?P<mention>@!?|@&|#)(?P<id>\d{15,20})"
    r"|(?P<animated>a?):(?P<emoji>\w{2,32}):(?P<emoji_id>\d{15,20})"
    r"|t:(?P<moment>-?\d{1,13})(?::(?P<style>[tTdDfFR]))?"
    r"|/(?P<command>[\w -]{1,100}):\d{15,20}"
    r"|id:(?P<place>customize|browse|guide|linked-roles)(?::\d{15,20})?)>"
)
EVERYONE = re.compile(r"@(?:everyone|here)(?!\w)")
URL_START = re.compile(r"https?://(?=[^\s<>/])", re.IGNORECASE)
LONGEST_URL = 2048
_TRAILING = ".,:;\"')]!?*_~|"
_YEAR_LIMITS = (-62_135_596_800, 253_402_300_799)


@dataclass(frozen=True)
class Atom:
    """Markup for the source from `start` to `end`."""

    start: int
    end: int
    html: str


def read_angle(text: str, at: int, look: Look) -> Atom | None:
    """What `<…>` at `at` is, or None where it is plain text."""
    found = ANGLE.match(text, at)
    if found is None:
        return None
    if found["mention"]:
        html = _mention(found["mention"], int(found["id"]), look)
    elif found["emoji"]:
        html = _custom_emoji(found["emoji"], found["emoji_id"], bool(found["animated"]), look)
    elif found["moment"] is not None:
        moment = _moment(int(found["moment"]), found["style"] or "f")
        if moment is None:
            return None
        html = moment
    elif found["command"]:
        html = f'<span class="dc-mention">/{escape(found["command"])}</span>'
    else:
        html = f'<span class="dc-mention">#{escape(found["place"])}</span>'
    return Atom(at, found.end(), html)


def read_everyone(text: str, at: int) -> Atom | None:
    """`@everyone` or `@here`."""
    found = EVERYONE.match(text, at)
    return Atom(at, found.end(), f'<span class="dc-mention">{escape(found[0])}</span>') if found else None


def is_web_address(url: str) -> bool:
    """True for an http(s) address with a host, without white space or control characters."""
    if len(url) > LONGEST_URL or any(character <= " " or character == "\x7f" for character in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def link(url: str, label_html: str) -> str:
    """A link out of the panel. Its address is on hover, since a masked link's words may lie."""
    address = escape(url)
    return (
        f'<a href="{address}" title="{address}" rel="noopener noreferrer nofollow ugc" target="_blank">{label_html}</a>'
    )


def trimmed_url_end(text: str, start: int, end: int) -> int:
    """Where a bare address ends: closing punctuation after it belongs to the sentence, a matched `)` to the address."""
    opened = text.count("(", start, end)
    closed = text.count(")", start, end)
    while end > start and text[end - 1] in _TRAILING:
        if text[end - 1] == ")":
            if closed <= opened:
                break
            closed -= 1
        end -= 1
    return end


def _mention(kind: str, number: int, look: Look) -> str:
    if kind == "#":
        channel = look.channels.get(number)
        return _tag(
            f"#{channel}" if channel else _("#unknown"),
            look.channel_url(number) if look.channel_url and channel else None,
        )
    if kind == "@&":
        role = look.roles.get(number)
        if role is None:
            return _tag(_("@unknown role"))
        color = f' data-color="#{role.color:06x}"' if 0 < role.color <= 0xFFFFFF else ""
        return f'<span class="dc-mention"{color}>@{escape(role.name)}</span>'
    person = look.people.get(number)
    return _tag(f"@{person}" if person else _("@unknown person"), look.person_url(number) if look.person_url else None)


def _tag(text: str, url: str | None = None) -> str:
    if url is None:
        return f'<span class="dc-mention">{escape(text)}</span>'
    return f'<a class="dc-mention" href="{escape(url)}">{escape(text)}</a>'


def _custom_emoji(name: str, number: str, is_animated: bool, look: Look) -> str:
    spoken = f":{escape(name)}:"
    extension = "gif" if is_animated else "webp"
    url = look.image_url(f"{look.emoji_origin}/emojis/{number}.{extension}") if look.image_url else None
    if url is None:
        return f'<span class="dc-emoji-name">{spoken}</span>'
    return f'<img class="dc-emoji" src="{escape(url)}" alt="{spoken}" title="{spoken}" width="22" height="22" loading="lazy" decoding="async">'


def _moment(seconds: int, style: str) -> str | None:
    if not _YEAR_LIMITS[0] <= seconds <= _YEAR_LIMITS[1]:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    iso = moment.isoformat().replace("+00:00", "Z")
    plain = f"{moment.day} {moment:%b} {moment.year}, {moment:%H:%M} UTC"
    return f'<time class="dc-time" datetime="{iso}" data-time="{style}">{plain}</time>'
