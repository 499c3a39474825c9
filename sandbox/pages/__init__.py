"""The sandbox's own pages: plain HTML that works without JavaScript, under a strict policy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

HERE = Path(__file__).parent

_environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def register(app: web.Application) -> None:
    """Serves the pages' style and script below `/sandbox/static/`."""
    app.router.add_static("/sandbox/static/", HERE / "static")


def render(
    request: web.Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    form_action: str | None = None,
) -> web.Response:
    """A page. `form_action` is one more origin that a form's answer may redirect to."""
    body = _environment.get_template(template).render(context)
    targets = f"'self' {form_action}" if form_action else "'self'"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=body, status=status, content_type="text/html", charset="utf-8", headers=headers)
