"""Erasing by declaration: whatever column says that it names a person (`app/db/personal.py`) is dealt with here.

Runs inside the caller's transaction, a few hundred rows at a time; what is done already is not found again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, String, Table, cast, delete, select, tuple_, update
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import JSON

from app.db.personal import Erase, Personal, mapped_tables, personal_columns
from app.db.scope import current_tenant_id
from app.extensions import db

ROWS_AT_ONCE = 500

Counts = dict[str, int]


def erase_traces(user_id: int, *, globally: bool = False) -> Counts:
    """One batch of one table that still names this person; empty when nothing does.

    In a tenant's scope its own tables; `globally` those of the whole platform, outside any scope.
    """
    for model, column, declared in _declared(globally=globally):
        count = _erase(model, column, declared, user_id)
        if count:
            return {_table(model).name: count}
    return {}


def tables_of_persons(*, globally: bool) -> list[tuple[type[DeclarativeBase], Column[Any]]]:
    """Every column that holds somebody's id as a number, in the tables of communities or of the platform."""
    return [
        (model, column)
        for model, column, declared in _declared(globally=globally, rules_too=True)
        if declared.erase is not None and not isinstance(column.type, String | JSON)
    ]


def emptied(column: Column[Any]) -> Any:
    """What an emptied column holds."""
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        return column.default.arg(None) if column.default is not None and column.default.is_callable else {}  # type: ignore[attr-defined]
    return "" if isinstance(column.type, String) else 0


def names_in(column: ColumnElement[Any], user_id: int) -> ColumnElement[bool]:
    """The column's text, or JSON, holds the id."""
    return cast(column, String).like(f"%{user_id}%")


def _declared(
    *, globally: bool, rules_too: bool = False
) -> Iterator[tuple[type[DeclarativeBase], Column[Any], Personal]]:
    for _name, model in sorted(mapped_tables().items()):
        if globally == ("tenant_id" in _table(model).columns):
            continue
        for column, declared in personal_columns(_table(model)):
            if declared.erase is not None and (rules_too or declared.erase is not Erase.BY_RULE):
                yield model, column, declared


def _erase(model: type[DeclarativeBase], column: Column[Any], declared: Personal, user_id: int) -> int:
    if declared.erase is Erase.LISTED:
        return _take_out_of_lists(model, column, user_id)
    names = names_in(column, user_id) if declared.erase is Erase.NOTED else column == user_id
    key = tuple(_table(model).primary_key.columns)
    rows = db.session.execute(select(*key).where(names, *_of_this_community(model)).limit(ROWS_AT_ONCE)).all()
    if not rows:
        return 0
    chosen = tuple_(*key).in_([tuple(row) for row in rows])
    if declared.erase is Erase.ROW:
        gone = delete(model).where(chosen, *_of_this_community(model))
        db.session.execute(gone.execution_options(synchronize_session=False))
    else:
        values = {column: emptied(column)} | {
            other: emptied(other) for other, told in personal_columns(_table(model)) if told.beside == column.name
        }
        changed = update(model).where(chosen, *_of_this_community(model)).values(values)
        db.session.execute(changed.execution_options(synchronize_session=False))
    return len(rows)


def _take_out_of_lists(model: type[DeclarativeBase], column: Column[Any], user_id: int) -> int:
    """From `["1", "2"]` or `[{"id": "1"}, …]`."""
    key = tuple(_table(model).primary_key.columns)
    changed = 0
    for *found, listed in db.session.execute(
        select(*key, column).where(names_in(column, user_id), *_of_this_community(model))
    ).all():
        left = [one for one in listed if str(one.get("id") if isinstance(one, dict) else one) != str(user_id)]
        if left == listed:
            continue
        row = [part == value for part, value in zip(key, found, strict=True)]
        db.session.execute(
            update(model).where(*row).values({column: left}).execution_options(synchronize_session=False)
        )
        changed += 1
    return changed


def _of_this_community(model: type[DeclarativeBase]) -> list[ColumnElement[bool]]:
    """Said in every statement: they are built from columns, which the session's own filter does not reach."""
    column = _table(model).columns.get("tenant_id")
    return [] if column is None else [column == current_tenant_id()]


def _table(model: type[DeclarativeBase]) -> Table:
    return model.__table__  # type: ignore[return-value]
