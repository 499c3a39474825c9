"""Who wrote what a search finds, and where: counts over its newest hits, never over more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from app.domain.messages.matching import Matcher
from app.domain.messages.reader import Reader
from app.domain.messages.resolving import SECONDS
from app.domain.messages.search import newest_hits

COUNTED = 1_000
"""Hits that are looked at: a page says so wherever `is_all` is false."""
SHOWN = 10


@dataclass(frozen=True)
class Share:
    """So many of the counted hits are of this person, or stand in this channel."""

    id: int
    count: int


@dataclass(frozen=True)
class Facets:
    """Counts over the newest hits that the reader may see, the largest first."""

    authors: tuple[Share, ...]
    channels: tuple[Share, ...]
    counted: int
    """Hits that were counted: at most `COUNTED`, the newest."""
    is_all: bool
    """True where these are all hits; otherwise say "among the newest `counted`"."""


def facets(
    reader: Reader, matcher: Matcher, *, seconds: float = SECONDS, counted: int = COUNTED, shown: int = SHOWN
) -> Facets:
    """The `shown` most frequent authors and channels among the newest `counted` hits of `matcher` for `reader`.

    Ends after `seconds` with what was counted until then.
    """
    hits, is_all = newest_hits(reader, matcher, counted, seconds=seconds)
    authors = Counter(hit.author_id for hit in hits)
    channels = Counter(hit.channel_id for hit in hits)
    return Facets(_largest(authors, shown), _largest(channels, shown), len(hits), is_all)


def _largest(counts: Counter[int], shown: int) -> tuple[Share, ...]:
    """Equal counts in the order of ids, so that a page shows the same twice."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Share(id, count) for id, count in ordered[:shown])
