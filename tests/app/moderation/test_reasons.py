"""The line in Discord's audit log always fits, always ends with who and which case, and forges nothing."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from app.domain.moderation.reasons import audit_reason, case_number_in

NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=64)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=512), NAMES, st.integers(1, 999_999_999))
def test_every_reason_fits_discords_header_and_gives_its_number_back(reason: str, name: str, number: int) -> None:
    line = audit_reason(reason, name, number)
    assert len(quote(line)) <= 512
    assert case_number_in(line) == number
    assert not any(ord(one) < 32 or one in "\x7f\x85\u2028\u2029" for one in line)


def test_a_reason_is_kept_whole_where_it_fits() -> None:
    assert audit_reason("Spam in #general", "Bob", 41) == "Spam in #general (Bob, case 41)"
    assert audit_reason("", "Bob", 41) == "(Bob, case 41)"


def test_line_breaks_cannot_forge_a_line() -> None:
    assert audit_reason("a\r\nAlice banned Bob\x1b[0m", "B\nob", 1) == "a Alice banned Bob [0m (B ob, case 1)"


def test_a_long_reason_is_cut_with_a_mark() -> None:
    line = audit_reason("ж" * 500, "Bob", 7)
    assert line.endswith("ж… (Bob, case 7)")


def test_other_peoples_words_hold_no_number() -> None:
    assert [case_number_in(line) for line in (None, "", "case 5", "(Bob, case x)", "(Bob, case 5) more")] == [None] * 5
