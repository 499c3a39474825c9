"""How large the archive is: what an operator looks at before a disk is full."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.db.base import TenantScoped
from app.db.scope import all_tenants
from app.db.sizes import bytes_of
from app.domain.access import SystemActor, system_only
from app.domain.messages.models import Attachment, Message, MessageRevision, MessageTerm, RevisionTerm, Word
from app.domain.tenants.models import Tenant
from app.extensions import db

TABLES = (Message, MessageRevision, MessageTerm, RevisionTerm, Word, Attachment)


@dataclass(frozen=True)
class TableSize:
    """One table of the archive, all communities together."""

    name: str
    rows: int
    size: int | None
    """Bytes with its indexes; None where the database does not tell."""


@dataclass(frozen=True)
class TenantSize:
    """One community's part of the archive."""

    tenant_id: int
    name: str
    messages: int
    terms: int
    words: int
    size: int | None
    """Bytes, about: of each table, the part that its rows are."""

    @property
    def terms_a_message(self) -> float:
        """What a message costs in the search index, in postings."""
        return self.terms / self.messages if self.messages else 0.0


@dataclass(frozen=True)
class ArchiveSize:
    """Tables in the order of `TABLES`; communities, the largest first."""

    tables: tuple[TableSize, ...]
    tenants: tuple[TenantSize, ...]


@system_only
def size_of_archive(_system: SystemActor) -> ArchiveSize:
    """Counts every row: takes a second or two for each million messages. Changes nothing."""
    with all_tenants(reason="the operator weighs the whole archive"):
        names = {tenant_id: name for tenant_id, name in db.session.execute(select(Tenant.id, Tenant.name))}
        rows = {table.__tablename__: _rows_by_tenant(table) for table in TABLES}
        sizes = bytes_of([table.__tablename__ for table in TABLES])
    tables = tuple(TableSize(name, sum(counts.values()), sizes.get(name)) for name, counts in rows.items())
    tenants = [_of_tenant(tenant_id, name, rows, tables) for tenant_id, name in names.items()]
    return ArchiveSize(tables, tuple(sorted(tenants, key=lambda one: (-one.messages, one.tenant_id))))


def _rows_by_tenant(table: type[TenantScoped]) -> dict[int, int]:
    statement = select(table.tenant_id, func.count()).group_by(table.tenant_id)
    return {tenant_id: count for tenant_id, count in db.session.execute(statement)}


def _of_tenant(tenant_id: int, name: str, rows: dict[str, dict[int, int]], tables: tuple[TableSize, ...]) -> TenantSize:
    def count(table: type[Message | MessageTerm | Word]) -> int:
        return rows[table.__tablename__].get(tenant_id, 0)

    known = [one for one in tables if one.size is not None and one.rows]
    size = sum((one.size or 0) * rows[one.name].get(tenant_id, 0) // one.rows for one in known)
    weighed = any(one.size is not None for one in tables)
    return TenantSize(tenant_id, name, count(Message), count(MessageTerm), count(Word), size if weighed else None)
