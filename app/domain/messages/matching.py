"""A query made ready: what proposes messages, and what decides whether a message is a hit.

The tree is the grammar's, with names resolved to ids and texts to tokens. `plan` gives the postings that every hit
must have (more may have them); `matches` decides on the message itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.db.posting_lists import Bounds, Group, PostingList
from app.domain.messages.candidates import Candidate, whole_text
from app.domain.messages.languages import SMALL_WORDS
from app.domain.messages.special_matches import (
    DeletedByMatch,
    FileNameMatch,
    LanguageMatch,
    ListedMatch,
    ReactionMatch,
)
from app.domain.messages.tokens import TermCache, Tokens, channel_token, crc_term, is_spaceless
from app.domain.messages.traits import DELETED_TOKEN

EVERY_ID = Bounds(0, (1 << 63) - 1)
MOST_ALTERNATIVES = 200
"""A group of more lists costs more than it saves; the message itself decides then."""


@dataclass(frozen=True)
class TextMatch:
    """Tokens that stand side by side; the last may be a beginning."""

    sequence: tuple[str, ...]
    is_prefix: bool = False
    expanded: tuple[str, ...] | None = ()
    """The words known to begin so, where it is a prefix; None where nobody looked: the message itself decides."""

    def matches(self, candidate: Candidate) -> bool:
        if len(self.sequence) == 1 and not self.is_prefix:
            return self.sequence[0] in candidate.words
        return self.is_in(candidate.text)

    def is_in(self, text: Tokens) -> bool:
        """True where the tokens stand side by side in `text`."""
        if len(self.sequence) == 1 and not self.is_prefix:
            return self.sequence[0] in text.sequence or self.sequence[0] in text.extras
        return any(True for _start in places_of(self, text.sequence))


@dataclass(frozen=True)
class WasMatch:
    """Text of an earlier version that the current one has no more."""

    text: TextMatch

    def matches(self, candidate: Candidate) -> bool:
        return not self.text.is_in(candidate.text) and any(
            self.text.is_in(whole_text(*texts)) for texts in candidate.earlier_texts
        )


@dataclass(frozen=True)
class TokenMatch:
    """A token that is no word: a mention, a link's host, or what the message has or is."""

    token: str

    def matches(self, candidate: Candidate) -> bool:
        return self.token in candidate.signs or (
            self.token.startswith(_TOKENS_OF_TEXTS) and self.token in candidate.words
        )


_TOKENS_OF_TEXTS = ("@", "host:")


@dataclass(frozen=True)
class AuthorMatch:
    """Written by one of these people."""

    ids: frozenset[int]

    def matches(self, candidate: Candidate) -> bool:
        return candidate.author_id in self.ids


@dataclass(frozen=True)
class ChannelMatch:
    """Standing in one of these channels."""

    ids: frozenset[int]

    def matches(self, candidate: Candidate) -> bool:
        return candidate.channel_id in self.ids


@dataclass(frozen=True)
class IdMatch:
    """Within these ids: one message, or a span of time (a snowflake holds its time)."""

    bounds: Bounds

    def matches(self, candidate: Candidate) -> bool:
        return self.bounds.oldest <= candidate.id < self.bounds.before


@dataclass(frozen=True)
class NotMatch:
    """Whatever the part does not match."""

    part: Matcher

    def matches(self, candidate: Candidate) -> bool:
        return not self.part.matches(candidate)


@dataclass(frozen=True)
class AllMatch:
    """All of the parts; without parts, everything."""

    parts: tuple[Matcher, ...] = ()

    def matches(self, candidate: Candidate) -> bool:
        return all(part.matches(candidate) for part in self.parts)


@dataclass(frozen=True)
class AnyMatch:
    """At least one of the parts."""

    parts: tuple[Matcher, ...]

    def matches(self, candidate: Candidate) -> bool:
        return any(part.matches(candidate) for part in self.parts)


Matcher = (
    TextMatch
    | WasMatch
    | TokenMatch
    | AuthorMatch
    | ChannelMatch
    | IdMatch
    | DeletedByMatch
    | FileNameMatch
    | ReactionMatch
    | LanguageMatch
    | ListedMatch
    | NotMatch
    | AllMatch
    | AnyMatch
)


@dataclass(frozen=True)
class Plan:
    """What proposes messages: each hit is in one list of every group, and within the bounds."""

    groups: tuple[Group, ...] = ()
    bounds: Bounds = EVERY_ID

    @property
    def is_empty(self) -> bool:
        """True where nothing can match."""
        return self.bounds.oldest >= self.bounds.before


NOTHING = Plan((), Bounds(0, 0))


