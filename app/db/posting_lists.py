"""Which ids may match: lists of ids under a value, met and merged newest first, for one tenant.

A list is the rows of a table under one value, clustered or indexed by (tenant, value, id). Groups are alternatives;
an id is proposed when each group has it in one of its lists. The caller verifies what is proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.db.scope import current_tenant_id
from app.extensions import db

COUNTED_AT_MOST = 2_000
"""SQLite: lists are counted up to here to choose which one drives."""


@dataclass(frozen=True)
class PostingList:
    """The rows of `table` whose `column` is `value`; `id_column` is what is met."""

    table: str
    column: str
    id_column: str
    value: int


Group = tuple[PostingList, ...]
"""Alternatives."""


@dataclass(frozen=True)
class Bounds:
    """Ids from `oldest` to before `before`."""

    oldest: int
    before: int


class _Statement:
    """SQL text and its parameters, in the driver's own style."""

    def __init__(self, connection: Connection) -> None:
        self.is_sqlite = connection.dialect.name == "sqlite"
        self._place = "?" if self.is_sqlite else "%s"
        self.parameters: list[Any] = []

    def bind(self, value: int) -> str:
        self.parameters.append(value)
        return self._place


def propose(groups: Sequence[Group], bounds: Bounds, limit: int) -> list[int]:
    """The newest `limit` ids within `bounds` that every group has, newest first. `groups` must not be empty."""
    connection = db.session.connection()
    single = [group[0] for group in groups if len(group) == 1]
    several = [group for group in groups if len(group) > 1]
    if connection.dialect.name == "sqlite" and len(single) > 1:
        single = _rarest_first(connection, single)
    statement = _Statement(connection)
    if single:
        sql = _meeting(statement, single, several, bounds, limit)
    else:
        several = sorted(several, key=len)
        sql = _merging(statement, several[0], several[1:], bounds, limit)
    return [row[0] for row in connection.exec_driver_sql(sql, tuple(statement.parameters))]


def _meeting(
    statement: _Statement, lists: Sequence[PostingList], several: Sequence[Group], bounds: Bounds, limit: int
) -> str:
    """The lists met with each other.

    MySQL and MariaDB choose the order themselves (forcing it made the worst case ten times worse); SQLite keeps ours.
    """
    tenant_id = current_tenant_id()
    first = lists[0]
    join = "CROSS JOIN" if statement.is_sqlite else "JOIN"
    tables = [f"{first.table} p0"]
    for number, other in enumerate(lists[1:], 1):
        tables.append(
            f"{join} {other.table} p{number} ON p{number}.tenant_id = {statement.bind(tenant_id)}"
            f" AND p{number}.{other.column} = {statement.bind(other.value)}"
            f" AND p{number}.{other.id_column} = p0.{first.id_column}"
        )
    conditions = _within(statement, "p0", first, bounds)
    conditions += [_has_one_of(statement, group, f"p0.{first.id_column}") for group in several]
    return (
        f"SELECT p0.{first.id_column} FROM {' '.join(tables)} WHERE {' AND '.join(conditions)}"
        f" ORDER BY p0.{first.id_column} DESC LIMIT {statement.bind(limit)}"
    )


def _merging(statement: _Statement, alternatives: Group, others: Sequence[Group], bounds: Bounds, limit: int) -> str:
    """The newest of each alternative, merged: each list is read from its newest end and no further than needed."""
    branches = []
    for number, one in enumerate(alternatives):
        conditions = _within(statement, "p0", one, bounds)
        conditions += [_has_one_of(statement, group, f"p0.{one.id_column}") for group in others]
        branches.append(
            f"SELECT * FROM (SELECT p0.{one.id_column} AS found FROM {one.table} p0 WHERE {' AND '.join(conditions)}"
            f" ORDER BY p0.{one.id_column} DESC LIMIT {statement.bind(limit)}) b{number}"
        )
    return f"SELECT found FROM ({' UNION '.join(branches)}) merged ORDER BY found DESC LIMIT {statement.bind(limit)}"


def _within(statement: _Statement, alias: str, one: PostingList, bounds: Bounds) -> list[str]:
    return [
        f"{alias}.tenant_id = {statement.bind(current_tenant_id())}",
        f"{alias}.{one.column} = {statement.bind(one.value)}",
        f"{alias}.{one.id_column} < {statement.bind(bounds.before)}",
        f"{alias}.{one.id_column} >= {statement.bind(bounds.oldest)}",
    ]


def _has_one_of(statement: _Statement, group: Group, met_id: str) -> str:
    """One of the alternatives has the id; alternatives of one table are asked together."""
    by_table: dict[tuple[str, str, str], list[int]] = {}
    for one in group:
        by_table.setdefault((one.table, one.column, one.id_column), []).append(one.value)
    conditions = [
        f"EXISTS (SELECT 1 FROM {table} e WHERE e.tenant_id = {statement.bind(current_tenant_id())}"
        f" AND e.{column} IN ({', '.join(statement.bind(value) for value in values)}) AND e.{id_column} = {met_id})"
        for (table, column, id_column), values in by_table.items()
    ]
    return f"({' OR '.join(conditions)})"


def _rarest_first(connection: Connection, lists: Sequence[PostingList]) -> list[PostingList]:
    statement = _Statement(connection)
    counts = [
        f"(SELECT COUNT(*) FROM (SELECT 1 FROM {one.table} WHERE tenant_id = {statement.bind(current_tenant_id())}"
        f" AND {one.column} = {statement.bind(one.value)} LIMIT {COUNTED_AT_MOST}))"
        for one in lists
    ]
    row = connection.exec_driver_sql(f"SELECT {', '.join(counts)}", tuple(statement.parameters)).one()
    return [one for _count, _at, one in sorted(zip(row, range(len(lists)), lists, strict=True))]


def newest_ids(table: str, id_column: str, bounds: Bounds, limit: int) -> list[int]:
    """The tenant's newest ids of `table` within `bounds`, newest first."""
    connection = db.session.connection()
    statement = _Statement(connection)
    sql = (
        f"SELECT {id_column} FROM {table} WHERE tenant_id = {statement.bind(current_tenant_id())}"
        f" AND {id_column} < {statement.bind(bounds.before)} AND {id_column} >= {statement.bind(bounds.oldest)}"
        f" ORDER BY {id_column} DESC LIMIT {statement.bind(limit)}"
    )
    return [row[0] for row in connection.exec_driver_sql(sql, tuple(statement.parameters))]


def rows_with_ids(table: str, columns: Sequence[str], id_column: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """`columns` of the tenant's rows with these ids, in no order."""
    if not ids:
        return []
    connection = db.session.connection()
    statement = _Statement(connection)
    sql = (
        f"SELECT {', '.join(columns)} FROM {table} WHERE tenant_id = {statement.bind(current_tenant_id())}"
        f" AND {id_column} IN ({', '.join(statement.bind(one) for one in ids)})"
    )
    return [tuple(row) for row in connection.exec_driver_sql(sql, tuple(statement.parameters))]


def next_ids(one: PostingList, after: int, limit: int) -> list[int]:
    """The oldest `limit` ids of a list above `after`, oldest first."""
    connection = db.session.connection()
    statement = _Statement(connection)
    sql = (
        f"SELECT {one.id_column} FROM {one.table} WHERE tenant_id = {statement.bind(current_tenant_id())}"
        f" AND {one.column} = {statement.bind(one.value)} AND {one.id_column} > {statement.bind(after)}"
        f" ORDER BY {one.id_column} LIMIT {statement.bind(limit)}"
    )
    return [row[0] for row in connection.exec_driver_sql(sql, tuple(statement.parameters))]
