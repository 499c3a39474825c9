"""The two walls between tenants: one in the ORM, one on the SQL that leaves for the server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from flask import Flask
from sqlalchemy import ClauseElement, Engine, Table, event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import Insert, UpdateBase

from app.db.base import TenantScoped, tenant_tables
from app.db.scope import AllTenants, NoTenantScope, OneTenant, ScopeError, WrongTenant, current_scope
from app.extensions import db

CURE = "open tenant_scope(tenant.id) at the door, or all_tenants(reason=…) in a @system_only verb"


def install(app: Flask) -> None:
    """Put both walls up: on the session once, on each engine of `app`."""
    if not event.contains(db.session.session_factory, "do_orm_execute", _filter_statement):
        event.listen(db.session.session_factory, "do_orm_execute", _filter_statement)
        event.listen(db.session.session_factory, "before_flush", _stamp_and_check)
    with app.app_context():
        for engine in db.engines.values():
            event.listen(engine, "before_cursor_execute", _refuse_unbound_sql)


def _filter_statement(state: ORMExecuteState) -> None:
    if not _touches_tenant_table(state):
        return
    scope = current_scope()
    if scope is None:
        raise NoTenantScope(f"a tenant table was touched without a scope: {CURE}")
    if isinstance(scope, AllTenants):
        return
    tenant_id = scope.tenant_id
    if isinstance(state.statement, Insert):
        _refuse_foreign_rows(state, tenant_id)
        return
    if isinstance(state.statement, UpdateBase):
        _refuse_moving_rows(state.statement)
    state.statement = state.statement.options(
        with_loader_criteria(TenantScoped, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)
    )


def _touches_tenant_table(state: ORMExecuteState) -> bool:
    if any(issubclass(mapper.class_, TenantScoped) for mapper in state.all_mappers):
        return True
    names = _tenant_table_names()
    elements = visitors.iterate(cast(ClauseElement, state.statement))
    return any(isinstance(element, Table) and element.name in names for element in elements)


def _refuse_moving_rows(statement: UpdateBase) -> None:
    values = getattr(statement, "_values", None) or {}
    if any(getattr(column, "key", column) == "tenant_id" for column in values):
        raise WrongTenant("update(...).values(tenant_id=…) would move rows to another tenant")


def _refuse_foreign_rows(state: ORMExecuteState, tenant_id: int) -> None:
    parameters = state.parameters or {}
    rows = [parameters] if isinstance(parameters, dict) else list(parameters)
    named = {
        getattr(column, "key", column): value
        for column, value in (getattr(state.statement, "_values", None) or {}).items()
    }
    literal = named.get("tenant_id")
    ids = [row["tenant_id"] for row in rows if isinstance(row, Mapping) and "tenant_id" in row]
    if literal is not None:
        ids.append(getattr(literal, "value", literal))
    if any(own != tenant_id for own in ids):
        raise WrongTenant("an INSERT statement carried a row of another tenant")


def _stamp_and_check(session: Session, _context: UOWTransaction, _instances: object) -> None:
    scope = current_scope()
    for row in session.new:
        if isinstance(row, TenantScoped):
            if scope is None:
                raise NoTenantScope(f"{type(row).__name__} was about to be written without a scope: {CURE}")
            if row.tenant_id is None and isinstance(scope, OneTenant):
                row.tenant_id = scope.tenant_id
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantScoped):
            continue
        if scope is None:
            raise NoTenantScope(f"{type(row).__name__} was about to be changed without a scope: {CURE}")
        if isinstance(scope, OneTenant) and row.tenant_id != scope.tenant_id:
            raise WrongTenant(f"a {type(row).__name__} of another tenant was about to be written")
        if row.tenant_id is None:
            raise ScopeError(f"a {type(row).__name__} without a tenant was about to be written under all_tenants")


@lru_cache(maxsize=1)
def _tenant_table_names() -> frozenset[str]:
    return tenant_tables()


@lru_cache(maxsize=1)
def _names_tenant_table() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, tenant_tables()), key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|,)\s+[`\"]?(?:{names})\b", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _reading_of(statement: str) -> tuple[bool, bool]:
    """(names a tenant table, names tenant_id) of one SQL text."""
    verb = statement.lstrip(" \n(").split(None, 1)[0].upper() if statement.strip() else ""
    if verb in ("CREATE", "DROP", "ALTER", "PRAGMA", "EXPLAIN", "ANALYZE"):
        return False, False
    return bool(_names_tenant_table().search(statement)), "tenant_id" in statement


def _refuse_unbound_sql(
    _connection: Engine, _cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool
) -> None:
    scope = current_scope()
    if isinstance(scope, AllTenants):  # asked first: a bulk statement is long, and is not to be remembered
        return
    touches, names_tenant = _reading_of(statement)
    if not touches:
        return
    if scope is None:
        raise NoTenantScope(f"SQL on a tenant table without a scope: {CURE}")
    # "insertmanyvalues" says executemany and brings one flat row of all values.
    is_many = (
        executemany
        and isinstance(parameters, list | tuple)
        and isinstance(next(iter(parameters), None), list | tuple | dict)
    )
    rows = parameters if is_many else [parameters]
    if not names_tenant or not all(_binds(row, scope.tenant_id) for row in rows):
        raise WrongTenant(
            "SQL on a tenant table that does not bind this scope's tenant_id; write an ORM statement, or build it in app/db"
        )


def _binds(parameters: Any, tenant_id: int) -> bool:
    values = parameters.values() if isinstance(parameters, dict) else parameters
    return any(value == tenant_id and isinstance(value, int) for value in values or ())
