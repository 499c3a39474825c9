"""A read that takes too long is stopped by the server, and the connection serves on."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import text

from app.db.deadline import DeadlineExceeded, deadline
from app.extensions import db

ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
    "mysql": "SELECT SUM(SLEEP(60)) FROM information_schema.tables",  # alone, MySQL ends SLEEP without an error
}


def test_an_endless_read_is_stopped_and_the_next_one_answered(app: Flask, backend: str) -> None:
    connection = db.session.connection()
    started = time.monotonic()

    with pytest.raises(DeadlineExceeded), deadline(0.05) as limit:
        connection.exec_driver_sql(limit.applied_to(ENDLESS["sqlite" if backend == "sqlite" else "mysql"]))
    db.session.rollback()

    assert time.monotonic() - started < 30
    assert db.session.execute(text("SELECT 1")).scalar_one() == 1


def test_an_error_that_is_no_deadline_stays_what_it_is(app: Flask) -> None:
    with pytest.raises(Exception, match="nonexistent"), deadline(5) as limit:
        db.session.connection().exec_driver_sql(limit.applied_to("SELECT * FROM nonexistent"))
    db.session.rollback()
