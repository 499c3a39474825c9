"""Rows in every table that names people, made from what the tables say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, DateTime, LargeBinary, String, Table, insert, select
from sqlalchemy.types import TypeDecorator

from app.db.base import UtcDateTime
from app.db.ids import new_id
from app.db.personal import Erase, Personal, mapped_tables
from app.db.scope import all_tenants
from app.db.transaction import transaction
from app.domain.clock import utcnow
from app.extensions import db
from tests.app.messages_web.conftest import A

ARCHIVE = {"messages", "message_revisions", "message_terms", "revision_terms", "words", "attachments"}
"""Written by the indexer itself, never by hand."""
NOT_FILLED = ARCHIVE | {"users", "tenants", "erasures", "account_erasures"}


def fill(person: int, mark: str) -> list[str]:
    """One row of each table with a personal column: every id in it is `person`'s, every text `mark`. Answers the tables."""
    made: dict[str, dict[str, Any]] = {"tenants": {"id": A}, "users": {"id": person}}
    filled = []
    models = mapped_tables()
    with all_tenants(reason="the test fills every table"), transaction():
        for table in db.metadata.sorted_tables:
            if table.name in NOT_FILLED or table.name not in models:
                continue
            row = _row(table, person, mark, made)
            key = [column == row[column.name] for column in table.primary_key if column.name in row]
            if db.session.execute(select(*table.primary_key).where(*key)).first() is None:
                db.session.execute(insert(models[table.name]).values(**row))
            made[table.name] = row
            filled.append(table.name)
    return filled


def _row(table: Table, person: int, mark: str, made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        parent = next(iter(column.foreign_keys), None)
        declared = column.info.get("personal")
        if column.name == "tenant_id":
            row[column.name] = A
        elif parent is not None and parent.column.table.name in made:
            row[column.name] = made[parent.column.table.name][parent.column.name]
        elif declared is not None:
            row[column.name] = _personal(column, declared, person, mark)
        elif column.name in _STATES.get(table.name, {}):
            row[column.name] = _STATES[table.name][column.name]
        elif column.name == "id" or (column.default is None and not column.nullable):
            row[column.name] = _anything(column)
    return row


_STATES: dict[str, dict[str, Any]] = {
    "archive_exclusions": {"kind": "member"},
    "guild_members": {"left_at": utcnow() - timedelta(days=2)},
    "cases": {"status": "lifted", "kind": "ban", "source": "panel"},
    "holds": {"kind": "member", "lifted_at": utcnow()},
    "erasure_requests": {"status": "granted"},
    "personal_exports": {"file_name": "1-a.zip", "state": "done"},
    "retention_changes": {"kept": "messages", "state": "done"},
}
"""Where a rule looks at the state: the person has left, their case is closed, their hold is lifted."""


def _personal(column: Column[Any], declared: Personal, person: int, mark: str) -> Any:
    if isinstance(column.type, JSON):
        if declared.erase is Erase.LISTED:
            return [str(person)] if column.name.endswith("ids") else [{"id": str(person), "type": 1}]
        return {"person": str(person), "words": mark} if declared.erase is not None else [mark]
    if isinstance(column.type, String):
        return str(person) if declared.erase is not None else f"{mark}"[: column.type.length]
    if declared.erase is None:
        return _anything(column)
    return person


def _anything(column: Column[Any]) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(column.type, UtcDateTime) or isinstance(kind, DateTime):
        return utcnow()
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, LargeBinary):
        return "x"
    if isinstance(kind, String):
        return f"{new_id()}"[-(kind.length or 20) :]
    return new_id() % 2**30


def every_value() -> Iterator[tuple[str, str, str]]:
    """(table, column, value as text) of everything that the database holds."""
    db.session.rollback()
    with all_tenants(reason="the test reads the whole database"):
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(select(table)).mappings().all():
                for name, value in row.items():
                    yield table.name, str(name), str(value)
