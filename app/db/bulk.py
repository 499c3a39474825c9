"""Many rows in one statement, as fast as each database takes them.

On MySQL and MariaDB the rows travel as one JSON parameter that `JSON_TABLE` unfolds on the server, which leaves this
process free meanwhile; on SQLite by `executemany`. Rows are tuples whose values the driver takes as they are.
Columns that hold one value in all rows travel once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table
from sqlalchemy.orm import DeclarativeBase

from app.db.base import TenantScoped
from app.db.scope import AllTenants, NoTenantScope, OneTenant, ScopeError, WrongTenant, current_scope
from app.db.transaction import TransactionError, in_transaction
from app.extensions import db

Row = tuple[Any, ...]

ROWS_A_STATEMENT = 2_000
POSTINGS_A_STATEMENT = 30_000
"""A megabyte and a half of SQL: servers take packets of 4 MB and more."""
POSTINGS_AT_ONCE = 1_000
TEXT_WIDTHS = (64, 255, 2_000, 10_000)


def write_rows(
    model: type[DeclarativeBase], columns: Sequence[str], rows: Sequence[Row], *, update: Sequence[str] | None
) -> None:
    """Insert `rows`, one value for each of `columns`; the first column of a tenant table is `tenant_id`.

    Where a key exists: `update=None` lets the database raise `IntegrityError`, an empty list keeps the row that is
    there, otherwise the named columns are replaced. Raises `TransactionError` outside `transaction()`,
    `WrongTenant` or `ScopeError` for a row that the open scope does not own.
    """
    connection = _writing(model, columns, rows)
    if connection is None:
        return
    table = _table(model)
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        part = rows[start : start + ROWS_A_STATEMENT]
        if connection.dialect.name == "sqlite":
            places = ", ".join("?" * len(columns))
            into = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})"
            connection.exec_driver_sql(into + _sqlite_conflict(table, update), list(part))
        else:
            source, parameters = _unfolded(columns, part)
            into = f"INSERT INTO {table.name} ({', '.join(columns)}) {source}"
            connection.exec_driver_sql(into + _mysql_conflict(table, update), parameters)


Postings = Mapping[int, Mapping[int, Sequence[int]]]
"""Tenant → value → ids."""


def write_postings(model: type[DeclarativeBase], columns: Sequence[str], postings: Postings) -> None:
    """Insert a narrow row (tenant, value, id) for each of `postings`, under `all_tenants`, in the order of its key.

    A row that exists raises `IntegrityError`.
    """
    if not isinstance(current_scope(), AllTenants):
        raise ScopeError("write_postings is for work for many tenants at once; use write_rows")
    connection = _writing(model, columns, [(tenant_id,) for tenant_id in postings])
    if connection is None:
        return
    into = f"INSERT INTO {_table(model).name} ({', '.join(columns)}) VALUES "
    if connection.dialect.name == "sqlite":
        rows = [
            (tenant_id, value, one)
            for tenant_id, lists in sorted(postings.items())
            for value in sorted(lists)
            for one in lists[value]
        ]
        if rows:
            connection.exec_driver_sql(f"{into}(?, ?, ?)", rows)
        return
    for text in _spelled(postings):
        connection.exec_driver_sql(into + text)


def _spelled(postings: Postings) -> Iterator[str]:
    """`(tenant,value,id),…` of all lists, `POSTINGS_A_STATEMENT` at a time.

    Formatted many at once: half the time of a piece of text for each row. `%d` refuses what is no number, so nothing
    here can carry SQL.
    """
    pieces: list[str] = []
    room = POSTINGS_A_STATEMENT
    for tenant_id, lists in sorted(postings.items()):
        row = f"({tenant_id:d},%d,%d)"
        flat: list[int] = []
        add = flat.append
        for value in sorted(lists):
            for one in lists[value]:
                add(value)
                add(one)
        done = 0
        while done < len(flat):
            part = flat[done : done + 2 * min(room, POSTINGS_AT_ONCE)]
            done += len(part)
            pieces.append(",".join([row] * (len(part) // 2)) % tuple(part))
            room -= len(part) // 2
            if not room:
                yield ",".join(pieces)
                pieces, room = [], POSTINGS_A_STATEMENT
    if pieces:
        yield ",".join(pieces)


def delete_rows(model: type[DeclarativeBase], keys: Sequence[Row]) -> None:
    """Delete the rows with these primary keys (in the key's column order); keys that are not there are no error."""
    table = _table(model)
    names = [column.name for column in table.primary_key]
    connection = _writing(model, names, keys)
    if connection is None:
        return
    if connection.dialect.name == "sqlite":
        condition = " AND ".join(f"{name} = ?" for name in names)
        connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE {condition}", list(keys))
        return
    for start in range(0, len(keys), ROWS_A_STATEMENT):
        source, parameters = _unfolded(names, keys[start : start + ROWS_A_STATEMENT])
        condition = " AND ".join(f"t.{name} = k.{name}" for name in names)
        connection.exec_driver_sql(
            f"DELETE t FROM ({source}) k STRAIGHT_JOIN {table.name} t ON {condition}", parameters
        )


def locked_rows(
    model: type[DeclarativeBase], columns: Sequence[str], keys: Sequence[Row], *, key: Sequence[str]
) -> list[Row]:
    """Read `columns` of the rows whose `key` columns (a prefix of an index) hold one of `keys`, locked until commit."""
    connection = _writing(model, key, keys)
    if connection is None:
        return []
    table = _table(model)
    wanted = ", ".join(f"t.{name}" for name in columns)
    found: list[Row] = []
    for start in range(0, len(keys), ROWS_A_STATEMENT):
        part = keys[start : start + ROWS_A_STATEMENT]
        if connection.dialect.name == "sqlite":
            # The transaction holds the one write lock: rows need none of their own.
            statement = (
                f"SELECT {wanted} FROM {table.name} t WHERE ({', '.join(key)}) IN"
                f" (VALUES {', '.join(['(' + ', '.join('?' * len(key)) + ')'] * len(part))})"
            )
            result = connection.exec_driver_sql(statement, tuple(value for row in part for value in row))
        else:
            source, parameters = _unfolded(key, part)
            condition = " AND ".join(f"t.{name} = k.{name}" for name in key)
            statement = f"SELECT {wanted} FROM ({source}) k STRAIGHT_JOIN {table.name} t ON {condition} FOR UPDATE"
            result = connection.exec_driver_sql(statement, parameters)
        found.extend(tuple(row) for row in result)
    return found


def _table(model: type[DeclarativeBase]) -> Table:
    return model.__table__  # type: ignore[return-value]


def _writing(model: type[DeclarativeBase], columns: Sequence[str], rows: Sequence[Row]) -> Connection | None:
    """The connection to write on, or None where there is nothing to write; every row's tenant has been checked."""
    if not in_transaction():
        raise TransactionError("bulk statements write or lock; call them inside transaction()")
    if issubclass(model, TenantScoped):
        _check_tenants(columns, rows)
    return db.session.connection() if rows else None


def _check_tenants(columns: Sequence[str], rows: Sequence[Row]) -> None:
    scope = current_scope()
    if scope is None:
        raise NoTenantScope("a bulk statement on a tenant table without a scope")
    if not columns or columns[0] != "tenant_id":
        raise ScopeError("the first column of a tenant table's bulk rows is tenant_id")
    tenants = {row[0] for row in rows}
    if isinstance(scope, OneTenant) and not tenants <= {scope.tenant_id}:
        raise WrongTenant("a bulk statement was given a row of another tenant")
    if not all(type(tenant) is int for tenant in tenants):
        raise ScopeError("a bulk row under all_tenants carries no tenant_id")


def _unfolded(columns: Sequence[str], rows: Sequence[Row]) -> tuple[str, tuple[Any, ...]]:
    """A SELECT that yields `rows` on the server, and its parameters."""
    selected: list[str] = []
    unfolded: list[str] = []
    travelling: list[Sequence[Any]] = []
    parameters: list[Any] = []
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        first = values[0]
        if values.count(first) == len(values) and not isinstance(first, bool | float):
            selected.append(f"%s AS {name}")
            parameters.append(first)
            continue
        unfolded.append(f"{name} {_column_type(values)} PATH '$[{len(unfolded)}]'")
        selected.append(f"j.{name}")
        travelling.append(values)
    if not unfolded:  # every row is the same one: JSON_TABLE wants a column all the same
        unfolded.append("present BIGINT PATH '$[0]'")
        travelling.append([1] * len(rows))
    # As hex: a digit needs no escaping, which would take twenty times as long as all the rest.
    parameters.append(orjson.dumps(list(zip(*travelling, strict=True))).hex())
    source = f"JSON_TABLE(CONVERT(UNHEX(%s) USING utf8mb4), '$[*]' COLUMNS({', '.join(unfolded)})) j"
    return f"SELECT {', '.join(selected)} FROM {source}", tuple(parameters)


def _column_type(values: Sequence[Any]) -> str:
    """The narrowest type that holds `values` whole (JSON_TABLE cuts silently what does not fit)."""
    types = set(map(type, values))
    if str in types:
        longest = max(map(len, filter(None, values)), default=0)
        return next((f"VARCHAR({width})" for width in TEXT_WIDTHS if longest <= width), "LONGTEXT")
    if datetime in types or date in types:
        return "VARCHAR(40)"  # as orjson spells it
    return "DOUBLE" if float in types else "BIGINT"


def _sqlite_conflict(table: Table, update: Sequence[str] | None) -> str:
    if update is None:
        return ""
    key = ", ".join(column.name for column in table.primary_key)
    if not update:
        return f" ON CONFLICT ({key}) DO NOTHING"
    return f" ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in update)}"


def _mysql_conflict(table: Table, update: Sequence[str] | None) -> str:
    if update is None:
        return ""
    # MySQL has no "do nothing" beside INSERT IGNORE, which hides other errors: setting the key to itself is one.
    first_key = next(iter(table.primary_key)).name
    changes = [f"{name} = VALUES({name})" for name in update] or [f"{first_key} = {table.name}.{first_key}"]
    return f" ON DUPLICATE KEY UPDATE {', '.join(changes)}"
