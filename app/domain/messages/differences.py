"""What an edit changed, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from app.domain.messages.tokens import is_spaceless

MOST_WORDS = 600
"""Beyond so many changed words on a side, the whole stretch counts as rewritten: comparing grows with their product."""

_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


class Change(StrEnum):
    """What became of a stretch of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Stretch:
    """A piece of either text."""

    change: Change
    text: str


def differences(before: str, after: str) -> tuple[Stretch, ...]:
    """From `before` to `after`: without what was added it reads `before`, without what was removed `after`."""
    old, new = _words(before), _words(after)
    start = _common_start(old, new)
    end = _common_end(old[start:], new[start:])
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    found = [
        Stretch(Change.KEPT, "".join(old[:start])),
        *_compared(middle_old, middle_new),
        Stretch(Change.KEPT, "".join(old[len(old) - end :])),
    ]
    return tuple(_joined(found))


def _words(text: str) -> list[str]:
    """Words, white space and signs; a script without spaces sign by sign."""
    words: list[str] = []
    for piece in _PIECE.findall(text):
        if is_spaceless(piece[0]):
            words.extend(piece)
        else:
            words.append(piece)
    return words


def _common_start(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _common_end(old: Sequence[str], new: Sequence[str]) -> int:
    return _common_start(old[::-1], new[::-1])


def _compared(old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    if max(len(old), len(new)) > MOST_WORDS:
        return [Stretch(Change.REMOVED, "".join(old)), Stretch(Change.ADDED, "".join(new))]
    found: list[Stretch] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            found.append(Stretch(Change.KEPT, "".join(old[i1:i2])))
        else:
            found.append(Stretch(Change.REMOVED, "".join(old[i1:i2])))
            found.append(Stretch(Change.ADDED, "".join(new[j1:j2])))
    return found


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Without empty ones; where only white space was kept between two changes, they read as one."""
    joined: list[Stretch] = []
    kept = [one for one in stretches if one.text]
    for at, one in enumerate(kept):
        is_gap = one.change is Change.KEPT and one.text.isspace() and 0 < at < len(kept) - 1
        if not is_gap:
            joined.append(one)
            continue
        joined += [Stretch(Change.REMOVED, one.text), Stretch(Change.ADDED, one.text)]
    return _runs(joined)


def _runs(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Between two kept stretches, first all that was removed, then all that was added."""
    runs: list[Stretch] = []
    removed = added = ""
    for one in [*stretches, Stretch(Change.KEPT, "")]:
        if one.change is Change.REMOVED:
            removed += one.text
        elif one.change is Change.ADDED:
            added += one.text
        else:
            runs += [Stretch(Change.REMOVED, removed), Stretch(Change.ADDED, added), one]
            removed = added = ""
    return [one for one in runs if one.text]
