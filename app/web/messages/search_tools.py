"""Beside the search box: searches at hand, the filter bar, keeping a search, taking what it finds as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from werkzeug.datastructures import MultiDict

from app.domain.access import Actor, Permission
from app.domain.messages.filter_bar import Bar, BarRow, read_bar, write_bar
from app.domain.messages.grammar import GrammarError, parse
from app.domain.messages.operators import OPERATORS
from app.domain.messages.reader import Reader
from app.domain.searches.models import SavedSearch
from app.domain.searches.queries import pinned_for

EMPTY_ROWS = 2
"""Rows of the bar to fill in, besides those of the query."""
MOST_ROWS = 20


@dataclass(frozen=True)
class SearchTools:
    """What is drawn."""

    query: str
    bar: Bar
    pinned: tuple[SavedSearch, ...]
    may_export: bool
    may_save: bool

    @property
    def rows(self) -> tuple[BarRow, ...]:
        """Those of the query, and empty ones."""
        return (*self.bar.rows, *(BarRow("", "") for _place in range(EMPTY_ROWS)))

    @property
    def operators(self) -> list[tuple[str, str]]:
        """(name, what it asks), of every operator."""
        return [(one.name, f"{one.name}: {one.summary}") for one in OPERATORS.values()]

    @property
    def values(self) -> list[str]:
        """Words that may stand after operators with fixed choices."""
        return sorted({choice.word for one in OPERATORS.values() for choice in one.choices})


def search_tools(actor: Actor, reader: Reader, typed: str) -> SearchTools:
    """The tools for what was typed; what cannot be read stands in the bar as words."""
    try:
        bar = read_bar(parse(typed))
    except GrammarError:
        bar = Bar(typed)
    return SearchTools(
        typed,
        bar,
        tuple(pinned_for(actor, reader)),
        actor.may(Permission.EXPORT_SEARCHES),
        actor.may(Permission.SAVE_SEARCHES),
    )


def written(form: MultiDict[str, str], guild_id: int) -> str:
    """The address of the search that a filled-in bar means."""
    query = write_bar(form.get("words", "")[:1000], _rows(form))
    return url_for("messages.search", guild_id=guild_id, q=query or None)


def _rows(form: MultiDict[str, str]) -> Iterator[BarRow]:
    for place in range(MOST_ROWS):
        operator, value = form.get(f"op-{place}", ""), form.get(f"value-{place}", "")[:300]
        if operator in OPERATORS and value.strip():
            yield BarRow(operator, value, bool(form.get(f"not-{place}")))
