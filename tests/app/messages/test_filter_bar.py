"""The filter bar writes queries and reads them back: neither way loses anything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.messages.filter_bar import Bar, BarRow, read_bar, write_bar
from app.domain.messages.grammar import And, Node, parse, to_text
from tests.app.messages.test_grammar import filters, trees

rows = st.builds(lambda one, is_not: BarRow(one.operator, one.value, is_not), filters, st.booleans())


def parts_of(node: Node) -> list[str]:
    """Without the places where they stand."""
    return sorted(map(to_text, node.parts if isinstance(node, And) else (node,)))


def test_a_query_is_shown_as_rows_and_words() -> None:
    assert read_bar(parse('in:general -is:bot "red sled" from:"Ada L." (a OR b)')) == Bar(
        '"red sled" (a OR b)',
        (BarRow("in", "general"), BarRow("is", "bot", is_not=True), BarRow("from", "Ada L.")),
    )


def test_what_the_bar_writes_is_what_somebody_would_type() -> None:
    written = write_bar("red OR blue", [BarRow("from", "Ada L."), BarRow("is", "bot", is_not=True), BarRow("in", " ")])

    assert written == '(red OR blue) from:"Ada L." NOT is:bot'


def test_what_cannot_be_read_stays_for_the_search_to_complain_of() -> None:
    assert write_bar('say "hello', [BarRow("is", "bot")]) == 'say "hello is:bot'


@given(trees)
def test_a_query_that_goes_through_the_bar_asks_the_same(tree: Node) -> None:
    bar = read_bar(tree)

    assert parts_of(parse(write_bar(bar.words, bar.rows))) == parts_of(parse(to_text(tree)))


@given(st.lists(rows, max_size=5), st.just("") | trees.map(to_text))
def test_rows_that_are_written_are_read_back(chosen: list[BarRow], words: str) -> None:
    outside = read_bar(parse(words)) if words else Bar()
    read = read_bar(parse(write_bar(words, chosen)))

    assert sorted(map(repr, read.rows)) == sorted(map(repr, (*outside.rows, *chosen)))
