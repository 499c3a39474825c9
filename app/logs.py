"""How this process logs: one event a line, with its fields, as text for people or JSON for machines (`LOG_FORMAT`)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from flask import g, has_request_context

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
NOISY = (
    "hikari",
    "lightbulb",
    "celery.worker.strategy",
    "celery.app.trace",
    "kombu",
    "werkzeug",
    "waitress",
    "alembic",
)


def start_logging(log_format: str) -> None:
    """Write every logger's events to standard error, once; a second call changes nothing."""
    root = logging.getLogger()
    if any(isinstance(handler.formatter, EventFormatter) for handler in root.handlers):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(EventFormatter(as_json=log_format == "json"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class EventFormatter(logging.Formatter):
    """`time level logger event key=value …`, or the same as one JSON object. Line breaks in values are escaped."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: value for name, value in record.__dict__.items() if name not in STANDARD}
        if has_request_context() and "request_id" in g:
            fields.setdefault("request_id", g.request_id)
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        trace = self.formatException(record.exc_info) if record.exc_info else None
        if self._as_json:
            return json.dumps(
                {**event, **fields} | ({"trace": trace} if trace else {}), default=str, ensure_ascii=False
            )
        line = " ".join([event["time"], event["level"], event["logger"], _one_line(event["event"])])
        line += "".join(f" {name}={_one_line(str(value))}" for name, value in fields.items())
        return f"{line}\n{trace}" if trace else line


def _one_line(text: str) -> str:
    """What somebody else typed must not look like a line of ours (T36)."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
