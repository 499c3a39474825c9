"""A time limit on one read, enforced by the server."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.extensions import db

MYSQL_INTERRUPTED = 3024
MARIADB_INTERRUPTED = 1969
SQLITE_STEPS = 20_000


class DeadlineExceeded(Exception):
    """The statement ran into its time limit and was stopped."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Every SELECT in the block shares `seconds`. Raises `DeadlineExceeded` when they are used up."""
    connection = db.session.connection()
    undo = _limit(connection, seconds)
    try:
        yield
    except (OperationalError, DBAPIError) as error:
        if _is_interrupted(error):
            raise DeadlineExceeded(f"stopped after {seconds} s") from error
        raise
    finally:
        undo(connection)


def _limit(connection: Connection, seconds: float):  # type: ignore[no-untyped-def]
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        ends = time.monotonic() + seconds
        raw.set_progress_handler(lambda: 1 if time.monotonic() > ends else 0, SQLITE_STEPS)  # type: ignore[union-attr]
        return lambda c: raw.set_progress_handler(None, 0)  # type: ignore[union-attr]
    if connection.dialect.is_mariadb:  # type: ignore[attr-defined]
        connection.execute(text("SET SESSION max_statement_time = :seconds"), {"seconds": float(seconds)})
        return lambda c: None if c.invalidated else c.execute(text("SET SESSION max_statement_time = 0"))
    connection.execute(text("SET SESSION max_execution_time = :ms"), {"ms": max(1, int(seconds * 1000))})
    return lambda c: None if c.invalidated else c.execute(text("SET SESSION max_execution_time = 0"))


def _is_interrupted(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return "interrupted" in str(error.orig)
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return code in (MYSQL_INTERRUPTED, MARIADB_INTERRUPTED)
