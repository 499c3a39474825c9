"""Encrypting again under the newest key what was encrypted under an older one, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Column, ColumnElement, LargeBinary, Table, bindparam, select, type_coerce, update

from app.db.encrypted import Encrypted, Keyring
from app.db.personal import mapped_tables
from app.db.scope import all_tenants
from app.db.transaction import retriable, transaction
from app.extensions import db

ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class Rotated:
    """What became of one encrypted column. `is_ours` is False where this process holds no key of its purpose."""

    table: str
    column: str
    purpose: str
    is_ours: bool
    encrypted_again: int = 0


def rotate_secrets() -> Iterator[Rotated]:
    """Each encrypted column of every table, encrypted under the first key of its purpose when the generator moves on.

    May be killed anywhere and run again, and beside everything else: a value that changed meanwhile is left as it is.
    Raises `KeyMissing` for a value whose key is nowhere among the keys given.
    """
    keyring: Keyring = current_app.extensions["keyring"]
    for table, column, purpose in encrypted_columns():
        if not keyring.holds(purpose):
            yield Rotated(table.name, column.name, purpose, False)
            continue
        count, after = 0, None
        while True:
            done, after = _rotate_some(table, column, purpose, keyring, after)
            count += done
            if after is None:
                break
        yield Rotated(table.name, column.name, purpose, True, count)


def encrypted_columns() -> list[tuple[Table, Column[str], str]]:
    """(table, column, purpose) of whatever is encrypted at rest."""
    return [
        (model.__table__, column, column.type.purpose)  # type: ignore[misc]
        for _name, model in sorted(mapped_tables().items())
        for column in model.__table__.columns
        if isinstance(column.type, Encrypted)
    ]


@retriable
def _rotate_some(
    table: Table, column: Column[str], purpose: str, keyring: Keyring, after: tuple[object, ...] | None
) -> tuple[int, tuple[object, ...] | None]:
    """(values encrypted again, the key of the last row looked at; None after the last)."""
    key = list(table.primary_key.columns)
    raw = type_coerce(column, LargeBinary).label("stored")
    with all_tenants(reason="secrets of every community are encrypted under the newest key"), transaction():
        statement = select(*key, raw).where(column.is_not(None)).order_by(*key).limit(ROWS_AT_ONCE)
        if after is not None:
            statement = statement.where(_beyond(key, after))
        rows = db.session.execute(statement).all()
        done = 0
        for *found, stored in rows:
            if keyring.is_current(purpose, bytes(stored)):
                continue
            again = keyring.encrypt(purpose, keyring.decrypt(purpose, bytes(stored)))
            is_it = [part == value for part, value in zip(key, found, strict=True)]
            unchanged = type_coerce(column, LargeBinary) == bindparam("before", bytes(stored), LargeBinary)
            written = update(table).where(*is_it, unchanged).values({column: type_coerce(again, LargeBinary)})
            done += db.session.execute(written).rowcount  # type: ignore[attr-defined]
        return done, tuple(rows[-1][:-1]) if len(rows) == ROWS_AT_ONCE else None


def _beyond(key: list[Column[Any]], after: tuple[object, ...]) -> ColumnElement[bool]:
    """Keys above `after`, spelled out: not every database compares tuples by an index."""
    condition: ColumnElement[bool] = key[-1] > after[-1]
    for part, value in reversed(list(zip(key[:-1], after[:-1], strict=True))):
        condition = (part > value) | ((part == value) & condition)
    return condition
