"""A query as rows of a form: an operator with its value each, and the words beside them; and back to a query.

What the form cannot show (OR, brackets) stands among the words as it was typed, so nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.messages.grammar import And, Filter, GrammarError, Node, Not, Or, parse, to_text
from app.domain.messages.query_tree import QUOTES

_NO_QUOTES = {ord(sign): None for sign in QUOTES}


@dataclass(frozen=True)
class BarRow:
    """One operator with its value; `is_not` turns it round."""

    operator: str
    value: str
    is_not: bool = False


@dataclass(frozen=True)
class Bar:
    """What the form shows."""

    words: str = ""
    rows: tuple[BarRow, ...] = ()


def read_bar(query: Node) -> Bar:
    """The form that shows a query: the operators of its outermost level, the rest as words."""
    rows: list[BarRow] = []
    rest: list[Node] = []
    for part in query.parts if isinstance(query, And) else (query,):
        match part:
            case Filter(operator, value):
                rows.append(BarRow(operator, value))
            case Not(Filter(operator, value)):
                rows.append(BarRow(operator, value, is_not=True))
            case _:
                rest.append(part)
    return Bar(to_text(And(tuple(rest))), tuple(rows))


def write_bar(words: str, rows: Iterable[BarRow]) -> str:
    """The query that a form means. What cannot be read stays as it is: whoever searches is told what is wrong with it."""
    filters = [_row_text(row) for row in rows if row.value.strip()]
    return " ".join(part for part in (_words(words, bool(filters)), *filters) if part)


def _row_text(row: BarRow) -> str:
    text = to_text(Filter(row.operator, row.value.translate(_NO_QUOTES).strip()))
    return f"NOT {text}" if row.is_not else text


def _words(words: str, are_joined: bool) -> str:
    typed = words.strip()
    if not are_joined:
        return typed
    try:
        is_either = isinstance(parse(typed), Or)
    except GrammarError:
        return typed
    return f"({typed})" if is_either else typed
