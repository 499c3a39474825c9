"""The origin check: a request that changes something and carries a cookie must come from our own pages."""

from __future__ import annotations

from flask import current_app, request
from flask_babel import gettext as _

from app.config import Settings
from app.domain.errors import Forbidden
from app.web.guards import SAFE_METHODS, rules_here

SAME_ORIGIN = "same-origin"
TYPED_IN = "none"
"""The person typed the address or used a bookmark. A browser never says it of a page's own form."""


def check_origin() -> None:
    """Raise `Forbidden` with the code `foreign_origin` where the browser says that another site sent this.

    `Sec-Fetch-Site: same-origin`, or a matching `Origin` where that header is missing. Another port or sub-domain
    ("same-site") is foreign too. Reads are checked on JSON routes alone: a link from elsewhere may open a page.
    """
    rules = rules_here()
    if not rules.checks_origin:
        return
    is_read = request.method in SAFE_METHODS
    if is_read and not rules.reads_origin_too:
        return
    if not (_may_read() if is_read else _may_write()):
        raise Forbidden(_("This request came from another site and was not carried out."), code="foreign_origin")


def _may_write() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == SAME_ORIGIN
    return request.headers.get("Origin") == _own_origin()


def _may_read() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in (SAME_ORIGIN, TYPED_IN)
    return request.headers.get("Origin") in (None, _own_origin())


def _own_origin() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.origin
