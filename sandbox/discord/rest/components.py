"""Checks message components, old and V2, and numbers them as Discord does."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.discord.models import Json
from sandbox.discord.rest.embeds import proxied
from sandbox.discord.rest.validation import Form

IS_COMPONENTS_V2 = 1 << 15
MOST_ROWS = 5
MOST_COMPONENTS = 40
LONGEST_TEXT = 4000

ACTION_ROW, BUTTON, STRING_SELECT = 1, 2, 3
SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
SELECTS = frozenset({STRING_SELECT, 5, 6, 7, 8})
TOP_LEVEL = frozenset({ACTION_ROW})
TOP_LEVEL_V2 = TOP_LEVEL | {SECTION, TEXT_DISPLAY, MEDIA_GALLERY, FILE, SEPARATOR, CONTAINER}
IN_CONTAINER = TOP_LEVEL_V2 - {CONTAINER}
CHILDREN = {
    ACTION_ROW: SELECTS | {BUTTON},
    SECTION: frozenset({TEXT_DISPLAY}),
    CONTAINER: IN_CONTAINER,
}
DEFAULTS: dict[int, Json] = {
    SEPARATOR: {"divider": True, "spacing": 1},
    CONTAINER: {"accent_color": None, "spoiler": False},
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False, "size": None},
    **{kind: {"min_values": 1, "max_values": 1, "disabled": False} for kind in SELECTS},
}


def read_components(form: Form, components: Sequence[Any], is_v2: bool, public_url: str) -> list[Json]:
    """The components with ids and defaults; problems are noted in the form."""
    if not is_v2 and len(components) > MOST_ROWS:
        form.refuse("components", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MOST_ROWS} in length.")
    numbers = iter(range(1, 10_000))
    allowed = TOP_LEVEL_V2 if is_v2 else TOP_LEVEL
    read = [
        _read(form, f"components.{index}", component, allowed, numbers, public_url)
        for index, component in enumerate(components)
    ]
    everything = [one for component in read for one in walk(component)]
    if len(everything) > MOST_COMPONENTS:
        form.refuse(
            "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The total number of components exceeds 40"
        )
    if sum(len(str(one.get("content", ""))) for one in everything) > LONGEST_TEXT:
        message = f"Must be {LONGEST_TEXT} or fewer in length."
        form.refuse("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    _refuse_repeated_ids(form, everything)
    return read


def walk(component: Json) -> Iterator[Json]:
    """A component and all that are in it."""
    yield component
    for child in component.get("components", ()):
        yield from walk(child)
    if "accessory" in component:
        yield from walk(component["accessory"])


def _read(
    form: Form, place: str, source: Any, allowed: frozenset[int], numbers: Iterator[int], public_url: str
) -> Json:
    kind = source.get("type") if isinstance(source, dict) else None
    if kind not in allowed:
        listed = ", ".join(str(one) for one in sorted(allowed))
        form.refuse(f"{place}.type", "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
        return {"type": kind}
    kept: Json = {"id": source.get("id") or next(numbers), **DEFAULTS.get(kind, {})}
    kept |= {name: value for name, value in source.items() if name != "id"}
    if kind in CHILDREN:
        children = source.get("components")
        if not isinstance(children, list) or not children:
            form.refuse(f"{place}.components", "BASE_TYPE_REQUIRED", "This field is required")
            children = []
        kept["components"] = [
            _read(form, f"{place}.components.{index}", child, CHILDREN[kind], numbers, public_url)
            for index, child in enumerate(children)
        ]
    if kind == SECTION:
        allowed_here = frozenset({BUTTON, THUMBNAIL})
        accessory = source.get("accessory")
        kept["accessory"] = _read(form, f"{place}.accessory", accessory, allowed_here, numbers, public_url)
    _check_own(form, place, kind, kept)
    _unfurl(kind, kept, public_url)
    return kept


def _check_own(form: Form, place: str, kind: int, kept: Json) -> None:
    needed = {TEXT_DISPLAY: "content", THUMBNAIL: "media", MEDIA_GALLERY: "items", FILE: "file", BUTTON: "style"}
    name = needed.get(kind) or ("custom_id" if kind in SELECTS else None)
    if name is not None and not kept.get(name):
        form.refuse(f"{place}.{name}", "BASE_TYPE_REQUIRED", "This field is required")
    if kind == BUTTON and kept.get("style") in (1, 2, 3, 4) and not kept.get("custom_id"):
        form.refuse(f"{place}.custom_id", "BASE_TYPE_REQUIRED", "This field is required")
    if kind == BUTTON and kept.get("style") == 5 and not kept.get("url"):
        form.refuse(f"{place}.url", "BASE_TYPE_REQUIRED", "This field is required")
    if len(str(kept.get("custom_id") or "")) > 100:
        form.refuse(f"{place}.custom_id", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
    if len(str(kept.get("label") or "")) > 80:
        form.refuse(f"{place}.label", "BASE_TYPE_MAX_LENGTH", "Must be 80 or fewer in length.")


def _unfurl(kind: int, kept: Json, public_url: str) -> None:
    if kind == THUMBNAIL and isinstance(kept.get("media"), dict):
        kept["media"] = _media(kept["media"], public_url)
    if kind == FILE and isinstance(kept.get("file"), dict):
        kept["file"] = _media(kept["file"], public_url)
        kept["name"] = kept["file"]["url"].rpartition("/")[2]
    if kind == MEDIA_GALLERY and isinstance(kept.get("items"), list):
        items = [one for one in kept["items"] if isinstance(one, dict)]
        kept["items"] = [
            {"description": None, "spoiler": False} | one | {"media": _media(one.get("media") or {}, public_url)}
            for one in items
        ]


def _media(source: Json, public_url: str) -> Json:
    url = str(source.get("url", ""))
    media_id = int(hashlib.sha256(url.encode()).hexdigest()[:15], 16)
    return {"id": str(media_id), "url": url, "proxy_url": proxied(url, public_url), "width": 64, "height": 64} | {
        "content_type": "image/png"
    }


def _refuse_repeated_ids(form: Form, everything: list[Json]) -> None:
    custom_ids = [one["custom_id"] for one in everything if one.get("custom_id")]
    if len(custom_ids) != len(set(custom_ids)):
        form.refuse("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
