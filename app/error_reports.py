"""Error reports to Sentry, where `SENTRY_DSN` is set: where it broke and the reference id, nothing that people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk
from flask import g, has_request_context

from app.config import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Breadcrumb, BreadcrumbHint, Event, Hint

TOLD_OF_A_REQUEST = ("method",)
"""Addresses carry searches, invitations and signatures: the name of the route, which Sentry has as well, says where it was."""
TELLING_BREADCRUMBS = frozenset({"query", "http", "httplib", "redis", "console"})
"""Statements hold what was written, addresses hold Discord's webhook tokens."""


def start_error_reports(settings: Settings, **options: Any) -> None:
    """Report what this process cannot handle. `options` go to Sentry's client; tests give it a transport."""
    if not settings.sentry_dsn:
        return
    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        environment="development" if settings.development else "production",
        server_name=settings.process,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        send_default_pii=False,
        traces_sample_rate=0.0,
        trace_propagation_targets=[],  # nobody outside learns of our requests
        before_send=_scrubbed,
        before_breadcrumb=_scrubbed_breadcrumb,
        **options,
    )


def _scrubbed(event: Event, _hint: Hint) -> Event | None:
    request = event.get("request")
    if request is not None:
        event["request"] = {name: request[name] for name in TOLD_OF_A_REQUEST if name in request}
    event.pop("user", None)
    if has_request_context() and "request_id" in g:
        event.setdefault("tags", {})["request_id"] = g.request_id
    return event


def _scrubbed_breadcrumb(crumb: Breadcrumb, _hint: BreadcrumbHint) -> Breadcrumb | None:
    return None if crumb.get("category") in TELLING_BREADCRUMBS else crumb
