"""A search query as a tree, and back to the text that reads as it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.domain.errors import Invalid
from app.domain.messages.operators import OPERATORS, Operator

QUOTES = '"“”„'
"""Signs that begin and end a phrase: also those that phones make of them."""
_PLAIN_VALUE = re.compile(rf"[^\s(){QUOTES}]+")

Place = tuple[int, int]
"""Where a part of the query stands: `text[start:end]`."""


class GrammarError(Invalid):
    """A query that cannot be read: `place` and `word` say where, `message` what is wrong, `cure` what to type."""

    code = "query"

    def __init__(self, message: str, *, place: Place, word: str, cure: str) -> None:
        super().__init__(message, fields={"q": f"{message} {cure}"})
        self.place = place
        self.word = word
        self.cure = cure


@dataclass(frozen=True)
class Word:
    """Something typed without quotation marks; signs that are no letters part it into a phrase."""

    text: str
    place: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Phrase:
    """Words that stand side by side."""

    text: str
    place: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Prefix:
    """The beginning of a word."""

    text: str
    place: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Filter:
    """`operator:value`; the value as typed, without its quotation marks."""

    operator: str
    value: str
    place: Place = field(default=(0, 0), compare=False)

    @property
    def declared(self) -> Operator:
        """What the table of operators says of it."""
        return OPERATORS[self.operator]


@dataclass(frozen=True)
class Not:
    """Everything that the part does not match."""

    part: Node


@dataclass(frozen=True)
class And:
    """What all parts match; without parts, every message."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Or:
    """What at least one part matches."""

    parts: tuple[Node, ...]


Node = Word | Phrase | Prefix | Filter | Not | And | Or


def to_text(node: Node) -> str:
    """The query that reads back as `node`."""
    match node:
        case Word(text):
            return text
        case Prefix(text):
            return f"{text}*"
        case Phrase(text):
            return f'"{text}"'
        case Filter(operator, value):
            return f"{operator}:{value}" if _PLAIN_VALUE.fullmatch(value) else f'{operator}:"{value}"'
        case Not(part):
            return f"NOT {_grouped(part)}"
        case And(parts):
            return " ".join(_grouped(part) for part in parts)
        case Or(parts):
            return " OR ".join(_grouped(part) for part in parts)


def _grouped(node: Node) -> str:
    return f"({to_text(node)})" if isinstance(node, And | Or) else to_text(node)
