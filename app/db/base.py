"""Column types and the base of every tenant table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, Integer, Table, event
from sqlalchemy.dialects.mysql import DATETIME as MySQLDateTime
from sqlalchemy.dialects.mysql import INTEGER as MySQLInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import DateTime, TypeDecorator

from app.extensions import db

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_520_ci"}

Snowflake = BigInteger
"""A Discord id, or one of ours from `app.db.ids`: 63 bits."""

TenantId = Integer().with_variant(MySQLInteger(unsigned=True), "mysql", "mariadb")
"""`tenants.id`: it leads every key, so it is small."""

Unsigned32 = BigInteger().with_variant(MySQLInteger(unsigned=True), "mysql", "mariadb")
"""0 to 2³²−1, four bytes on MySQL and MariaDB."""


if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """What type checkers see of `db.Model`."""

else:
    Model = db.Model


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored UTC with milliseconds, always aware in Python.

    Raises `ValueError` for a naive datetime: which zone it meant would be a guess.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(MySQLDateTime(fsp=3))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was about to be stored; use app.domain.clock.utcnow()")
        value = value.astimezone(UTC).replace(tzinfo=None)
        return value.replace(microsecond=value.microsecond // 1000 * 1000)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


class TenantScoped:
    """A table whose rows belong to one tenant. Its primary key begins with `tenant_id`.

    `foreign_key_to_tenants = False` on a model leaves the foreign key out (the search index alone, design 4a).
    """

    foreign_key_to_tenants = True

    @declared_attr
    def tenant_id(cls) -> Mapped[int]:
        if cls.foreign_key_to_tenants:
            return mapped_column(
                TenantId,
                ForeignKey("tenants.id", ondelete="CASCADE"),
                primary_key=True,
                autoincrement=False,
                sort_order=-10,
            )
        return mapped_column(TenantId, primary_key=True, autoincrement=False, sort_order=-10)


def tenant_tables() -> frozenset[str]:
    """Names of all tables whose rows belong to a tenant."""
    return frozenset(
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Model.registry.mappers
        if issubclass(mapper.class_, TenantScoped)
    )


@event.listens_for(Table, "after_parent_attach")
def _portable_table_options(table: Table, _parent: object) -> None:
    for name, value in TABLE_OPTIONS.items():
        if name not in table.dialect_kwargs:
            table.dialect_kwargs[name] = value
