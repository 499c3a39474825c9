"""What a person types into the search, as a tree, and what is said where it cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.messages.dates import Span, read_span
from app.domain.messages.grammar import (
    And,
    Filter,
    GrammarError,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    message_id_of,
    parse,
    to_text,
)
from app.domain.messages.operators import OPERATORS, ValueKind


def test_words_side_by_side_must_all_match() -> None:
    assert parse("sled  crash") == parse("sled AND crash") == And((Word("sled"), Word("crash")))


def test_or_binds_weaker_than_and_and_brackets_decide() -> None:
    assert parse("a b OR c") == Or((And((Word("a"), Word("b"))), Word("c")))
    assert parse("a (b OR c)") == And((Word("a"), Or((Word("b"), Word("c")))))


def test_not_has_a_short_form() -> None:
    assert parse("NOT a -is:bot") == And((Not(Word("a")), Not(Filter("is", "bot"))))
    assert parse('-"a b" -(c d)') == And((Not(Phrase("a b")), Not(And((Word("c"), Word("d"))))))


def test_small_and_or_not_are_words_and_a_hyphen_inside_a_word_too() -> None:
    assert parse("this or that-one") == And((Word("this"), Word("or"), Word("that-one")))


def test_quotation_marks_of_a_phone_count() -> None:
    assert parse("“cold day” from:„Ada L.“") == And((Phrase("cold day"), Filter("from", "Ada L.")))


def test_links_and_times_are_words() -> None:
    assert parse("https://example.org/a 12:30 note: x") == And(
        (Word("https://example.org/a"), Word("12:30"), Word("note:"), Word("x"))
    )


def test_signs_without_letters_are_left_out() -> None:
    assert parse("sled !!! ...") == Word("sled")


def test_nothing_typed_is_every_message() -> None:
    assert parse("  ") == And()


def test_each_part_remembers_its_place() -> None:
    found = parse('a from:"Ada L." colo*')

    assert isinstance(found, And)
    assert [part.place for part in found.parts] == [(0, 1), (2, 15), (16, 21)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("query", "word", "place", "cure"),
    [
        ("a OR", "OR", (2, 4), "after it"),
        ("OR a", "OR", (0, 2), "before it"),
        ("a AND AND b", "AND", (6, 9), "before it"),
        ("a NOT", "NOT", (2, 5), "after it"),
        ("(a b", "(", (0, 1), "Close it"),
        ("a) b", ")", (1, 2), "Remove it"),
        ('say "hello', '"hello', (4, 10), "Close it"),
        ("from:", "from:", (0, 5), "from:vera"),
        ('from:" "', 'from:" "', (0, 8), "from:vera"),
        ("form:vera", "form:vera", (0, 9), "from:"),
        ('colour:"blue"', 'colour:"blue"', (0, 13), "from:"),
        ("has:imag", "has:imag", (0, 8), "has:image"),
        ("is:xyzzy", "is:xyzzy", (0, 8), "deleted, edited"),
        ("before:soon", "before:soon", (0, 11), "2026-11-01"),
        ("on:2026-02-30", "on:2026-02-30", (0, 13), "2026-11-01"),
        ("id:abc", "id:abc", (0, 6), "link"),
        ("was:!!!", "was:!!!", (0, 7), "was:password"),
        ("case:seven", "case:seven", (0, 10), "case:41"),
        ("host:https://", "host:https://", (0, 13), "host:example.org"),
        ("filename:...", "filename:...", (0, 12), "filename:invoice"),
        ("lang:klingon", "lang:klingon", (0, 12), "Choose one of: ar, cs, da"),
        ("deleted-bye:me", "deleted-bye:me", (0, 14), "deleted-by:"),
        ("sled fo*", "fo*", (5, 8), "3 letters"),
        ("!!!", "!!!", (0, 3), "at least one word"),
        ("(" * 30 + "a" + ")" * 30, "(", (20, 21), "fewer brackets"),
        ("a" * 1001, "a", (1000, 1001), "Leave some words out"),
    ],
)
def test_an_error_says_where_and_what_to_type(query: str, word: str, place: tuple[int, int], cure: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse(query)

    assert (caught.value.word, caught.value.place) == (word, place)
    assert cure in caught.value.cure
    assert caught.value.message in caught.value.fields["q"]


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda operator: operator.name)
def test_every_operators_example_can_be_read(operator: object) -> None:
    example = operator.example  # type: ignore[attr-defined]

    assert isinstance(parse(example), Filter)


def test_a_message_is_named_by_its_id_or_its_link() -> None:
    assert message_id_of("1300000000000000000") == 1300000000000000000
    assert message_id_of("https://discord.com/channels/1/2/1300000000000000000") == 1300000000000000000
    assert message_id_of("9" * 30) is None


BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("2026", "2026-01-01T00:00", "2027-01-01T00:00"),
        ("2026-12", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("2026-11-01", "2026-11-01T00:00", "2026-11-02T00:00"),
        ("2026-11-01T18:30", "2026-11-01T18:30", "2026-11-01T18:31"),
        ("today", "2026-11-21T00:00", "2026-11-22T00:00"),
        ("Yesterday", "2026-11-20T00:00", "2026-11-21T00:00"),
        ("7d", "2026-11-14T00:30", "2026-11-14T00:30"),
    ],
)
def test_dates_are_the_readers(value: str, start: str, end: str) -> None:
    assert read_span(value, BERLIN, NOW) == Span(
        datetime.fromisoformat(start).replace(tzinfo=BERLIN), datetime.fromisoformat(end).replace(tzinfo=BERLIN)
    )


def test_a_day_on_which_the_clocks_change_is_a_whole_day() -> None:
    span = read_span("2026-10-25", BERLIN, NOW)

    assert span is not None and (span.end.astimezone(UTC) - span.start.astimezone(UTC)).total_seconds() == 25 * 3600


@pytest.mark.parametrize("value", ["", "soon", "2026-13", "0000-01-01", "2026-1-1-1", "99999d999", "9999"])
def test_what_is_no_date_is_none(value: str) -> None:
    assert read_span(value, BERLIN, NOW) is None


words = st.text(alphabet="abzß東9-'!", min_size=1, max_size=6).map(lambda t: "a" + t)
names = st.text(alphabet="ab ().-:", min_size=1, max_size=8).map(lambda t: "n" + t.strip())
filters = st.sampled_from(list(OPERATORS.values())).flatmap(
    lambda operator: {
        ValueKind.CHOICE: st.sampled_from([choice.word for choice in operator.choices] or ["x"]),
        ValueKind.DATE: st.sampled_from(["2026", "2026-11-01", "today", "7d"]),
        ValueKind.MESSAGE_ID: st.just("1300000000000000000"),
        ValueKind.TEXT: names,
        ValueKind.CASE: st.sampled_from(["7", "#41"]),
        ValueKind.HOST: st.sampled_from(["example.org", "docs.example.org", "localhost"]),
    }.get(operator.kind, names).map(lambda value: Filter(operator.name, value))
)
trees: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        words.map(Word),
        names.map(Phrase),
        st.text(alphabet="abc", min_size=3, max_size=5).map(Prefix),
        filters,
    ),
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, min_size=2, max_size=3).map(lambda many: And(tuple(many))),
        st.lists(parts, min_size=2, max_size=3).map(lambda many: Or(tuple(many))),
    ),
    max_leaves=8,
)


@given(trees)
def test_what_is_written_out_reads_back_as_the_same_tree(tree: Node) -> None:
    assert parse(to_text(tree)) == tree


@given(st.text(alphabet='ab ()"*:-“”ORANDTfrom\x1e東', max_size=40))
def test_whatever_is_typed_is_read_or_explained(typed: str) -> None:
    try:
        tree = parse(typed)
    except GrammarError as error:
        assert 0 <= error.place[0] <= error.place[1] <= len(typed)
        assert error.message and error.cure
    else:
        assert parse(to_text(tree)) == tree
