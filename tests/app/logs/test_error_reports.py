"""What leaves this machine when something breaks: where it broke, and nothing that people wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from flask import Flask, request
from sentry_sdk.transport import Transport

from app.error_reports import start_error_reports
from tests.app.browsing import Town
from tests.environment import settings
from tests.servers.sandbox import ALICE

SENT: list[str] = []
REFERENCE = "a-reference-to-find"


class Recorder(Transport):
    """Keeps what would be sent."""

    def capture_envelope(self, envelope: Any) -> None:
        SENT.extend(json.dumps(item.payload.json) for item in envelope.items if item.payload.json is not None)


@pytest.fixture
def reporting(app: Flask, folder: Path) -> Iterator[None]:
    SENT.clear()
    dsn = "https://key@sentry.example.org/1"
    start_error_reports(settings("sqlite://", folder, SENTRY_DSN=dsn), transport=Recorder)
    yield
    sentry_sdk.init(trace_propagation_targets=[])


def breaking(view: Callable[..., Any]) -> Callable[..., Any]:
    def broken(**_arguments: Any) -> str:
        typed = request.form.get("reason", "")
        assert typed or request.args
        raise RuntimeError("what a programmer wrote")

    broken.__access__ = view.__access__  # type: ignore[attr-defined]
    return broken


def test_a_report_says_where_it_broke_and_nothing_that_anybody_typed(
    app: Flask, reporting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    for endpoint in ("home.page", "invitations.accept"):
        monkeypatch.setitem(app.view_functions, endpoint, breaking(app.view_functions[endpoint]))
    browser = Town.of(app).signed_in(ALICE)

    browser.get("/?q=secret-search", headers={"X-Request-Id": REFERENCE, "User-Agent": "secret-machine"})
    browser.post("/invitations/secret-invitation/acceptance", data={"reason": "secret-reason"})

    told = "\n".join(SENT)
    assert "what a programmer wrote" in told and "home.page" in told and REFERENCE in told
    assert "invitations.accept" in told
    assert "secret-" not in told


def test_a_trail_of_what_came_before_holds_no_statement_and_no_address(reporting: None) -> None:
    sentry_sdk.add_breadcrumb(category="query", message="INSERT secret-text")
    sentry_sdk.add_breadcrumb(category="httplib", data={"url": "https://discord.com/api/webhooks/1/secret-token"})
    sentry_sdk.add_breadcrumb(category="app.web.errors", message="request.refused")

    sentry_sdk.capture_message("something")

    assert "request.refused" in SENT[-1]
    assert "secret-" not in "\n".join(SENT)


def test_without_an_address_nothing_is_reported(folder: Path) -> None:
    sentry_sdk.init(trace_propagation_targets=[])
    start_error_reports(settings("sqlite://", folder), transport=Recorder)
    SENT.clear()

    sentry_sdk.capture_message("something")

    assert SENT == []
