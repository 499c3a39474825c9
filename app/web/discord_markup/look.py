"""What a renderer needs to know of the community: names behind ids, and where pictures may come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

_REFERENCE = re.compile(r"<(@!?|@&|#)(\d{1,20})>")
_HIGHEST_ID = (1 << 63) - 1


@dataclass(frozen=True)
class RoleLook:
    """A role's name and colour (0 = none), as Discord gives them."""

    name: str
    color: int = 0


@dataclass(frozen=True)
class FileNote:
    """What is known of a file's bytes, beside what its message says of it."""

    family: str
    """`image`, `video`, `audio`: shown in the page; `file`: offered for saving."""
    said: str = ""
    """Why it is not kept, in a sentence."""
    until: datetime | None = None
    """When it will be no longer."""
    cover: str = ""
    """Why it is not shown before it is asked for."""
    act_url: str | None = None
    """Where this reader may withdraw it."""


@dataclass(frozen=True)
class Look:
    """The names behind the ids of a page's messages. An id without a name shows as unknown.

    `image_url` turns an address outside into one of ours that may be shown, or None: then a word stands instead.
    Pages never load pictures from elsewhere by themselves.
    """

    people: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, RoleLook] = field(default_factory=dict)
    channels: Mapping[int, str] = field(default_factory=dict)
    person_url: Callable[[int], str] | None = None
    channel_url: Callable[[int], str] | None = None
    image_url: Callable[[str], str | None] | None = None
    file_url: Callable[[int], str | None] | None = None
    """Where the kept bytes of an attachment are, by its id; None where none are kept."""
    file_note: Callable[[int], FileNote | None] | None = None
    """What became of the bytes of an attachment, by its id."""
    marks: Callable[[str], Iterable[tuple[int, int]]] | None = None
    """Finds what to highlight in a text, wherever it stands: what a search found."""
    emoji_origin: str = "https://cdn.discordapp.com"


@dataclass(frozen=True)
class Referenced:
    """The ids that texts name, to be looked up at once."""

    people: frozenset[int]
    roles: frozenset[int]
    channels: frozenset[int]


def referenced_in(texts: Iterable[str]) -> Referenced:
    """Every person, role and channel that the texts name."""
    found: dict[str, set[int]] = {"@": set(), "@&": set(), "#": set()}
    for text in texts:
        for kind, digits in _REFERENCE.findall(text):
            number = int(digits)
            if number <= _HIGHEST_ID:
                found["@" if kind == "@!" else kind].add(number)
    return Referenced(frozenset(found["@"]), frozenset(found["@&"]), frozenset(found["#"]))
