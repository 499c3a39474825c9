"""Many rows in one statement: what is written is what was given, whichever way it travels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db.bulk import ROWS_A_STATEMENT, delete_rows, locked_rows, write_postings, write_rows
from app.db.scope import NoTenantScope, ScopeError, WrongTenant, all_tenants, tenant_scope
from app.db.transaction import TransactionError, transaction
from app.domain.messages.models import MessageTerm, Word
from app.extensions import db

A, B = 1, 2
WORD = ("tenant_id", "token", "term")
TERM = ("tenant_id", "term", "message_id")


@pytest.fixture
def everybody(app: Flask) -> Iterator[None]:
    """A system verb's surroundings."""
    with all_tenants(reason="the test writes for two tenants"), transaction():
        yield


def words() -> dict[tuple[int, str], int]:
    return {(word.tenant_id, word.token): word.term for word in db.session.scalars(select(Word))}


def postings() -> set[tuple[int, int, int]]:
    return {(row.tenant_id, row.term, row.message_id) for row in db.session.scalars(select(MessageTerm))}


def test_texts_arrive_as_they_were_sent(everybody: None) -> None:
    strange = [
        "it's",
        'a "quote"',
        "back\\slash",
        "line\nbreak",
        "%s %d %",
        "'; DROP TABLE words; --",
        "日本語 😀",
        "x" * 64,
    ]

    write_rows(Word, WORD, [(A, text, number) for number, text in enumerate(strange)], update=None)

    assert words() == {(A, text): number for number, text in enumerate(strange)}


def test_an_error_says_nothing_of_what_was_to_be_written(everybody: None) -> None:
    hidden = "what somebody wrote"
    write_rows(Word, WORD, [(A, hidden, 1)], update=None)

    with pytest.raises(IntegrityError) as error:
        write_rows(Word, WORD, [(A, hidden, 1), (A, "another", 2)], update=None)

    statement = str(error.value).split("[SQL:")[1]
    assert hidden not in statement and hidden.encode().hex() not in statement


def test_more_rows_than_one_statement_takes(everybody: None) -> None:
    many = [(A, f"word{number}", number) for number in range(2 * ROWS_A_STATEMENT + 3)]

    write_rows(Word, WORD, many, update=None)
    read = locked_rows(Word, ("term",), [row[:2] for row in many], key=("tenant_id", "token"))
    assert {term for (term,) in read} == set(range(len(many)))

    delete_rows(Word, [row[:2] for row in many[3:]])
    assert set(words().values()) == {0, 1, 2}


def test_a_key_that_exists_is_refused_kept_or_replaced(everybody: None) -> None:
    write_rows(Word, WORD, [(A, "one", 1)], update=None)
    write_rows(Word, WORD, [(A, "one", 2), (A, "two", 2)], update=[])
    assert words() == {(A, "one"): 1, (A, "two"): 2}

    write_rows(Word, WORD, [(A, "one", 3)], update=["term"])
    assert words()[A, "one"] == 3

    with pytest.raises(IntegrityError), db.session.begin_nested():
        write_rows(Word, WORD, [(A, "one", 4)], update=None)


def test_rows_that_are_all_alike_in_every_column_are_one_row_each(everybody: None) -> None:
    write_rows(Word, WORD, [(A, "same", 1), (A, "same", 1)], update=[])

    assert words() == {(A, "same"): 1}


def test_postings_are_written_list_by_list(everybody: None) -> None:
    highest = (1 << 32) - 1

    write_postings(MessageTerm, TERM, {A: {7: [1, 2], highest: [3]}, B: {7: [1]}})

    assert postings() == {(A, 7, 1), (A, 7, 2), (A, highest, 3), (B, 7, 1)}


def test_nothing_to_write_writes_nothing(everybody: None) -> None:
    write_rows(Word, WORD, [], update=None)
    write_postings(MessageTerm, TERM, {})
    delete_rows(Word, [])

    assert (words(), postings(), locked_rows(Word, WORD, [], key=WORD[:2])) == ({}, set(), [])


def test_nobody_writes_for_another_tenant_or_for_none(app: Flask) -> None:
    with tenant_scope(A), transaction():
        write_rows(Word, WORD, [(A, "mine", 1)], update=None)
        with pytest.raises(WrongTenant):
            write_rows(Word, WORD, [(A, "mine too", 1), (B, "not mine", 1)], update=None)
        with pytest.raises(WrongTenant):
            delete_rows(Word, [(B, "not mine")])
        with pytest.raises(ScopeError):
            write_postings(MessageTerm, TERM, {A: {1: [1]}})
    with transaction(), pytest.raises(NoTenantScope):
        write_rows(Word, WORD, [(A, "mine", 1)], update=None)
    with all_tenants(reason="the test forgets the tenant"), transaction(), pytest.raises(ScopeError):
        write_rows(Word, WORD, [(None, "whose", 1)], update=None)
    with tenant_scope(A), pytest.raises(TransactionError):
        write_rows(Word, WORD, [(A, "mine", 1)], update=None)
