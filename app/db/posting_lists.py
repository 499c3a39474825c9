"""Which rows may match: lists of ids under a value, met and merged newest first, for one tenant.

A list is the rows of a table under one value, clustered or indexed by (tenant, value, id). Groups are alternatives;
an id is proposed when each group has it in one of its lists. The caller verifies what is proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.db.deadline import Deadline
from app.db.scope import current_tenant_id
from app.extensions import db

COUNTED_AT_MOST = 2_000
"""SQLite: lists are counted up to here to choose which one drives."""

MERGED_ONE_BY_ONE = 8
"""So many alternatives are read each from its newest end; a server takes longer to plan more of them than to read them."""

FIRST_STRETCH, WIDEST_STEP = 4_096, 16
"""More alternatives are read together, in stretches of ids: the first is one in so many of all, each next at most so many
times the one before."""


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


@dataclass(frozen=True)
class Wanted:
    """What is read of each proposed id: `columns` of the row of `table` with that `id`.

    Only rows count whose `kept_column` is one of `kept`, where that is given.
    """

    table: str
    columns: tuple[str, ...]
    kept_column: str = ""
    kept: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Names:
    """Rows of `table` from `first` to before `before` in `name_column`, none that holds `without`.

    `value_column` is the value of the name's list, which is rows of `list_table` by `list_column`.
    """

    table: str
    name_column: str
    value_column: str
    first: str
    before: str
    without: str
    list_table: str
    list_column: str
    id_column: str


class _Statement:
    """SQL text and its parameters, in the driver's own style."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"
        self.join = "CROSS JOIN" if self.is_sqlite else "JOIN"
        self.then = "CROSS JOIN" if self.is_sqlite else "STRAIGHT_JOIN"
        """Joins a table that is to be read after those before it."""
        self._place = "?" if self.is_sqlite else "%s"
        self._parameters: list[Any] = []

    def bind(self, value: int | str) -> str:
        self._parameters.append(value)
        return self._place

    def bind_all(self, values: Sequence[int]) -> str:
        self._parameters.extend(values)
        return ", ".join([self._place] * len(values))

    def rows(self, sql: str, limit: Deadline | None = None) -> list[tuple[Any, ...]]:
        statement = limit.applied_to(sql) if limit is not None else sql
        return [tuple(row) for row in self.connection.exec_driver_sql(statement, tuple(self._parameters))]


def propose(
    groups: Sequence[Group], bounds: Bounds, limit: int, wanted: Wanted, deadline: Deadline | None = None
) -> list[tuple[Any, ...]]:
    """Rows of the newest `limit` ids within `bounds` that every group has, newest first.

    Without groups, the newest rows of all. Raises what the deadline's block turns into `DeadlineExceeded`.
    """
    connection = db.session.connection()
    single = [group[0] for group in groups if len(group) == 1]
    several = sorted((group for group in groups if len(group) > 1), key=len)
    if connection.dialect.name == "sqlite" and len(single) > 1:
        single = _rarest_first(connection, single)
    if several and not single and len(several[0]) > MERGED_ONE_BY_ONE:
        return _in_stretches(connection, several[0], several[1:], bounds, limit, wanted, deadline)
    statement = _Statement(connection)
    if single:
        sql = _meeting(statement, single, several, bounds, limit, wanted)
    elif several:
        sql = _merging(statement, several[0], several[1:], bounds, limit, wanted)
    else:
        sql = _newest(statement, bounds, limit, wanted)
    return statement.rows(sql, deadline)


def next_rows(one: PostingList, after: int, limit: int, wanted: Wanted) -> list[tuple[Any, ...]]:
    """Rows of the oldest `limit` ids of a list above `after`, oldest first."""
    statement = _Statement(db.session.connection())
    met = f"p0.{one.id_column}"
    row = _its_row(statement, wanted, met)
    sql = (
        f"SELECT {_columns(wanted)} FROM {one.table} p0 {row}"
        f" WHERE p0.tenant_id = {statement.bind(current_tenant_id())} AND p0.{one.column} = {statement.bind(one.value)}"
        f" AND {met} > {statement.bind(after)} ORDER BY {met} LIMIT {statement.bind(limit)}"
    )
    return statement.rows(sql)


