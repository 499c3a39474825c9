"""Which channels and which time a query can find anything in: what a statement of coverage is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from app.domain.clock import snowflake_time
from app.domain.messages.grammar import And, Filter, Node
from app.domain.messages.matching import EVERY_ID, ChannelMatch, IdMatch
from app.domain.messages.reader import Reader
from app.domain.messages.resolving import Resolver

NARROWING = frozenset({"in", "before", "after", "on"})


@dataclass(frozen=True)
class Reach:
    """None is every channel, or no bound."""

    channels: frozenset[int] | None = None
    oldest: datetime | None = None
    newest: datetime | None = None


def reach_of(reader: Reader, query: Node, zone: tzinfo = UTC) -> Reach:
    """By what stands in the query's outermost level. Raises `GrammarError` as `search` does."""
    resolver = Resolver(reader, zone)
    channels: frozenset[int] | None = None
    oldest, before = EVERY_ID.oldest, EVERY_ID.before
    for part in query.parts if isinstance(query, And) else (query,):
        found = resolver.resolve(part) if isinstance(part, Filter) and part.operator in NARROWING else None
        if isinstance(found, ChannelMatch):
            channels = found.ids if channels is None else channels & found.ids
        elif isinstance(found, IdMatch):
            oldest, before = max(oldest, found.bounds.oldest), min(before, found.bounds.before)
    return Reach(
        channels,
        snowflake_time(oldest) if oldest > EVERY_ID.oldest else None,
        snowflake_time(before) if before < EVERY_ID.before else None,
    )
