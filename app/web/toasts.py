"""A sentence carried over one redirect and shown as a toast on the page that follows."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, g, request

from app.domain.clock import utcnow
from app.web import signed_cookies

COOKIE = "__Host-toast"
LIFETIME = timedelta(minutes=1)
KINDS = frozenset({"good", "refused", "failed", ""})


def keep_toast(response: Response, text: str, kind: str = "good") -> None:
    """Show `text` on the next page that this browser opens."""
    signed_cookies.write(response, COOKIE, {"text": text[:500], "kind": kind}, expires_at=utcnow() + LIFETIME)


def kept_toasts() -> list[dict[str, str]]:
    """What the page before this one had to say; reading it uses it up."""
    kept = signed_cookies.read(COOKIE)
    if kept is None or kept.get("kind") not in KINDS:
        return []
    g.toast_shown = True
    return [{"text": str(kept.get("text", "")), "kind": str(kept["kind"])}]


def register_toasts(app: Flask) -> None:
    """Give layouts `kept_toasts()`, and forget what was shown."""
    app.jinja_env.globals["kept_toasts"] = kept_toasts

    @app.after_request
    def forget_shown_toast(response: Response) -> Response:
        if g.get("toast_shown") and COOKIE in request.cookies:
            signed_cookies.clear(response, COOKIE)
        return response