def names_with_rows(names: Names, limit: int, wanted: Wanted, deadline: Deadline | None = None) -> list[str]:
    """The first `limit` names, in order. Where `wanted` keeps some rows only, a name counts whose list has one of these.

    Raises what the deadline's block turns into `DeadlineExceeded`.
    """
    statement = _Statement(db.session.connection())
    name = f"n.{names.name_column}"
    conditions = [
        f"n.tenant_id = {statement.bind(current_tenant_id())}",
        f"{name} >= {statement.bind(names.first)} AND {name} < {statement.bind(names.before)}",
        f"{name} NOT LIKE {statement.bind(f'%{names.without}%')}",
    ]
    if wanted.kept is not None:
        # A scalar with a limit is asked name by name; as EXISTS it might be made into a join over whole tables.
        met = f"p0.{names.id_column}"
        conditions.append(
            f"(SELECT m.id FROM {names.list_table} p0 {_its_row(statement, wanted, met)}"
            f" WHERE p0.tenant_id = {statement.bind(current_tenant_id())}"
            f" AND p0.{names.list_column} = n.{names.value_column} LIMIT 1) IS NOT NULL"
        )
    sql = (
        f"SELECT {name} FROM {names.table} n WHERE {' AND '.join(conditions)}"
        f" ORDER BY {name} LIMIT {statement.bind(limit)}"
    )
    return [str(row[0]) for row in statement.rows(sql, deadline)]


