"""The test client as a browser in the world outside: its requests share nothing with the test but what is stored."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

from flask import has_app_context
from flask.globals import _cv_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import scope
from app.extensions import db


class Browser(FlaskClient):
    """Each request has its own application context, database session and tenant scope, as in production.

    Flask would otherwise take the test's own, and with it whoever was signed in before.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context() and db.session.registry.has():
            db.session.rollback()

        def outside() -> TestResponse:
            _cv_app.set(None)  # type: ignore[arg-type]
            scope._scope.set(None)
            return FlaskClient.open(self, *args, **kwargs)

        return copy_context().run(outside)
