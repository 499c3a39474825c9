"""The one commit point."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.db.ids import new_id
from app.db.scope import tenant_scope
from app.db.transaction import TransactionError, leave_database, on_commit, retriable, transaction
from app.domain.accounts.models import User
from app.domain.moderation.models import Counter
from app.domain.tenants.models import Tenant
from app.extensions import db


def _user(user_id: int, name: str = "somebody") -> User:
    return User(id=user_id, username=name, display_name=name)


def test_what_a_block_wrote_is_committed_together_or_not_at_all(app: Flask) -> None:
    with pytest.raises(ValueError, match="half way"), transaction():
        db.session.add(_user(1))
        db.session.flush()
        raise ValueError("half way")
    with transaction():
        db.session.add(_user(2))
    assert db.session.scalars(select(User.id)).all() == [2]


def test_nested_blocks_join_the_outermost_and_callbacks_wait_for_its_commit(app: Flask) -> None:
    heard: list[str] = []
    with transaction():
        with transaction():
            db.session.add(_user(1))
            on_commit(lambda: heard.append("committed"))
        assert heard == []
    assert heard == ["committed"]


def test_callbacks_of_a_failed_block_never_run(app: Flask) -> None:
    heard: list[str] = []
    with pytest.raises(RuntimeError), transaction():
        on_commit(lambda: heard.append("committed"))
        raise RuntimeError
    assert heard == []


def test_a_failing_callback_does_not_silence_the_others(app: Flask) -> None:
    heard: list[str] = []

    def fail() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError), transaction():
        on_commit(fail)
        on_commit(lambda: heard.append("second"))
    assert heard == ["second"]


def test_an_outside_call_is_refused_inside_and_gives_the_connection_back_outside(app: Flask) -> None:
    with pytest.raises(TransactionError), transaction():
        leave_database("a call of Discord")
    with transaction():
        db.session.add(_user(1, "loaded"))
    user = db.session.get(User, 1)
    assert db.session().in_transaction()
    leave_database("a call of Discord")
    assert not db.session().in_transaction()
    assert user is not None and user.username == "loaded"
    assert not db.session().in_transaction(), "reading a loaded object must not take a connection again"


def test_changes_made_before_the_block_are_refused(app: Flask) -> None:
    db.session.add(_user(1))
    with pytest.raises(TransactionError), transaction():
        pass
    db.session.expunge_all()


def test_a_transaction_reads_again_what_was_read_before(app: Flask) -> None:
    with transaction():
        db.session.add(_user(1, "before"))
    user = db.session.get(User, 1)
    assert user is not None

    def rename() -> None:
        with app.app_context(), transaction():
            other = db.session.get(User, 1)
            assert other is not None
            other.username = "after"

    thread = threading.Thread(target=rename)
    thread.start()
    thread.join()
    with transaction():
        assert user.username == "after"


def test_concurrent_increments_lose_nothing(app: Flask) -> None:
    with transaction():
        db.session.add(_user(1))
        db.session.flush()
        db.session.add(Tenant(id=1, guild_id=1, slug="t", name="T", owner_id=1))
    with tenant_scope(1), transaction():
        db.session.add(Counter(name="case", value=0))

    def count() -> None:
        with app.app_context():
            for _ in range(25):
                _increment()

    @retriable
    def _increment() -> None:
        with tenant_scope(1), transaction():
            row = db.session.scalars(select(Counter).with_for_update()).one()
            row.value += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_scope(1):
        assert db.session.scalars(select(Counter.value)).one() == 100


def test_a_deadlock_repeats_the_whole_body_and_the_effect_happens_once(app: Flask) -> None:
    """F13."""
    failures = iter([1213, 1205])

    def fail_twice(*_: object) -> None:
        code = next(failures, None)
        if code is not None:
            raise OperationalError("INSERT", {}, Exception(code, "injected"))

    @retriable
    def write() -> None:
        with transaction():
            db.session.add(_user(5))
            db.session.flush()

    event.listen(db.engine, "before_cursor_execute", fail_twice)
    try:
        write()
    finally:
        event.remove(db.engine, "before_cursor_execute", fail_twice)
    assert db.session.scalars(select(User.id)).all() == [5]


def test_ids_of_our_own_rows_grow_with_time_and_fit_63_bits() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert max(ids) < 2**63
    assert [i >> 21 for i in ids] == sorted(i >> 21 for i in ids)


def test_sqlite_files_are_opened_in_wal_mode_with_foreign_keys(app: Flask, backend: str, tmp_path: Path) -> None:
    if backend != "sqlite":
        assert db.session.connection().get_isolation_level() == "READ COMMITTED"
        return
    connection = db.session.connection()
    assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
