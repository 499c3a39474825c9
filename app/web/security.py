"""What every request and answer has: its id, its real address, a size limit, and the headers that keep browsers strict."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from flask_talisman import Talisman
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app.config import Settings
from app.web.csrf import check_origin
from app.web.guards import KIB, RULES, rules_here

STATIC_FOLDER = Path(__file__).parent / "static"
HASHED_NAME = re.compile(r"-[0-9A-Za-z]{8,}\.\w+(\.(br|gz))?$")
REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
LARGEST_BODY = max(rules.body_bytes for rules in RULES.values())
NO_POWERS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class BoundedJson(DefaultJSONProvider):
    """JSON nested deeper than Python can follow is malformed like any other, not a failure of ours."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def register_security(app: Flask, settings: Settings) -> None:
    """Put the walls up that need no database."""
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=256 * KIB, MAX_FORM_PARTS=1000)
    app.json = BoundedJson(app)
    app.before_request(_begin)
    app.after_request(_finish)
    _strict_headers(app, settings)
    _serve_assets(app, settings)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def register_walls(app: Flask) -> None:
    """The checks that come after the count of requests and before the person is let in."""
    app.before_request(_refuse_large_bodies)
    app.before_request(check_origin)


def content_security_policy(settings: Settings) -> dict[str, Any]:
    """Nothing from elsewhere but the live stream's socket; scripts with our address or this answer's nonce."""
    live = urlsplit(settings.live_url)
    socket = f"{'wss' if live.scheme == 'https' else 'ws'}://{live.netloc}"
    return {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "media-src": "'self'",
        "connect-src": f"'self' {socket}",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def _begin() -> None:
    asked = request.headers.get("X-Request-Id", "")
    g.request_id = asked if REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if "content_security_policy" in g:  # a file of somebody's, stricter than any page
        response.headers["Content-Security-Policy"] = g.content_security_policy
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _refuse_large_bodies() -> None:
    allowed = rules_here().body_bytes
    request.max_content_length = allowed
    if (request.content_length or 0) > allowed:
        raise RequestEntityTooLarge()


def _strict_headers(app: Flask, settings: Settings) -> None:
    Talisman(
        app,
        force_https=False,
        content_security_policy=content_security_policy(settings),
        content_security_policy_nonce_in=["script-src"],
        strict_transport_security=not settings.is_loopback,
        frame_options="DENY",
        referrer_policy="same-origin",
        permissions_policy={},
        session_cookie_secure=False,
    )

    @app.after_request
    def refuse_powers(response: Response) -> Response:
        response.headers["Permissions-Policy"] = NO_POWERS
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response


def _serve_assets(app: Flask, settings: Settings) -> None:
    def strict(headers: Any, _path: str, _url: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(STATIC_FOLDER),
        prefix="static/",
        autorefresh=settings.development,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: bool(HASHED_NAME.search(url)),
        add_headers_function=strict,
        max_age=0 if settings.development else 300,
    )
