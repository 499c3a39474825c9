"""Whoever adds a column decides there and then what of a person it holds, and what becomes of that."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, String, Table, Text

from app.bootstrap import TABLES
from app.db.base import UtcDateTime
from app.db.personal import Erase, impersonal, mapped_tables, names_person, personal_columns, undeclared_columns

CURE = "info=impersonal(), about_person(…) or names_person(…) of app/db/personal.py, beside the column"


@pytest.mark.parametrize("name", sorted(mapped_tables()))
def test_every_column_that_could_tell_something_of_a_person_says_whether_it_does(name: str) -> None:
    assert TABLES is not None
    undeclared = undeclared_columns(mapped_tables()[name].__table__)  # type: ignore[arg-type]
    assert not undeclared, f"{name}: {', '.join(undeclared)} say nothing of whom they tell. Cure: {CURE}"


def test_a_new_column_without_a_declaration_is_found_and_what_cannot_tell_is_left_alone() -> None:
    table = Table(
        "probe",
        MetaData(),
        Column("id", BigInteger, primary_key=True),
        Column("user_id", BigInteger),
        Column("note", Text),
        Column("word", String(8), info=impersonal()),
        Column("seen_by", BigInteger, info=names_person(Erase.BLANK, "x")),
        Column("is_new", Boolean),
        Column("count", Integer),
        Column("at", UtcDateTime),
    )
    assert undeclared_columns(table) == ["user_id", "note"]


def test_what_stands_beside_a_person_names_the_column_that_names_them() -> None:
    for name, model in mapped_tables().items():
        columns = {column.name: declared for column, declared in personal_columns(model.__table__)}  # type: ignore[arg-type]
        for column, declared in columns.items():
            if declared.beside is not None:
                named = columns.get(declared.beside)
                assert named is not None and named.erase is not None, f"{name}.{column}: {declared.beside} names nobody"


def test_a_table_that_tells_something_of_people_can_be_erased() -> None:
    """Where nothing in a row names the person, nobody would ever find it."""
    with_message = {"attachments", "message_revisions"}
    for name, model in mapped_tables().items():
        declared = [one for _column, one in personal_columns(model.__table__)]  # type: ignore[arg-type]
        if declared and name not in with_message:
            assert any(one.erase is not None for one in declared), (
                f"{name}: say with names_person(…) which column is the person"
            )