def rows_with_ids(table: str, columns: Sequence[str], id_column: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """`columns` of the tenant's rows with these ids, in no order."""
    if not ids:
        return []
    statement = _Statement(db.session.connection())
    return statement.rows(
        f"SELECT {', '.join(columns)} FROM {table} WHERE tenant_id = {statement.bind(current_tenant_id())}"
        f" AND {id_column} IN ({statement.bind_all(ids)})"
    )


def _meeting(
    statement: _Statement,
    lists: Sequence[PostingList],
    several: Sequence[Group],
    bounds: Bounds,
    limit: int,
    wanted: Wanted,
) -> str:
    """The lists met with each other.

    MySQL and MariaDB choose the order of the lists themselves (forcing it made the worst case ten times worse); SQLite
    keeps ours. The rows themselves come last on all.
    """
    first = lists[0]
    met = f"p0.{first.id_column}"
    tables = [f"{first.table} p0"]
    for number, other in enumerate(lists[1:], 1):
        tables.append(
            f"{statement.join} {other.table} p{number} ON p{number}.tenant_id = {statement.bind(current_tenant_id())}"
            f" AND p{number}.{other.column} = {statement.bind(other.value)} AND p{number}.{other.id_column} = {met}"
        )
    tables.append(_its_row(statement, wanted, met))
    conditions = _within(statement, first, bounds)
    conditions += [_has_one_of(statement, group, met) for group in several]
    return (
        f"SELECT {_columns(wanted)} FROM {' '.join(tables)} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {met} DESC LIMIT {statement.bind(limit)}"
    )


def _merging(
    statement: _Statement, alternatives: Group, others: Sequence[Group], bounds: Bounds, limit: int, wanted: Wanted
) -> str:
    """The newest of each alternative, merged: each list is read from its newest end and no further than needed."""
    branches = []
    for number, one in enumerate(alternatives):
        met = f"p0.{one.id_column}"
        row = _its_row(statement, wanted, met) if wanted.kept is not None else ""
        conditions = _within(statement, one, bounds)
        conditions += [_has_one_of(statement, group, met) for group in others]
        branches.append(
            f"SELECT * FROM (SELECT {met} AS found FROM {one.table} p0 {row} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {met} DESC LIMIT {statement.bind(limit)}) b{number}"
        )
    merged = f"SELECT found FROM ({' UNION '.join(branches)}) u ORDER BY found DESC LIMIT {statement.bind(limit)}"
    row = _its_row(statement, Wanted(wanted.table, wanted.columns), "merged.found")
    return f"SELECT {_columns(wanted)} FROM ({merged}) merged {row} ORDER BY merged.found DESC"


def _in_stretches(
    connection: Connection,
    alternatives: Group,
    others: Sequence[Group],
    bounds: Bounds,
    limit: int,
    wanted: Wanted,
    deadline: Deadline | None,
) -> list[tuple[Any, ...]]:
    """The newest of all alternatives, stretch after stretch of ids, each as wide as the ones before it make likely."""
    oldest, newest = _ends(connection, bounds, wanted, deadline)
    before, stretch = newest + 1, (newest - oldest) // FIRST_STRETCH + 1
    rows: list[tuple[Any, ...]] = []
    while len(rows) < limit and before > oldest:
        statement = _Statement(connection)
        within = Bounds(max(oldest, before - stretch), before)
        sql = _together(statement, alternatives, others, within, limit - len(rows), wanted)
        found = statement.rows(sql, deadline)
        rows += found
        before = within.oldest
        step = 3 * (limit - len(rows)) // (2 * len(found)) + 1 if found else WIDEST_STEP
        stretch *= min(WIDEST_STEP, max(2, step))
    return rows


def _ends(connection: Connection, bounds: Bounds, wanted: Wanted, deadline: Deadline | None) -> tuple[int, int]:
    """(the oldest id, the newest id) that there is within bounds; (1, 0) where there is none."""
    statement = _Statement(connection)
    # Two selects: asked for both in one, SQLite reads all rows between them.
    ends = [
        f"(SELECT {end}(m.id) FROM {wanted.table} m WHERE m.tenant_id = {statement.bind(current_tenant_id())}"
        f" AND m.id >= {statement.bind(bounds.oldest)} AND m.id < {statement.bind(bounds.before)})"
        for end in ("MIN", "MAX")
    ]
    oldest, newest = statement.rows(f"SELECT {', '.join(ends)}", deadline)[0]
    return (1, 0) if oldest is None else (oldest, newest)


def _together(
    statement: _Statement, alternatives: Group, others: Sequence[Group], bounds: Bounds, limit: int, wanted: Wanted
) -> str:
    """All alternatives within a stretch at once: what is read is what they have there."""
    branches = []
    for (table, column, id_column), values in _by_table(alternatives).items():
        met = f"p0.{id_column}"
        row = _its_row(statement, wanted, met) if wanted.kept is not None else ""
        conditions = [
            f"p0.tenant_id = {statement.bind(current_tenant_id())}",
            f"p0.{column} IN ({statement.bind_all(values)})",
            f"{met} < {statement.bind(bounds.before)}",
            f"{met} >= {statement.bind(bounds.oldest)}",
        ]
        conditions += [_has_one_of(statement, group, met) for group in others]
        branches.append(f"SELECT {met} AS found FROM {table} p0 {row} WHERE {' AND '.join(conditions)}")
    merged = (
        f"SELECT DISTINCT found FROM ({' UNION ALL '.join(branches)}) u"
        f" ORDER BY found DESC LIMIT {statement.bind(limit)}"
    )
    row = _its_row(statement, Wanted(wanted.table, wanted.columns), "merged.found")
    return f"SELECT {_columns(wanted)} FROM ({merged}) merged {row} ORDER BY merged.found DESC"


def _newest(statement: _Statement, bounds: Bounds, limit: int, wanted: Wanted) -> str:
    conditions = [
        f"m.tenant_id = {statement.bind(current_tenant_id())}",
        f"m.id < {statement.bind(bounds.before)}",
        f"m.id >= {statement.bind(bounds.oldest)}",
    ]
    if wanted.kept is not None:
        conditions.append(f"m.{wanted.kept_column} IN ({statement.bind_all(wanted.kept)})")
    return (
        f"SELECT {_columns(wanted)} FROM {wanted.table} m WHERE {' AND '.join(conditions)}"
        f" ORDER BY m.id DESC LIMIT {statement.bind(limit)}"
    )


def _columns(wanted: Wanted) -> str:
    return ", ".join(f"m.{column}" for column in wanted.columns)


def _its_row(statement: _Statement, wanted: Wanted, met: str) -> str:
    kept = ""
    tenant = statement.bind(current_tenant_id())
    if wanted.kept is not None:
        kept = f" AND m.{wanted.kept_column} IN ({statement.bind_all(wanted.kept)})"
    return f"{statement.then} {wanted.table} m ON m.tenant_id = {tenant} AND m.id = {met}{kept}"


def _within(statement: _Statement, one: PostingList, bounds: Bounds) -> list[str]:
    return [
        f"p0.tenant_id = {statement.bind(current_tenant_id())}",
        f"p0.{one.column} = {statement.bind(one.value)}",
        f"p0.{one.id_column} < {statement.bind(bounds.before)}",
        f"p0.{one.id_column} >= {statement.bind(bounds.oldest)}",
    ]


def _has_one_of(statement: _Statement, group: Group, met: str) -> str:
    """One of the alternatives has the id; alternatives of one table are asked together."""
    conditions = [
        f"EXISTS (SELECT 1 FROM {table} e WHERE e.tenant_id = {statement.bind(current_tenant_id())}"
        f" AND e.{column} IN ({statement.bind_all(values)}) AND e.{id_column} = {met})"
        for (table, column, id_column), values in _by_table(group).items()
    ]
    return f"({' OR '.join(conditions)})"


def _by_table(group: Group) -> dict[tuple[str, str, str], list[int]]:
    """The alternatives' values by the table, column and id column that they are of."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for one in group:
        found.setdefault((one.table, one.column, one.id_column), []).append(one.value)
    return found


def _rarest_first(connection: Connection, lists: Sequence[PostingList]) -> list[PostingList]:
    statement = _Statement(connection)
    counts = [
        f"(SELECT COUNT(*) FROM (SELECT 1 FROM {one.table} WHERE tenant_id = {statement.bind(current_tenant_id())}"
        f" AND {one.column} = {statement.bind(one.value)} LIMIT {COUNTED_AT_MOST}))"
        for one in lists
    ]
    row = statement.rows(f"SELECT {', '.join(counts)}")[0]
    return [one for _count, _at, one in sorted(zip(row, range(len(lists)), lists, strict=True))]
