"""Insert-or-update of many rows, alike on SQLite, MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import DeclarativeBase

from app.db.base import TenantScoped
from app.db.scope import NoTenantScope, OneTenant, ScopeError, WrongTenant, current_scope
from app.db.transaction import TransactionError, in_transaction
from app.extensions import db


def bulk_upsert(
    model: type[DeclarativeBase], rows: Iterable[Mapping[str, Any]], *, update: Sequence[str] | None = None
) -> None:
    """Write `rows`; a row whose key exists has its `update` columns replaced (all but the key when None, none when empty).

    Rows of a tenant table are stamped with the open scope's tenant; under `all_tenants` each must carry its own.
    Raises `WrongTenant` for a row of another tenant, `TransactionError` outside `transaction()`.
    """
    if not in_transaction():
        raise TransactionError("bulk_upsert writes; call it inside transaction()")
    table: Table = model.__table__  # type: ignore[assignment]
    written = [_stamped(model, row) for row in rows]
    if not written:
        return
    key = [column.name for column in table.primary_key]
    columns = [name for name in written[0] if name not in key]
    changed = columns if update is None else list(update)
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        statement = sqlite.insert(table)
        upsert = (
            statement.on_conflict_do_update(
                index_elements=key, set_={name: statement.excluded[name] for name in changed}
            )
            if changed
            else statement.on_conflict_do_nothing(index_elements=key)
        )
    else:
        inserted = mysql.insert(table)
        # MySQL has no "do nothing" beside INSERT IGNORE, which hides other errors: setting the key to itself is one.
        kept = {name: inserted.inserted[name] for name in changed} or {key[0]: table.c[key[0]]}
        upsert = inserted.on_duplicate_key_update(**kept)
    connection.execute(upsert, written)


def _stamped(model: type[DeclarativeBase], row: Mapping[str, Any]) -> dict[str, Any]:
    if not issubclass(model, TenantScoped):
        return dict(row)
    scope = current_scope()
    if scope is None:
        raise NoTenantScope("bulk_upsert on a tenant table without a scope")
    own = row.get("tenant_id")
    if isinstance(scope, OneTenant):
        if own is not None and own != scope.tenant_id:
            raise WrongTenant("bulk_upsert was given a row of another tenant")
        return {"tenant_id": scope.tenant_id, **row}
    if own is None:
        raise ScopeError("bulk_upsert under all_tenants needs tenant_id on every row")
    return dict(row)
