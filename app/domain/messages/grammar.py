"""The search grammar: what a person types, as a tree, and back.

    query   = either
    either  = all ("OR" all)*
    all     = one ("AND"? one)*
    one     = ("NOT" | "-") one | "(" either ")" | operator ":" value | "phrase" | word*  | word

`AND`, `OR` and `NOT` count only in capitals. Names with spaces go in quotation marks: `from:"Ada L."`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from flask_babel import gettext as _

from app.domain.messages.dates import Span, read_span
from app.domain.messages.operators import OPERATORS, Operator, ValueKind
from app.domain.messages.query_tree import (
    QUOTES,
    And,
    Filter,
    GrammarError,
    Node,
    Not,
    Or,
    Phrase,
    Place,
    Prefix,
    Word,
    to_text,
)
from app.domain.messages.tokens import SEGMENT, tokenise

__all__ = [
    "And", "Filter", "GrammarError", "Node", "Not", "Or", "Phrase", "Place", "Prefix", "Word", "case_number_of", "host_of",
    "message_id_of", "parse", "to_text",
]  # fmt: skip

LONGEST_QUERY = 1_000
DEEPEST = 20
SHORTEST_PREFIX = 3


def parse(text: str) -> Node:
    """The tree of a query; `And()` where nothing was typed. Raises `GrammarError`."""
    if len(text) > LONGEST_QUERY:
        raise GrammarError(
            _("This search is longer than %(limit)s characters.", limit=LONGEST_QUERY),
            place=(LONGEST_QUERY, len(text)),
            word=text[LONGEST_QUERY : LONGEST_QUERY + 20],
            cure=_("Leave some words out."),
        )
    parser = _Parser(text)
    found = parser.query()
    if found is None:
        if text.strip():
            raise GrammarError(
                _("There is nothing here to search for."),
                place=(0, len(text)),
                word=text.strip(),
                cure=_("Type at least one word or an operator such as from: or has:."),
            )
        return And()
    return found


_LEXEME = re.compile(
    rf"(?P<space>\s+)|(?P<open>\()|(?P<close>\))|(?P<phrase>[{QUOTES}](?P<quoted>[^{QUOTES}]*)[{QUOTES}])"
    rf"|(?P<unclosed>[{QUOTES}])"
    rf"|(?P<minus>-(?=[^\s\-)]))"
    rf"|(?P<filter>(?P<name>[A-Za-z-]+):(?:[{QUOTES}](?P<quoted_value>[^{QUOTES}]*)[{QUOTES}]|(?P<value>[^\s(){QUOTES}]*)))"
    rf"|(?P<word>[^\s(){QUOTES}]+)"
)


@dataclass(frozen=True)
class _Lexeme:
    kind: str
    text: str
    place: Place
    match: re.Match[str]


class _Parser:
    """Recursive descent over the lexemes of one query."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lexemes = list(_lexemes(text))
        self.at = 0
        self.depth = 0

    def query(self) -> Node | None:
        found = self._either()
        if self._peek() is not None:
            lexeme = self.lexemes[self.at]
            raise GrammarError(
                _("This bracket closes nothing."),
                place=lexeme.place,
                word=lexeme.text,
                cure=_("Remove it, or open one before."),
            )
        return found

    def _either(self) -> Node | None:
        parts: list[Node] = []
        while True:
            part = self._all()
            joint = self._peek()
            if joint is None or joint.kind != "or":
                break
            if part is None:
                raise _lonely(joint, _("Type what to search for before it."))
            parts.append(part)
            self.at += 1
        if part is None:
            if parts:
                raise _lonely(self.lexemes[self.at - 1], _("Type what to search for after it."))
            return None
        parts.append(part)
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node | None:
        parts: list[Node] = []
        joint: _Lexeme | None = None
        while (lexeme := self._peek()) is not None and lexeme.kind not in ("close", "or"):
            if lexeme.kind == "and":
                if not parts or joint is not None:
                    raise _lonely(lexeme, _("Type what to search for before it."))
                joint = lexeme
                self.at += 1
                continue
            part = self._one()
            if part is not None:
                parts.append(part)
                joint = None
        if joint is not None:
            raise _lonely(joint, _("Type what to search for after it."))
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Node | None:
        lexeme = self.lexemes[self.at]
        self.at += 1
        if lexeme.kind in ("not", "minus"):
            return self._negated(lexeme)
        if lexeme.kind == "open":
            return self._group(lexeme)
        if lexeme.kind == "filter":
            return _filter(lexeme)
        if lexeme.kind == "phrase":
            quoted = lexeme.match["quoted"]
            return Phrase(quoted, lexeme.place) if _has_words(quoted) else None
        return _word(lexeme)

    def _negated(self, lexeme: _Lexeme) -> Node:
        following = self._peek()
        if following is None or following.kind in ("close", "or", "and"):
            raise _lonely(lexeme, _("Type what must not match after it."))
        self._descend(lexeme)
        part = self._one()
        self.depth -= 1
        if part is None:
            raise _lonely(lexeme, _("Type a word after it that must not match."))
        return Not(part)

    def _group(self, opened: _Lexeme) -> Node | None:
        self._descend(opened)
        found = self._either()
        self.depth -= 1
        if self._peek() is None:
            raise GrammarError(
                _("This bracket is never closed."),
                place=opened.place,
                word="(",
                cure=_("Close it with ) or remove it."),
            )
        self.at += 1
        return found

    def _descend(self, lexeme: _Lexeme) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise GrammarError(
                _("This search is nested too deeply."),
                place=lexeme.place,
                word=lexeme.text,
                cure=_("Use fewer brackets."),
            )

    def _peek(self) -> _Lexeme | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None


