"""A time limit on reads, enforced by the server."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.extensions import db

MYSQL_INTERRUPTED = 3024
MARIADB_INTERRUPTED = 1969
SQLITE_STEPS = 20_000
SHORTEST = 0.001


class DeadlineExceeded(Exception):
    """The statement ran into its time limit and was stopped."""


class Deadline:
    """A moment by which reads end. MySQL and MariaDB are told with each statement, which saves two round trips."""

    def __init__(self, connection: Connection, seconds: float) -> None:
        self._dialect = connection.dialect
        self._ends = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """True once the time is used up."""
        return time.monotonic() > self._ends

    def applied_to(self, select: str) -> str:
        """The SELECT with what is left of the time as its limit."""
        left = max(SHORTEST, self._ends - time.monotonic())
        if left > 1:
            left = (
                ceil(left * 10) / 10
            )  # few different texts: what reads each statement remembers those that it has read
        if self._dialect.name == "sqlite":
            return select
        if self._dialect.is_mariadb:  # type: ignore[attr-defined]
            return f"SET STATEMENT max_statement_time={left:.3f} FOR {select}"
        return select.replace("SELECT", f"SELECT /*+ MAX_EXECUTION_TIME({left * 1000:.0f}) */", 1)


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """The statements in the block to which the deadline is applied share `seconds`; on SQLite all of them do.

    Raises `DeadlineExceeded` when they are used up.
    """
    connection = db.session.connection()
    limit = Deadline(connection, seconds)
    raw = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if raw is not None:
        raw.set_progress_handler(lambda: int(limit.is_over), SQLITE_STEPS)
    try:
        yield limit
    except DBAPIError as error:
        if _is_interrupted(error):
            raise DeadlineExceeded(f"stopped after {seconds} s") from error
        raise
    finally:
        if raw is not None:
            raw.set_progress_handler(None, 0)


def _is_interrupted(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return "interrupted" in str(error.orig)
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return code in (MYSQL_INTERRUPTED, MARIADB_INTERRUPTED)
