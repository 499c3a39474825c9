"""Search of the archive: newest first, a page at a time, only what the reader may see, within a deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from sqlalchemy import select

from app.db.deadline import Deadline, DeadlineExceeded, deadline
from app.db.posting_lists import Bounds, Group, Wanted, propose
from app.domain.messages import service
from app.domain.messages.candidates import Candidate
from app.domain.messages.grammar import Node
from app.domain.messages.highlighting import Highlighter
from app.domain.messages.loading import loads_for
from app.domain.messages.matching import (
    MOST_ALTERNATIVES,
    Matcher,
    Plan,
    plan,
    term_list,
    texts_looked_for,
)
from app.domain.messages.models import Message
from app.domain.messages.reader import Reader
from app.domain.messages.resolving import SECONDS, Resolver
from app.domain.messages.tokens import TermCache, channel_token
from app.extensions import db

PAGE = 25
LARGEST_CHUNK = 2_000
MOST_CHANNELS_ASKED = 500
"""Who sees more channels than this has them checked here, not by the database."""

CANDIDATE_COLUMNS = ("id", "channel_id", "author_id", "traits", "deleted_at", "content", "extra_text", "deleted_by")


@dataclass(frozen=True)
class Found:
    """Ids of hits, newest first."""

    ids: tuple[int, ...]
    older: int | None
    """Ask again with `before=older` for the next page; None where there is none."""
    is_cut: bool
    """The deadline came first: there may be more hits than these. Add a date or a channel."""


@dataclass(frozen=True)
class SearchPage:
    """Hits with their messages, newest first."""

    messages: tuple[Message, ...]
    highlighter: Highlighter
    older: int | None
    is_cut: bool


def search(
    reader: Reader,
    query: Node,
    *,
    before: int | None = None,
    limit: int = PAGE,
    zone: tzinfo = UTC,
    seconds: float = SECONDS,
) -> SearchPage:
    """The newest `limit` messages that match `query`, which `reader` may see, with ids below `before`.

    Raises `GrammarError` for names that nobody bears and beginnings of too many words.
    """
    matcher = Resolver(reader, zone, seconds).resolve(query)
    found = find(reader, matcher, before=before, limit=limit, seconds=seconds)
    return SearchPage(_messages(found.ids), Highlighter(texts_looked_for(matcher)), found.older, found.is_cut)


def find(
    reader: Reader,
    matcher: Matcher,
    *,
    before: int | None = None,
    limit: int = PAGE,
    seconds: float = SECONDS,
    terms: TermCache | None = None,
) -> Found:
    """The ids of what `search` shows."""
    return _looked(reader, matcher, before, limit + 1, seconds, terms).found(limit)


def newest_hits(
    reader: Reader, matcher: Matcher, limit: int, *, seconds: float = SECONDS
) -> tuple[list[Candidate], bool]:
    """(the newest `limit` hits, newest first; whether these are all: not where there are more, or `seconds` ended)."""
    looking = _looked(reader, matcher, None, limit + 1, seconds, None)
    return looking.hits[:limit], len(looking.hits) <= limit and not looking.is_cut


def _looked(
    reader: Reader, matcher: Matcher, before: int | None, hits_wanted: int, seconds: float, terms: TermCache | None
) -> _Looking:
    planned = _plan_for(reader, matcher, terms or service.TERMS)
    bounds = planned.bounds
    if before is not None:
        bounds = Bounds(bounds.oldest, min(bounds.before, before))
    looking = _Looking(reader, matcher, planned.groups, bounds, hits_wanted)
    try:
        with deadline(seconds) as ends:
            looking.look(ends)
    except DeadlineExceeded:
        looking.is_cut = True
    return looking


def _plan_for(reader: Reader, matcher: Matcher, terms: TermCache) -> Plan:
    planned = plan(matcher, terms)
    if reader.sees_all or planned.is_empty:
        return planned
    if not reader.channels:
        return Plan((), Bounds(0, 0))
    if planned.groups or len(reader.channels) > MOST_ALTERNATIVES:
        return planned
    # Nothing else narrows it: who sees one quiet channel of a busy community must not wade through the others.
    channels = tuple(term_list(terms.term(channel_token(one))) for one in sorted(reader.channels))
    return Plan((channels,), planned.bounds)


class _Looking:
    """One run: proposes ids in growing chunks and keeps those whose messages are hits."""

    def __init__(
        self, reader: Reader, matcher: Matcher, groups: Sequence[Group], bounds: Bounds, hits_wanted: int
    ) -> None:
        self._reader = reader
        self._matcher = matcher
        self._groups = groups
        self._bounds = bounds
        self._hits_wanted = hits_wanted
        self._loads = loads_for(matcher)
        asked = not reader.sees_all and len(reader.channels) <= MOST_CHANNELS_ASKED
        self._wanted = Wanted(
            "messages", CANDIDATE_COLUMNS, "channel_id", tuple(sorted(reader.channels)) if asked else None
        )
        self.hits: list[Candidate] = []
        self.is_cut = False

    def look(self, ends: Deadline) -> None:
        chunk = self._hits_wanted
        while len(self.hits) < self._hits_wanted and self._bounds.oldest < self._bounds.before:
            if ends.is_over:
                self.is_cut = True
                return
            rows = propose(self._groups, self._bounds, chunk, self._wanted, ends)
            found = -len(self.hits)
            self._verify(rows)
            found += len(self.hits)
            if len(rows) < chunk:
                self._bounds = Bounds(0, 0)
                return
            self._bounds = Bounds(self._bounds.oldest, rows[-1][0])
            chunk = min(self._likely_to_do(found, chunk), LARGEST_CHUNK)

    def _likely_to_do(self, found: int, of: int) -> int:
        """How many rows probably hold the missing hits, where `of` rows held `found`."""
        missing = self._hits_wanted - len(self.hits)
        return min(4 * of, 5 + missing * of * 4 // (3 * found)) if found else 4 * of

    def found(self, limit: int) -> Found:
        ids = tuple(hit.id for hit in self.hits[:limit])
        if len(self.hits) > limit:
            return Found(ids, ids[-1], is_cut=False)
        return Found(ids, self._bounds.before if self.is_cut else None, self.is_cut)

    def _verify(self, rows: Sequence[tuple[Any, ...]]) -> None:
        candidates = [_candidate(row) for row in rows if self._is_shown(row)]
        if self._loads and candidates:
            by_id = {candidate.id: candidate for candidate in candidates}
            for load in self._loads:
                load(by_id)
        for candidate in candidates:
            if len(self.hits) == self._hits_wanted:
                return
            if self._matcher.matches(candidate):
                self.hits.append(candidate)

    def _is_shown(self, row: tuple[Any, ...]) -> bool:
        """False for channels that the reader does not see, and for a deletion whose message was never seen."""
        return row[2] is not None and self._reader.sees(row[1])


def _candidate(row: tuple[Any, ...]) -> Candidate:
    message_id, channel_id, author_id, traits, deleted_at, content, extra_text, deleted_by = row
    return Candidate(
        message_id, channel_id, author_id, traits, deleted_at is not None, content, extra_text, deleted_by=deleted_by
    )


def _messages(ids: Sequence[int]) -> tuple[Message, ...]:
    """The messages with these ids, in their order."""
    if not ids:
        return ()
    found = {message.id: message for message in db.session.scalars(select(Message).where(Message.id.in_(ids)))}
    return tuple(found[one] for one in ids if one in found)
