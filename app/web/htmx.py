"""One view, two answers: a partial for htmx, a redirect or a page without JavaScript."""

from __future__ import annotations

import json

from flask import Response, get_template_attribute, make_response, redirect, render_template, request
from markupsafe import Markup

from app.web.toasts import keep_toast


def is_htmx() -> bool:
    """True where the page's script asks, and a partial is wanted."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def go_to(url: str, *, toast: str | None = None, kind: str = "good") -> Response:
    """Leave for another page after an act: 303, or the same for htmx. `toast` is shown there once."""
    if is_htmx():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = url
    else:
        response = make_response(redirect(url, 303))
    if toast is not None:
        keep_toast(response, toast, kind)
    return response


def toast_partial(
    text: str, kind: str = "good", *, reference: str | None = None, undo_url: str | None = None
) -> Markup:
    """A toast to put beside a partial, brought into the corner by htmx."""
    shown = get_template_attribute("parts/toast.html", "toast")(text, kind, undo_url, reference)
    return Markup('<hx-partial hx-target="#toasts" hx-swap="beforeend">{}</hx-partial>').format(shown)


def partial(
    template: str, *, status: int = 200, toast: str | None = None, kind: str = "good", **context: object
) -> Response:
    """The answer to htmx: a partial template, with a toast where one is given."""
    body = Markup(render_template(template, **context))
    if toast is not None:
        body += toast_partial(toast, kind)
    return make_response(str(body), status)


def close_dialog(response: Response) -> Response:
    """Have the open dialog closed once this answer is in its place."""
    response.headers["HX-Trigger"] = json.dumps({"close-dialog": True})
    return response
