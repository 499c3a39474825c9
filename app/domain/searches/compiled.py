"""Alerts made ready for the indexing path: a matcher, and the terms that a new message must have to be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.domain.messages.candidates import Candidate
from app.domain.messages.grammar import GrammarError, parse
from app.domain.messages.languages import SMALL_WORDS
from app.domain.messages.matching import (
    AllMatch,
    AnyMatch,
    ChannelMatch,
    Matcher,
    TextMatch,
    TokenMatch,
    leaves,
)
from app.domain.messages.merge import MessageState
from app.domain.messages.reader import Reader
from app.domain.messages.resolving import Resolver
from app.domain.messages.special_matches import DeletedByMatch, FileNameMatch, LanguageMatch, ReactionMatch
from app.domain.messages.tokens import TermCache, channel_token
from app.domain.messages.traits import DELETED_TOKEN

Needed = tuple[frozenset[int], ...]
"""Of each of these sets a message has at least one term, or it is no match."""
_ELSEWHERE = (DeletedByMatch, FileNameMatch, ReactionMatch)
"""What a batch's own news does not tell: whoever tells of the match looks it up."""


@dataclass(frozen=True)
class CompiledAlert:
    """One alert. What it lets through is a match, or may be one where `is_decided` is false."""

    alert_id: int
    since_ms: int
    matcher: Matcher
    needed: Needed
    is_decided: bool

    def lets_through(self, before: Candidate | None, after: Candidate) -> bool:
        """True where a message may match that did not before."""
        if not self.is_decided:
            return True
        return self.matcher.matches(after) and not (before is not None and self.matcher.matches(before))


def compile_alert(
    alert_id: int, since_ms: int, query: str, zone: str, user_id: int, terms: TermCache
) -> CompiledAlert | None:
    """None where the query cannot be read any more: a name that nobody bears now.

    Channels are resolved with the eyes of somebody who sees all; who may be told is decided when they are told.
    """
    try:
        resolver = Resolver(Reader(user_id, frozenset(), sees_all=True), ZoneInfo(zone), expands=False)
        matcher = resolver.resolve(parse(query))
    except GrammarError:
        return None
    is_decided = not any(isinstance(leaf, _ELSEWHERE) for leaf in leaves(matcher))
    return CompiledAlert(alert_id, since_ms, matcher, needed_terms(matcher, terms), is_decided)


def needed_terms(matcher: Matcher, terms: TermCache) -> Needed:
    """What every match has, as far as terms tell; nothing where they do not."""
    match matcher:
        case AllMatch(parts):
            return tuple(dict.fromkeys(group for part in parts for group in needed_terms(part, terms)))
        case AnyMatch(parts):
            each = [needed_terms(part, terms) for part in parts]
            if not each or not all(each):
                return ()
            return (frozenset().union(*(min(groups, key=len) for groups in each)),)
        case TextMatch(sequence, is_prefix):
            return tuple(frozenset({one}) for one in sorted(terms.terms(sequence[:-1] if is_prefix else sequence)))
        case TokenMatch(token):
            return (frozenset({terms.term(token)}),)
        case ChannelMatch(ids):
            return (frozenset(terms.terms([channel_token(one) for one in ids])),)
        case LanguageMatch(language):
            return (frozenset(terms.terms(SMALL_WORDS[language])),)
        case DeletedByMatch():
            return (frozenset({terms.term(DELETED_TOKEN)}),)
        case _:
            return ()


def with_needed(needed: Needed, lists: Mapping[int, Sequence[int]], every: Sequence[int]) -> set[int] | Sequence[int]:
    """Of the new messages `every`, whose terms are `lists` (term → messages), those that have what is needed."""
    found: set[int] | None = None
    for group in needed:
        having = {message_id for term in group for message_id in lists.get(term, ())}
        found = having if found is None else found & having
        if not found:
            return ()
    return every if found is None else found


def candidate_of(message_id: int, state: MessageState) -> Candidate | None:
    """A message as its batch knows it; None where only its deletion is known."""
    current = state.current
    if current is None:
        return None
    earlier = [(version.content, version.extra_text) for version in state.earlier]
    return Candidate(
        message_id,
        state.channel_id,
        current.author_id,
        state.traits,
        state.deleted_ms is not None,
        current.content,
        current.extra_text,
        earlier,
    )