def plan(matcher: Matcher, terms: TermCache) -> Plan:
    """The postings that whatever `matcher` matches must have."""
    match matcher:
        case AllMatch(parts):
            plans = [plan(part, terms) for part in parts]
            groups = dict.fromkeys(group for one in plans for group in one.groups)
            oldest = max((one.bounds.oldest for one in plans), default=EVERY_ID.oldest)
            before = min((one.bounds.before for one in plans), default=EVERY_ID.before)
            return Plan(tuple(groups), Bounds(oldest, before))
        case AnyMatch(parts):
            return _plan_of_any([plan(part, terms) for part in parts])
        case NotMatch():
            return Plan()
        case IdMatch(bounds):
            return Plan((), bounds)
        case AuthorMatch(ids):
            return _one_group(PostingList("messages", "author_id", "id", one) for one in sorted(ids))
        case ChannelMatch(ids):
            return _one_group(term_list(terms.term(channel_token(one))) for one in sorted(ids))
        case TokenMatch(token):
            return _one_group([term_list(terms.term(token))])
        case TextMatch(is_prefix=True, expanded=()):
            return NOTHING
        case TextMatch():
            return Plan(tuple(_text_groups(matcher, terms)))
        case WasMatch(text):
            return Plan(tuple(_earlier_groups(text.sequence, terms)))
        case FileNameMatch(sequence):
            return Plan(tuple((term_list(one), _earlier_list(one)) for one in sorted(terms.terms(sequence))))
        case DeletedByMatch():
            return _one_group([term_list(terms.term(DELETED_TOKEN))])
        case ReactionMatch(emoji):
            return _one_group(map(_reaction_list, sorted(emoji)))
        case LanguageMatch(language):
            return _one_group(term_list(one) for one in sorted(terms.terms(SMALL_WORDS[language])))
        case ListedMatch(ids):
            return _one_group(PostingList("messages", "id", "id", one) for one in sorted(ids))


def leaves(matcher: Matcher) -> Iterator[Matcher]:
    """All that is asked, without how it is joined."""
    match matcher:
        case AllMatch(parts) | AnyMatch(parts):
            for part in parts:
                yield from leaves(part)
        case NotMatch(part):
            yield from leaves(part)
        case _:
            yield matcher


def asks_for_earlier_texts(matcher: Matcher) -> bool:
    """True where earlier versions have to be read to decide."""
    return any(isinstance(leaf, WasMatch) for leaf in leaves(matcher))


def texts_looked_for(matcher: Matcher) -> list[TextMatch]:
    """The texts whose places in a hit are worth showing."""
    match matcher:
        case TextMatch():
            return [matcher]
        case AllMatch(parts) | AnyMatch(parts):
            return [text for part in parts for text in texts_looked_for(part)]
        case _:
            return []


def places_of(text: TextMatch, sequence: Sequence[str]) -> list[int]:
    """Where in `sequence` the tokens of `text` stand side by side: the index of the first token of each."""
    wanted = text.sequence
    first, size = wanted[0], len(wanted)
    found = []
    for start in range(len(sequence) - size + 1):
        if size > 1 and not _fits(first, sequence[start]):
            continue
        last = sequence[start + size - 1]
        fits = last.startswith(wanted[-1]) if text.is_prefix else _fits(wanted[-1], last)
        if fits and all(_fits(wanted[at], sequence[start + at]) for at in range(1, size - 1)):
            found.append(start)
    return found


def _fits(wanted: str, token: str) -> bool:
    """A single sign of a script without spaces also fits the bigrams that it is in."""
    return wanted == token or (len(wanted) == 1 and wanted in token and is_spaceless(wanted))


def term_list(term: int) -> PostingList:
    """The messages whose current state has a term."""
    return PostingList("message_terms", "term", "message_id", term)


def _earlier_list(term: int) -> PostingList:
    return PostingList("revision_terms", "term", "message_id", term)


def _reaction_list(emoji: str) -> PostingList:
    """The messages that ever had a reaction with this emoji."""
    return PostingList("reaction_counts", "term", "message_id", crc_term(emoji))


def _one_group(lists: Iterable[PostingList]) -> Plan:
    alternatives = tuple(lists)
    if not alternatives:
        return NOTHING
    return Plan((alternatives,)) if len(alternatives) <= MOST_ALTERNATIVES else Plan()


def _text_groups(text: TextMatch, terms: TermCache) -> list[Group]:
    exact = text.sequence[:-1] if text.is_prefix else text.sequence
    groups: list[Group] = [(term_list(term),) for term in sorted(terms.terms(exact))]
    if text.is_prefix and text.expanded is not None:
        groups.append(tuple(term_list(term) for term in sorted(terms.terms(text.expanded))))
    return groups


def _earlier_groups(sequence: Sequence[str], terms: TermCache) -> list[Group]:
    """A word of a phrase that was edited away may still stand elsewhere in the current text."""
    numbers = sorted(terms.terms(sequence))
    if len(set(sequence)) == 1:
        return [(_earlier_list(number),) for number in numbers]
    return [(_earlier_list(number), term_list(number)) for number in numbers]


def _plan_of_any(every: Sequence[Plan]) -> Plan:
    plans = [one for one in every if not one.is_empty]
    if not plans:
        return NOTHING
    bounds = Bounds(min(one.bounds.oldest for one in plans), max(one.bounds.before for one in plans))
    if not all(one.groups for one in plans):
        return Plan((), bounds)
    alternatives = dict.fromkeys(posting for one in plans for posting in min(one.groups, key=len))
    return Plan(_one_group(tuple(alternatives)).groups, bounds)
