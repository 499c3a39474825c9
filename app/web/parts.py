"""The parts that pages are made of: every macro of `templates/parts/` as `ui.<name>` in every template and partial.

Macros imported at the top of a template are missing in a block rendered alone, so they are one global instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import regex
from flask import Flask
from jinja2 import Environment
from markupsafe import Markup

HUES = 8
SIGN = regex.compile(r"\X")
"""What people see as one sign: a letter with its marks, an emoji of several code points."""

PARTS: dict[str, str] = {
    "icon": "icon",
    "button": "button",
    "link_button": "button",
    "field": "field",
    "textarea": "field",
    "select": "field",
    "checkbox": "field",
    "radios": "field",
    "error_summary": "field",
    "panel": "panel",
    "head": "head",
    "facts": "facts",
    "table": "table",
    "pager": "pager",
    "filter_bar": "filter_bar",
    "search": "filter_bar",
    "tabs": "tabs",
    "breadcrumbs": "breadcrumbs",
    "badge": "badge",
    "avatar": "avatar",
    "person": "avatar",
    "time": "time",
    "copy_id": "copy_id",
    "code": "code",
    "empty": "empty",
    "pending": "notice",
    "refused": "notice",
    "failed": "notice",
    "done": "notice",
    "notice": "notice",
    "skeleton": "skeleton",
    "banner": "banner",
    "toast": "toast",
    "dialog": "dialog",
    "dialog_close": "dialog",
    "menu": "menu",
    "menu_link": "menu",
    "menu_button": "menu",
    "live": "live",
    "figure": "figure",
    "spark": "figure",
    "discord_message": "discord",
    "discord_body": "discord",
    "discord_embed": "discord",
    "discord_file": "discord_file",
}
"""Macro → file. A part that is missing here is no part."""


class Parts:
    """`ui.button(…)`: looks the macro up once, or each time where templates reload."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        if name not in PARTS:
            raise AttributeError(f'There is no part "{name}". The parts are: {", ".join(sorted(PARTS))}.')
        macro: Callable[..., Markup] = getattr(self._environment.get_template(f"parts/{PARTS[name]}.html").module, name)
        if not self._environment.auto_reload:
            self.__dict__[name] = macro
        return macro


def hue_of(key: object) -> int:
    """A steady colour for a person or community without a picture: 0 to 7, the same for the same key."""
    return hashlib.blake2s(str(key).encode(), digest_size=2).digest()[0] % HUES


def initials_of(name: str) -> str:
    """At most two letters or digits that stand for a name where its picture is missing; else its first visible sign."""
    firsts = [first for word in name.split() if (first := _first_letter(word))]
    letters = firsts[:1] + firsts[-1:] if len(firsts) > 1 else firsts
    return "".join(letters).upper() or _first_sign(name) or "?"


def _first_letter(word: str) -> str:
    """The first letter or digit with the marks that stand on it; none where there is none."""
    return next((sign for sign in SIGN.findall(word) if sign[0].isalnum()), "")


def _first_sign(name: str) -> str:
    return next((sign for sign in SIGN.findall(name) if sign[0].isprintable() and not sign[0].isspace()), "")


def iso_utc(moment: datetime) -> str:
    """`2026-11-22T10:38:00Z`. A moment without a zone is UTC, as everything stored is."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def plain_utc(moment: datetime) -> str:
    """What a reader without a script sees: `22 Nov 2026, 10:38 UTC`."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def register_parts(app: Flask) -> None:
    """Give every template `ui` and the filters that parts use."""
    environment = app.jinja_env
    environment.globals["ui"] = Parts(environment)
    environment.filters.update(hue=hue_of, initials=initials_of, iso_utc=iso_utc, plain_utc=plain_utc)
