"""One event a line, whatever somebody typed."""

from __future__ import annotations

import json
import logging

from flask import Flask, g

from app.logs import EventFormatter


def _record(message: str, **fields: object) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "app.x", "levelname": "INFO", "msg": message, "created": 0.5, **fields})


def test_text_shows_the_event_with_its_fields() -> None:
    line = EventFormatter(as_json=False).format(_record("delivery.failed", tenant=4, code="x"))
    assert line == "1970-01-01T00:00:00.500+00:00 info app.x delivery.failed tenant=4 code=x"


def test_a_line_break_or_escape_in_a_value_stays_on_the_line(app: Flask) -> None:
    """T36."""
    for as_json in (False, True):
        line = EventFormatter(as_json=as_json).format(_record("x", who="a\n1970 critical \x1b[31mforged"))
        assert "\n" not in line and "\x1b" not in line


def test_json_is_one_object_and_carries_the_requests_id(app: Flask) -> None:
    with app.test_request_context("/"):
        g.request_id = "abc"
        event = json.loads(EventFormatter(as_json=True).format(_record("x", tenant=4)))
    assert event == {
        "time": "1970-01-01T00:00:00.500+00:00", "level": "info", "logger": "app.x", "event": "x", "tenant": 4, "request_id": "abc",
    }  # fmt: skip
