"""A message as a query looks at it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.domain.messages.postings import text_tokens
from app.domain.messages.tokens import SEGMENT, Tokens, tokenise
from app.domain.messages.traits import DELETED_TOKEN, trait_tokens


@dataclass
class Candidate:
    """A message that is looked at. What stands in other tables is loaded only for queries that ask for it."""

    id: int
    channel_id: int
    author_id: int
    traits: int
    is_deleted: bool
    content: str
    extra_text: str | None
    earlier_texts: Sequence[tuple[str, str | None]] = field(default_factory=tuple)
    """(content, extra text) of each earlier version."""
    deleted_by: int | None = None
    file_names: Sequence[str] = ()
    """Of every file that any of its versions has."""
    emoji: Collection[str] = ()
    """What it carries as a reaction now."""

    @cached_property
    def text(self) -> Tokens:
        return whole_text(self.content, self.extra_text)

    @cached_property
    def words(self) -> set[str]:
        return text_tokens(self.content, self.extra_text)

    @cached_property
    def signs(self) -> set[str]:
        """Tokens of what it has and is."""
        found = set(trait_tokens(self.traits))
        if self.is_deleted:
            found.add(DELETED_TOKEN)
        return found


def whole_text(content: str, extra_text: str | None) -> Tokens:
    """The tokens of all texts of one version; no phrase reaches from one text into another."""
    return tokenise(f"{content}{SEGMENT}{extra_text}" if extra_text else content)
