"""Which terms a message is found by, and which words a tenant's archive knows."""

from __future__ import annotations

import time

from app.domain.messages.merge import MessageState
from app.domain.messages.tokens import TermCache, channel_token, distinct_tokens
from app.domain.messages.traits import DELETED_TOKEN, Trait, trait_tokens

_PINNED = Trait.PINNED.value


class Postings:
    """The terms of states, and the tokens met on the way."""

    def __init__(self, terms: TermCache) -> None:
        self._terms = terms
        self._marks: dict[tuple[int, int, bool], set[int]] = {}

    def of(self, state: MessageState, words: set[str]) -> tuple[set[int], set[int]]:
        """(terms of the message as it is, terms of words that only earlier versions have).

        The first are those of the current text, of what the message has and is, and of its channel. Every word met
        is added to `words`.
        """
        current = state.current
        if current is None:  # nothing but its deletion is known: there is nothing to find
            return set(), set()
        tokens = text_tokens(current.content, current.extra_text)
        words |= tokens
        earlier: set[int] = set()
        if len(state.versions) > 1:
            gone = (
                set().union(*(text_tokens(version.content, version.extra_text) for version in state.earlier)) - tokens
            )
            words |= gone
            earlier = self._terms.terms(gone)
        found = self._terms.terms(tokens)
        traits = current.traits | _PINNED if state.is_pinned else current.traits
        marks = (traits, state.channel_id, state.deleted_ms is not None)
        found |= self._marks.get(marks) or self._terms_of_marks(*marks)
        return found, earlier

    def _terms_of_marks(self, traits: int, channel_id: int, is_deleted: bool) -> set[int]:
        """The terms that do not come from a text: what the message has and is, and its channel."""
        tokens = [*trait_tokens(traits), channel_token(channel_id)]
        if is_deleted:
            tokens.append(DELETED_TOKEN)
        found = self._marks[(traits, channel_id, is_deleted)] = self._terms.terms(tokens)
        return found


def text_tokens(content: str, extra_text: str | None) -> set[str]:
    """The distinct tokens of a message's texts."""
    tokens = distinct_tokens(content)
    if extra_text:
        tokens |= distinct_tokens(extra_text)
    return tokens


class KnownWords:
    """Which words of which tenant are surely in the `words` table, so that few batches write any.

    Forgets everything after `lifetime` seconds: a sweep drops words that no message has any more.
    """

    def __init__(self, capacity: int = 300_000, lifetime: float = 600.0) -> None:
        self._capacity = capacity
        self._lifetime = lifetime
        self._known: dict[int, set[str]] = {}
        self._count = 0
        self._since = time.monotonic()

    def unknown(self, tenant_id: int, words: set[str]) -> set[str]:
        """Those of `words` that have to be written."""
        if self._count > self._capacity or time.monotonic() - self._since > self._lifetime:
            self._known, self._count, self._since = {}, 0, time.monotonic()
        return words - self._known.get(tenant_id, _NOTHING)

    def remember(self, tenant_id: int, words: set[str]) -> None:
        """`words` are committed."""
        self._known.setdefault(tenant_id, set()).update(words)
        self._count += len(words)


_NOTHING: frozenset[str] = frozenset()