def _lexemes(text: str) -> Iterator[_Lexeme]:
    at = 0
    while at < len(text):
        match = _LEXEME.match(text, at)
        assert match is not None, "every sign begins a lexeme"
        at = match.end()
        kind = match.lastgroup or ""
        if kind == "space":
            continue
        if kind == "quoted":
            kind = "phrase"
        if kind == "unclosed":
            raise GrammarError(
                _("This quotation mark is never closed."),
                place=(match.start(), len(text)),
                word=text[match.start() : match.start() + 20],
                cure=_('Close it with " or remove it.'),
            )
        if match["filter"] is not None:
            kind = "filter" if _is_filter(match) else "word"
        if kind == "word" and match[0] in ("AND", "OR", "NOT"):
            kind = match[0].lower()
        yield _Lexeme(kind, match[0], match.span(), match)


def _is_filter(match: re.Match[str]) -> bool:
    """Other words with a colon (https://…, 12:30, note:) are text, unless they look like a slip of the pen."""
    name = match["name"].lower()
    if name in OPERATORS:
        return True
    value = match["quoted_value"] if match["quoted_value"] is not None else match["value"]
    if match["quoted_value"] is None and (not value or value.startswith("/")):
        return False
    close = get_close_matches(name, OPERATORS, n=1, cutoff=0.75)
    if close or match["quoted_value"] is not None:
        known = ", ".join(f"{operator}:" for operator in OPERATORS)
        raise GrammarError(
            _("There is no operator “%(name)s:”.", name=name),
            place=match.span(),
            word=match[0],
            cure=_("Did you mean %(close)s: ?", close=close[0]) if close else _("There are: %(known)s.", known=known),
        )
    return False


def _filter(lexeme: _Lexeme) -> Filter:
    match = lexeme.match
    operator = OPERATORS[match["name"].lower()]
    value = (match["quoted_value"] if match["quoted_value"] is not None else match["value"]).strip()
    if not value:
        raise GrammarError(
            _("“%(name)s:” needs a value.", name=operator.name),
            place=lexeme.place,
            word=lexeme.text,
            cure=_("For example: %(example)s", example=operator.example),
        )
    if operator.kind is ValueKind.CHOICE:
        value = value.lower()
    _check_value(operator, value, lexeme)
    return Filter(operator.name, value, lexeme.place)


def _check_value(operator: Operator, value: str, lexeme: _Lexeme) -> None:
    if operator.kind is ValueKind.CHOICE and operator.choice(value) is None:
        words = [choice.word for choice in operator.choices]
        close = get_close_matches(value, words, n=1)
        cure = (
            _("Did you mean %(close)s?", close=f"{operator.name}:{close[0]}")
            if close
            else _("Choose one of: %(words)s.", words=", ".join(words))
        )
        problem = _("“%(name)s:” does not know “%(value)s”.", name=operator.name, value=value)
    elif operator.kind is ValueKind.DATE and not isinstance(read_span(value), Span):
        problem = _("“%(value)s” is no date.", value=value)
        cure = _("Write it as 2026-11-01, 2026-11, 2026-11-01T18:30, today, yesterday or 7d.")
    elif operator.kind is ValueKind.MESSAGE_ID and message_id_of(value) is None:
        problem = _("“%(value)s” is no message.", value=value)
        cure = _("Paste the message's id or its link.")
    elif operator.kind is ValueKind.CASE and case_number_of(value) is None:
        problem = _("“%(value)s” is no number of a case.", value=value)
        cure = _("For example: %(example)s", example=operator.example)
    elif operator.kind is ValueKind.HOST and not host_of(value):
        problem = _("“%(value)s” is no host.", value=value)
        cure = _("For example: %(example)s", example=operator.example)
    elif operator.kind is ValueKind.TEXT and not _has_words(value):
        problem = _("“%(name)s:” needs a word.", name=operator.name)
        cure = _("For example: %(example)s", example=operator.example)
    else:
        return
    raise GrammarError(problem, place=lexeme.place, word=lexeme.text, cure=cure)


def _word(lexeme: _Lexeme) -> Word | Prefix | None:
    text = lexeme.text
    if not text.endswith("*") or not _has_words(text):
        return Word(text, lexeme.place) if _has_words(text) else None
    beginning = text.rstrip("*")
    last = tokenise(beginning).sequence[-1]
    if len(last) < SHORTEST_PREFIX and last.isascii():
        raise GrammarError(
            _("“%(word)s” is too short for a search by beginning.", word=text),
            place=lexeme.place,
            word=text,
            cure=_("Type at least %(count)s letters before the *.", count=SHORTEST_PREFIX),
        )
    return Prefix(beginning, lexeme.place)


def message_id_of(value: str) -> int | None:
    """The id in `value`, which is an id or a link to a message."""
    last = value.rstrip("/").rpartition("/")[2]
    return (
        int(last) if last.isascii() and last.isdecimal() and 0 < int(last[:20]) < 1 << 63 and len(last) <= 20 else None
    )


def case_number_of(value: str) -> int | None:
    """The number in `value`, with or without a # before it."""
    digits = value.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 9 else None


def host_of(value: str) -> str:
    """The host in `value`, which is a host or a whole link; empty where there is none."""
    rest = value.split("://", 1)[-1]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return authority.rpartition("@")[2].partition(":")[0].strip(".").removeprefix("*.")


def _has_words(text: str) -> bool:
    found = tokenise(text)
    return any(token != SEGMENT for token in found.sequence)


def _lonely(lexeme: _Lexeme, cure: str) -> GrammarError:
    return GrammarError(
        _("“%(word)s” joins nothing here.", word=lexeme.text), place=lexeme.place, word=lexeme.text, cure=cure
    )
