"""The one commit point, and the rule that nothing outside is called while the database waits."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import has_app_context
from sqlalchemy.exc import OperationalError

from app.db import engine
from app.extensions import db

P = ParamSpec("P")
R = TypeVar("R")

KEY = "transaction"
ATTEMPTS = 3
REPEATABLE_CODES = {1213, 1205}


class TransactionError(RuntimeError):
    """A programming error: an outside call inside a transaction, or a change outside one."""


@dataclass
class _Running:
    callbacks: list[Callable[[], None]] = field(default_factory=list)


@contextmanager
def transaction() -> Iterator[None]:
    """Everything in the block is committed together, or nothing is. Nested blocks join the outermost.

    The read that came before is ended and loaded rows are expired, so that whatever a decision rests on is read
    again inside. `on_commit` callbacks run after the commit.
    """
    session = db.session()
    if session.info.get(KEY) is not None:
        yield
        return
    if session.new or session.dirty or session.deleted:
        raise TransactionError("rows were changed before the transaction began; change them inside it")
    if session.in_transaction():
        session.rollback()
    session.expire_all()
    running = _Running()
    session.info[KEY] = running
    token = engine.writing.set(True)
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        engine.writing.reset(token)
        session.info.pop(KEY, None)
    _run(running.callbacks)


def on_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the open transaction is committed; at once where none is open."""
    running = db.session().info.get(KEY)
    if running is None:
        callback()
    else:
        running.callbacks.append(callback)


def in_transaction() -> bool:
    """True inside `transaction()`."""
    return _has_session() and db.session().info.get(KEY) is not None


def _has_session() -> bool:
    return has_app_context() and db.session.registry.has()


def refuse_inside_transaction(what: str) -> None:
    """Raise `TransactionError` where `what`, which reaches outside, is called inside a transaction."""
    if in_transaction():
        raise TransactionError(f"{what} inside a transaction; record the intent, commit, then act")


def release_connection() -> None:
    """End the running read so that no connection is held. Loaded objects stay loaded."""
    refuse_inside_transaction("release_connection()")
    if not _has_session():
        return
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise TransactionError("rows were changed outside transaction()")
    if session.in_transaction():
        session.commit()


def leave_database(what: str) -> None:
    """Call before every outside call: raises inside a transaction, gives the connection back otherwise."""
    refuse_inside_transaction(what)
    release_connection()


def retriable(body: Callable[P, R]) -> Callable[P, R]:
    """Repeat the whole body after a deadlock (1213) or lock wait (1205), at most three times.

    Inside an outer transaction the error goes up: only the outermost body can be repeated.
    """

    @wraps(body)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return body(*args, **kwargs)
            except OperationalError as error:
                if in_transaction() or attempt == ATTEMPTS or not _repeatable(error):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * attempt)
        raise AssertionError("unreachable")

    return repeated


def _repeatable(error: OperationalError) -> bool:
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return code in REPEATABLE_CODES or "database is locked" in str(error.orig)


def _run(callbacks: list[Callable[[], None]]) -> None:
    first: Exception | None = None
    for callback in callbacks:
        try:
            callback()
        except Exception as error:  # noqa: BLE001 - one failed signal must not silence the others; it is raised below
            first = first or error
    if first is not None:
        raise first
