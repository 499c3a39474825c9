"""What an edit changed: both texts can be read out of the differences, and they are cheap whatever the texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.messages.differences import Change, differences

WORDS = st.lists(st.sampled_from(["the", "sled", " ", "\n", "is", "red", "!", "雪", "降る", "🎿", ""]), max_size=30)


def without(change: Change, before: str, after: str) -> str:
    return "".join(one.text for one in differences(before, after) if one.change is not change)


@given(WORDS, WORDS)
def test_both_texts_can_be_read_out_of_the_differences(old: list[str], new: list[str]) -> None:
    before, after = " ".join(old), " ".join(new)
    assert without(Change.ADDED, before, after) == before
    assert without(Change.REMOVED, before, after) == after


@given(st.text(max_size=200), st.text(max_size=200))
def test_so_they_can_for_any_text(before: str, after: str) -> None:
    assert without(Change.ADDED, before, after) == before
    assert without(Change.REMOVED, before, after) == after


@given(st.text(max_size=200))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(one.change is Change.KEPT for one in differences(text, text))


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("bring the sled", "bring your sled", ["the"], ["your"]),
        ("bring the sled", "bring the sled now", [], [" now"]),
        ("a b c d", "x y c z", ["a b", "d"], ["x y", "z"]),
        ("雪が降る", "雪は降る", ["が"], ["は"]),
        ("", "hello", [], ["hello"]),
    ],
)
def test_only_the_words_that_changed_are_marked(before: str, after: str, removed: list[str], added: list[str]) -> None:
    found = differences(before, after)
    assert [one.text for one in found if one.change is Change.REMOVED] == removed
    assert [one.text for one in found if one.change is Change.ADDED] == added


def test_long_rewrites_are_told_as_one_change() -> None:
    before, after = ("alpha beta " * 2_500, "beta gamma " * 2_500)
    assert [one.change for one in differences(before, after)][:2] == [Change.REMOVED, Change.ADDED]
    assert len(differences(before, after)) <= 3
