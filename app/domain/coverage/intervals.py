"""Stretches of ids: joined, cut, and what lies between them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

ENDLESS = (1 << 63) - 1
"""Where a live stretch ends for the purpose of arithmetic."""


class Stretch(NamedTuple):
    """Ids from `first` to before `until`."""

    first: int
    until: int


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same ids in as few stretches as hold them, in order."""
    found: list[Stretch] = []
    for one in sorted(stretches):
        if one.until <= one.first:
            continue
        if found and one.first <= found[-1].until:
            found[-1] = Stretch(found[-1].first, max(found[-1].until, one.until))
        else:
            found.append(one)
    return found


def missing(stretches: Iterable[Stretch], within: Stretch) -> list[Stretch]:
    """What of `within` is in none of the stretches, in order."""
    found: list[Stretch] = []
    place = within.first
    for one in joined(stretches):
        if one.until <= place:
            continue
        if one.first >= within.until:
            break
        if one.first > place:
            found.append(Stretch(place, one.first))
        place = one.until
    if place < within.until:
        found.append(Stretch(place, within.until))
    return found


def clusters(ids: Iterable[int], apart: int) -> list[Stretch]:
    """Stretches that hold all of `ids`, none of which leaps over more than `apart`."""
    found: list[Stretch] = []
    for one in sorted(set(ids)):
        if found and one - found[-1].until < apart:
            found[-1] = Stretch(found[-1].first, one + 1)
        else:
            found.append(Stretch(one, one + 1))
    return found
