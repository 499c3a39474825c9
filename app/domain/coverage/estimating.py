"""How long fetching still takes. Pure.

What costs time is calls, each of which brings at most a hundred messages. How many messages there are in all Discord's
search says; where it does not, each stretch is taken to go on as densely as the part that was read. Stretches are
fetched beside each other, but a single one only call after call: the end comes with the later of the two.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import floor
from typing import NamedTuple

PAGE = 100
SMALL = 0.8
"""A stretch that has not been begun is small, where the busiest go first: nearly all of its one call."""
MOST_OFF = 2.0
"""A guess by density is mended by the count, but not beyond this."""
BETWEEN_CALLS = 0.1
"""Discord answers for one channel about ten times a second."""
AT_ONCE = 8
"""So many stretches are fetched beside each other."""
SAMPLES = 10
"""A stretch's own speed counts as much as that of all after so many calls."""


class Piecework(NamedTuple):
    """One stretch of a backfill."""

    is_open: bool
    pages: int
    found: int
    expected: int | None
    """How many more there may be, by how dense it was so far."""
    call_seconds: float = 0.0
    """What its calls took together, without the time that they waited for the budget."""


def seconds_left(pieces: Collection[Piecework], expected: int | None, worked: float) -> float | None:
    """Seconds until all is fetched, at the speed of the `worked` seconds so far; None before the first page.

    `expected`: messages in all that were to be fetched at the beginning.
    """
    pages = sum(one.pages for one in pieces)
    if not pages:
        return None
    begun = [one for one in pieces if one.is_open and one.pages]
    untouched = sum(one.is_open and not one.pages for one in pieces)
    guessed = sum(one.expected or 0 for one in begun)
    more, trust = 0.0, 1.0
    if expected is not None:
        messages = max(0, expected - sum(one.found for one in pieces))
        if untouched:  # what is in nobody's guess is in stretches that have not been begun
            more = max(0, messages - guessed) / PAGE
        elif guessed:
            trust = min(MOST_OFF, max(1 / MOST_OFF, messages / guessed))
    calls = sum(_calls(one, trust) for one in begun) + SMALL * untouched + more
    usual = sum(one.call_seconds for one in pieces) / pages
    longest = sorted(((_calls(one, trust), _pace(one, usual)) for one in begun), reverse=True)[:AT_ONCE]
    return _until_done(calls, pages / worked, longest)


def _until_done(calls: float, a_second: float, longest: Sequence[tuple[int, float]]) -> float:
    """Seconds for so many calls, of which some are those of the longest stretches: (calls, seconds from call to call).

    While there are others each gets its share; what is left of the longest then goes on alone, call after call.
    """
    seconds = calls / a_second
    for count in range(1, len(longest) + 1):
        top = longest[:count]
        shares = [min(a_second / AT_ONCE, 1 / pace) for _number, pace in top]
        others = max(0.0, calls - sum(number for number, _pace in top))
        beside = others / (a_second - sum(shares)) if count < AT_ONCE else 0.0
        left = [max(0.0, number - share * beside) for (number, _), share in zip(top, shares, strict=True)]
        if left[-1] <= 0:
            break
        alone = max(rest * pace for rest, (_, pace) in zip(left, top, strict=True))
        seconds = max(seconds, beside + max(alone, sum(left) / a_second))
    return seconds


def _calls(one: Piecework, trust: float) -> int:
    """The last page is one that is not full."""
    return floor((one.expected or 0) * trust / PAGE) + 1


def _pace(one: Piecework, usual: float) -> float:
    """Seconds from call to call of a stretch that is fetched alone."""
    return max(BETWEEN_CALLS, (one.call_seconds + SAMPLES * usual) / (one.pages + SAMPLES))
