"""How names are folded for order and search, and which earlier ones are remembered."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

REMEMBERED_NAMES = 30
SHORTEST_ID = 15
LARGEST_ID = 2**63 - 1


def folded(name: str) -> str:
    """The name as lists sort it and filters compare it: compatibility forms and case do not matter."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def sort_name(display_name: str) -> str:
    """What `GuildMember.sort_name` holds."""
    return folded(display_name)[:96]


def search_names(names: Iterable[str | None]) -> str:
    """What `GuildMember.search_names` holds: each name once, folded, one a line."""
    return "\n".join(dict.fromkeys(folded(name) for name in names if name))


def earlier(known: Iterable[str], before: Iterable[str | None], now: Iterable[str | None]) -> tuple[str, ...]:
    """The remembered names after a change from `before` to `now`, oldest first, none of them borne now."""
    borne = {name for name in now if name}
    names = dict.fromkeys(name for name in (*known, *before) if name and name not in borne)
    return tuple(names)[-REMEMBERED_NAMES:]


def id_in(text: str) -> int | None:
    """The Discord id that somebody typed where a name may stand too; None where it is none."""
    text = text.strip()
    if not text.isascii() or not text.isdigit() or not SHORTEST_ID <= len(text) <= 19:
        return None
    return found if (found := int(text)) <= LARGEST_ID else None
