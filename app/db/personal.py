"""What of a person a column holds: declared beside the column, read by the data map, by erasure and by the tests.

`mapped_column(…, info=names_person(Erase.ROW, _l("Who reacted")))`. A column of text, JSON, bytes or 64 bits that says
nothing fails an architecture test: whoever adds a column decides there and then what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import JSON, TypeDecorator

from app.db.base import Model

KEY = "personal"


class Erase(StrEnum):
    """What erasing a person does with a row that names them in this column."""

    ROW = "row"
    """The row is about them: it goes."""
    BLANK = "blank"
    """They did something: their id, and what stands `beside` it, is emptied; the row stays."""
    LISTED = "listed"
    """A list that may hold their id: they are taken out of it."""
    NOTED = "noted"
    """Free notes (JSON) or a word that may name them: emptied where it holds their id."""
    BY_RULE = "by_rule"
    """A rule of its own (messages, cases): `domain/privacy/erasing` says what."""


@dataclass(frozen=True)
class Personal:
    """What a column holds of a person.

    `erase` is set where the column names the person by id; other columns belong to whoever their row names, or, with
    `beside`, to whoever that column names.
    """

    what: Any
    """In the reader's language: a lazy sentence."""
    erase: Erase | None = None
    beside: str | None = None


def names_person(erase: Erase, what: Any) -> dict[str, Any]:
    """`info` of a column that holds somebody's Discord id, or may hold it among other things."""
    return {KEY: Personal(what, erase)}


def about_person(what: Any, *, beside: str | None = None) -> dict[str, Any]:
    """`info` of a column that tells something of whoever its row names, or whom the column `beside` names."""
    return {KEY: Personal(what, None, beside)}


def impersonal() -> dict[str, Any]:
    """`info` of a column that never tells anything of a person."""
    return {KEY: None}


def personal_columns(table: Table) -> Iterator[tuple[Column[Any], Personal]]:
    """The columns of a table that hold something of a person."""
    for column in table.columns:
        declared = column.info.get(KEY)
        if declared is not None:
            yield column, declared


def undeclared_columns(table: Table) -> list[str]:
    """Columns that could hold something of a person and do not say whether they do."""
    return [column.name for column in table.columns if KEY not in column.info and _could_tell(column)]


def mapped_tables() -> dict[str, type[DeclarativeBase]]:
    """Every table of the product with its model, by name."""
    return {mapper.local_table.name: mapper.class_ for mapper in Model.registry.mappers}  # type: ignore[attr-defined]


_WORK_COLUMNS = frozenset({"state", "lease_token", "last_code"})
"""Of `Claimable`: words and tokens of our own."""


def _could_tell(column: Column[Any]) -> bool:
    """Numbers of 32 bits, times and yes-or-no name nobody; nor do an own `id`, the tenant and the columns of a job."""
    if column.name in ("id", "tenant_id") or column.name in _WORK_COLUMNS:
        return False
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, String | JSON | LargeBinary | BigInteger)
