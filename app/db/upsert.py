"""Insert-or-update of many rows, alike on SQLite, MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import DeclarativeBase

from app.db.base import TenantScoped
from app.db.bulk import write_rows
from app.db.scope import OneTenant, current_scope
from app.db.transaction import TransactionError, in_transaction
from app.extensions import db


def bulk_upsert(
    model: type[DeclarativeBase], rows: Iterable[Mapping[str, Any]], *, update: Sequence[str] | None = None
) -> None:
    """Write `rows`; a row whose key exists has its `update` columns replaced (all but the key when None, none when empty).

    The first row's names are those of all. Rows of a tenant table are stamped with the open scope's tenant; under
    `all_tenants` each must carry its own. Raises `WrongTenant` for a row of another tenant, `TransactionError`
    outside `transaction()`.
    """
    if not in_transaction():
        raise TransactionError("bulk_upsert writes; call it inside transaction()")
    given = [_stamped(model, row) for row in rows]
    if not given:
        return
    table: Table = model.__table__  # type: ignore[assignment]
    names = list(given[0])
    columns = [table.c[name] for name in names] + _defaulted(table, names)
    key = {column.name for column in table.primary_key}
    dialect = db.session.connection().dialect
    processors = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    written = [
        tuple(
            processor(value) if processor is not None else value
            for processor, value in zip(processors, _values(columns, names, row), strict=True)
        )
        for row in given
    ]
    changed = [name for name in names if name not in key] if update is None else list(update)
    write_rows(model, [column.name for column in columns], written, update=changed)


def _stamped(model: type[DeclarativeBase], row: Mapping[str, Any]) -> dict[str, Any]:
    if not issubclass(model, TenantScoped):
        return dict(row)
    scope = current_scope()
    own = row.get("tenant_id")
    if own is None and isinstance(scope, OneTenant):
        own = scope.tenant_id
    return {"tenant_id": own, **{name: value for name, value in row.items() if name != "tenant_id"}}


def _defaulted(table: Table, names: Sequence[str]) -> list[Column[Any]]:
    """The columns that are not given but have a default made in Python."""
    return [column for column in table.columns if column.default is not None and column.name not in names]


def _values(columns: Sequence[Column[Any]], names: Sequence[str], row: Mapping[str, Any]) -> list[Any]:
    if len(row) != len(names):
        raise ValueError("all rows of one bulk_upsert name the same columns")
    return [row[column.name] if column.name in row else _default(column) for column in columns]


def _default(column: Column[Any]) -> Any:
    default = column.default
    if default is None:
        raise ValueError(f"a row of bulk_upsert lacks {column.name}")
    return default.arg(None) if default.is_callable else default.arg  # type: ignore[attr-defined]
