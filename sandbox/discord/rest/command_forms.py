"""The body of an application command: what Discord refuses in it, and its defaults."""

from __future__ import annotations

from typing import Any

import regex

from sandbox.discord.commands import CHAT_INPUT, SUB_COMMAND, SUB_COMMAND_GROUP, USER
from sandbox.discord.models import Json
from sandbox.discord.rest.validation import Form, problem

NAME = regex.compile(r"^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$")
MOST = 25
LONGEST_TOGETHER = 8000
STRING, INTEGER, NUMBER, ATTACHMENT = 3, 4, 10, 11
TAKES_CHOICES = (STRING, INTEGER, NUMBER)
_LEAF_TYPES = range(STRING, ATTACHMENT + 1)
_KEPT_AS_SENT = ("min_value", "max_value", "min_length", "max_length", "channel_types", "autocomplete")


def read_command(fields: Json, *, is_global: bool, former: Json | None = None) -> Json:
    """The whole checked body of a command; with `former` absent fields stay as they were. Raises 50035."""
    merged = (former or {}) | {key: value for key, value in fields.items() if former is None or key != "type"}
    form = Form(merged)
    kind = form.choice("type", (1, 2, 3)) or CHAT_INPUT
    body: Json = {
        "type": kind,
        "name": _name(form, "name", kind) or "",
        "name_localizations": form.mapping("name_localizations"),
        "description": _description(form, "description", kind),
        "description_localizations": form.mapping("description_localizations"),
        "default_member_permissions": _permissions(form),
        "nsfw": bool(form.boolean("nsfw")),
        "integration_types": list(form.sequence("integration_types") or [0]),
        "contexts": form.sequence("contexts"),
    }
    if is_global:
        body["dm_permission"] = form.boolean("dm_permission") is not False
    if kind == CHAT_INPUT:
        options = read_options(form, "options", form.sequence("options", longest=MOST) or (), depth=0)
        if options:
            body["options"] = options
    elif merged.get("options"):
        form.refuse("options", "APPLICATION_COMMAND_OPTIONS_INVALID", "Context menu commands cannot have options")
    if _length(body) > LONGEST_TOGETHER:
        form.errors |= problem("APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
    form.check()
    return body


def read_options(form: Form, path: str, options: Any, depth: int) -> list[Json]:
    """A command's options, checked; problems are noted at their place in `form`."""
    checked: list[Json] = []
    seen: set[str] = set()
    optional_before = False
    for index, option in enumerate(options):
        place = f"{path}.{index}"
        if not isinstance(option, dict):
            form.refuse(place, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        one = _option(form, place, option, depth)
        checked.append(one)
        if one["name"] in seen:
            form.refuse(place, "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE", "Option names must be unique")
        seen.add(one["name"])
        if one.get("required") and optional_before:
            message = "Required options must be placed before non-required options"
            form.refuse(place, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_before = optional_before or not one.get("required")
    return checked


def _option(outer: Form, place: str, option: Json, depth: int) -> Json:
    form = Form(option)
    kind = form.choice("type", range(1, ATTACHMENT + 1), required=True) or 0
    checked: Json = {
        "type": kind,
        "name": _name(form, "name", CHAT_INPUT) or "",
        "description": _description(form, "description", CHAT_INPUT),
    }
    for name in ("name_localizations", "description_localizations"):
        if option.get(name):
            checked[name] = option[name]
    if kind in _LEAF_TYPES and depth == 1:
        form.refuse("type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A group holds sub-commands only")
    elif kind in _LEAF_TYPES:
        _read_leaf(form, option, kind, checked)
    elif depth >= (2 if kind == SUB_COMMAND else 1):
        form.refuse("type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type not allowed here")
    elif kind in (SUB_COMMAND, SUB_COMMAND_GROUP):
        nested = form.sequence("options", longest=MOST) or ()
        below = 2 if kind == SUB_COMMAND else 1
        checked["options"] = read_options(form, "options", nested, depth=below)
    if form.errors:
        _graft(outer, place, form.errors)
    return checked


def _read_leaf(form: Form, option: Json, kind: int, checked: Json) -> None:
    if form.boolean("required"):
        checked["required"] = True
    choices = form.sequence("choices", longest=MOST) or ()
    if choices and kind not in TAKES_CHOICES:
        form.refuse("choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "This option type takes no choices")
    for index, choice in enumerate(choices):
        _check_choice(form, f"choices.{index}", choice, kind)
    if choices:
        checked["choices"] = list(choices)
    if choices and option.get("autocomplete"):
        message = "Autocomplete cannot be used together with choices"
        form.refuse("autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", message)
    for name in _KEPT_AS_SENT:
        if option.get(name) not in (None, False, []):
            checked[name] = option[name]


def _check_choice(form: Form, place: str, choice: Any, kind: int) -> None:
    if not isinstance(choice, dict):
        form.refuse(place, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    if not 1 <= len(str(choice.get("name") or "")) <= 100:
        form.refuse(f"{place}.name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    fits = {STRING: str, INTEGER: int, NUMBER: (int, float)}[kind] if kind in TAKES_CHOICES else object
    if not isinstance(choice.get("value"), fits):
        form.refuse(f"{place}.value", "APPLICATION_COMMAND_OPTIONS_CHOICE_TYPE", "Choice value does not fit its type")


def _name(form: Form, field: str, kind: int) -> str | None:
    name = form.text(field, shortest=1, longest=32, required=True)
    if name is None or kind != CHAT_INPUT:
        return name
    if not NAME.match(name) or name != name.lower():
        form.refuse(field, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    return name


def _description(form: Form, field: str, kind: int) -> str:
    if kind >= USER:
        if form.text(field):
            message = "Context menu commands cannot have description"
            form.refuse(field, "APPLICATION_COMMAND_DESCRIPTION_INVALID", message)
        return ""
    return form.text(field, shortest=1, longest=100, required=True) or ""


def _permissions(form: Form) -> str | None:
    bits = form.integer("default_member_permissions", most=(1 << 64) - 1)
    return None if bits is None else str(bits)


def _length(body: Json) -> int:
    total = sum(len(str(body.get(key) or "")) for key in ("name", "description", "value"))
    for key in ("options", "choices"):
        total += sum(_length(one) for one in body.get(key, ()) if isinstance(one, dict))
    return total


def _graft(form: Form, place: str, errors: Json) -> None:
    spot = form.errors
    for part in place.split("."):
        spot = spot.setdefault(part, {})
    spot.update(errors)
