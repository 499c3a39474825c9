"""What a query asks of a message besides its words: who deleted it, its files, its reactions, its language."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.messages.candidates import Candidate
from app.domain.messages.languages import language_of
from app.domain.messages.tokens import tokenise


@dataclass(frozen=True)
class DeletedByMatch:
    """Deleted by one of these people, as the audit log says; it is silent about who deletes their own."""

    ids: frozenset[int]

    def matches(self, candidate: Candidate) -> bool:
        return candidate.deleted_by is not None and candidate.deleted_by in self.ids


@dataclass(frozen=True)
class FileNameMatch:
    """Words side by side in the name of a file that the message has, or had before an edit."""

    sequence: tuple[str, ...]

    def matches(self, candidate: Candidate) -> bool:
        return any(_stand_in(self.sequence, tokenise(name).sequence) for name in candidate.file_names)


@dataclass(frozen=True)
class ReactionMatch:
    """Carries one of these reactions now, each as it is stored."""

    emoji: frozenset[str]

    def matches(self, candidate: Candidate) -> bool:
        return not self.emoji.isdisjoint(candidate.emoji)


@dataclass(frozen=True)
class LanguageMatch:
    """Written in this language, as far as its small words tell."""

    language: str

    def matches(self, candidate: Candidate) -> bool:
        return language_of(candidate.words) == self.language


@dataclass(frozen=True)
class ListedMatch:
    """One of these messages."""

    ids: frozenset[int]

    def matches(self, candidate: Candidate) -> bool:
        return candidate.id in self.ids


def _stand_in(wanted: tuple[str, ...], words: list[str]) -> bool:
    size = len(wanted)
    return any(tuple(words[start : start + size]) == wanted for start in range(len(words) - size + 1))
