"""How the engine is opened for SQLite, MySQL and MariaDB, so that all three behave alike."""

from __future__ import annotations

import os
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url

from app.extensions import db

CONNECT_TIMEOUT = 2
READ_TIMEOUT = 15
"""Longer than every statement deadline: PyMySQL only drops the connection and leaves the query running."""

QUIET = {"hide_parameters": True}
"""An error's text goes to logs and reports: never with what people wrote."""

writing: ContextVar[bool] = ContextVar("writing", default=False)
"""True inside `transaction()`: SQLite then begins IMMEDIATE, otherwise DEFERRED."""


def engine_options(url: str, pool_size: int = 8) -> dict[str, Any]:
    """Options for `create_engine`, with time limits on every socket."""
    if make_url(url).get_backend_name() == "sqlite":
        path = make_url(url).database
        if path and path != ":memory:":
            _make_private(Path(path))
        return {**QUIET, "connect_args": {"timeout": 10, "check_same_thread": False}}
    return {
        **QUIET,
        "isolation_level": "READ COMMITTED",
        "pool_size": pool_size,
        "max_overflow": 4,
        "pool_timeout": 3,
        "pool_recycle": 1800,
        "pool_pre_ping": True,
        "connect_args": {
            "connect_timeout": CONNECT_TIMEOUT,
            "read_timeout": READ_TIMEOUT,
            "write_timeout": READ_TIMEOUT,
            "charset": "utf8mb4",
            "init_command": "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
        },
    }


def _make_private(file: Path) -> None:
    """A new database is for this user of the machine alone; SQLite gives its journals the same mode."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))


def install(app: Flask) -> None:
    """Attach the SQLite pragmas and transaction modes to the engines of `app`."""
    with app.app_context():
        for engine in db.engines.values():
            if engine.dialect.name == "sqlite":
                event.listen(engine, "connect", _prepare_sqlite)
                event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "busy_timeout=10000",
        "cache_size=-20000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN DEFERRED")
