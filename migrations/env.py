"""How Alembic runs here: alike on SQLite, MySQL and MariaDB, under no tenant's scope."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from app.db.base import UtcDateTime
from app.db.encrypted import Encrypted
from app.db.scope import all_tenants
from app.extensions import db

target_metadata = db.metadata


def render_item(kind: str, item: object, autogen_context: AutogenContext) -> str | Literal[False]:
    """Spell our own column types without naming them: a migration imports no app code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from sqlalchemy.dialects import mysql")
        return 'sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")'
    if kind == "type" and isinstance(item, Encrypted):
        return "sa.LargeBinary(2048)"
    return False


def run() -> None:
    """Upgrade over one connection. On SQLite foreign keys are off meanwhile: a batch `alter_table` would delete children."""
    with all_tenants(reason="a migration changes every tenant's tables alike"), db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=sqlite,
            compare_type=True,
            transaction_per_migration=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
        if sqlite:
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


assert current_app, "run it through `flask db …`"
run()
