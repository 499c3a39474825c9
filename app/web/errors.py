"""Every failure as a page, a toast or JSON, with the request's id by which the log knows it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from app.domain.errors import DomainError, Unavailable
from app.web.guards import SAFE_METHODS, rules_here
from app.web.htmx import is_htmx, toast_partial

log = logging.getLogger(__name__)


class SignInFirst(Exception):
    """Nobody is signed in: a page leads to the sign-in and back, everything else answers 401."""


@dataclass(frozen=True)
class Failure:
    """What is told of an error."""

    status: int
    code: str
    message: str
    fields: dict[str, str] = field(default_factory=dict)
    is_told: bool = True
    """False where the page's own words for the status say it better."""
    retry_after: float | None = None


def register_errors(app: Flask) -> None:
    """One handler for each family of errors."""
    app.register_error_handler(SignInFirst, _sign_in_first)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(HTTPException, _http_error)
    for error in (OperationalError, InterfaceError, NoConnection):
        app.register_error_handler(error, _database_error)
    app.register_error_handler(Exception, _unexpected)


def reference() -> str:
    """The id under which the log knows this request."""
    return str(g.get("request_id", ""))


def _sign_in_first(_error: SignInFirst) -> Response:
    if is_htmx() or wants_json():
        return answer(Failure(401, "sign_in_first", _("Sign in to go on.")))
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else ""
    return make_response(redirect(url_for("accounts.login") + (f"?{urlencode({'next': back})}" if back else ""), 302))


def _domain_error(error: DomainError) -> Response:
    note(error.status, error.code)
    retry_after = error.retry_after if isinstance(error, Unavailable) else None
    # Missing, foreign and hidden must be told in the same words, whoever raised it.
    is_told = error.status != 404
    message = error.message if is_told else _message_of(404)
    return answer(Failure(error.status, error.code, message, error.fields, is_told, retry_after))


def _too_many(error: RateLimitExceeded) -> Response:
    note(429, "too_many_requests")
    wait = error.limit.limit.get_expiry() if error.limit else 60
    return answer(
        Failure(
            429, "too_many_requests", _("Too many requests in a short time. Wait a minute."), retry_after=min(wait, 60)
        )
    )


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    note(error.code, error.name)
    response = answer(
        Failure(
            error.code,
            "not_found" if error.code == 404 else error.name.lower().replace(" ", "_"),
            _message_of(error.code),
            is_told=False,
        )
    )
    if error.code == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _database_error(error: SQLAlchemyError) -> Response:
    log.error("request.database_away", exc_info=error, extra=_context())
    return answer(Failure(503, "database_unavailable", _message_of(503), is_told=False, retry_after=5))


def _unexpected(error: Exception) -> Response:
    log.error("request.failed", exc_info=error, extra=_context())
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return answer(Failure(500, "internal", _message_of(500), is_told=False))


def wants_json() -> bool:
    """True on JSON routes, and for a caller that asks for JSON alone."""
    accepted = request.accept_mimetypes
    return rules_here().answers_json or (accepted.accept_json and not accepted.accept_html)


def answer(failure: Failure) -> Response:
    """Tell it in the form that the caller reads."""
    if wants_json():
        body: dict[str, object] = {"code": failure.code, "message": failure.message, "reference": reference()}
        if failure.fields:
            body["fields"] = failure.fields
        response = make_response(jsonify(body), failure.status)
    elif is_htmx():
        kind = "failed" if failure.status >= 500 else "refused"
        shown = toast_partial(failure.message, kind, reference=reference() if failure.status >= 500 else None)
        # 409 and 422 would be swapped into the page; a toast alone leaves what was typed where it is.
        response = make_response(str(shown), failure.status)
        response.headers["HX-Reswap"] = "none"
    else:
        response = make_response(_page(failure), failure.status)
    if failure.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(failure.retry_after)))
    return response


def note(status: int, code: str) -> None:
    """Write the refusal's code, which no page shows, into the log beside the request's id."""
    level = logging.WARNING if status >= 500 else logging.INFO
    log.log(level, "request.refused status=%s code=%s", status, code, extra=_context())


def _page(failure: Failure) -> str:
    message = failure.message if failure.is_told else None
    next_url = next_label = None
    guild_id = (request.view_args or {}).get("guild_id")
    if failure.status == 403 and guild_id is not None:
        # Only staff are told 403 of a community: what they may open is next door.
        next_url, next_label = url_for("tenants.overview", guild_id=guild_id), _("To the overview")
    return render_template(
        "errors/page.html",
        status=failure.status,
        message=message,
        reference=reference(),
        next_url=next_url,
        next_label=next_label,
    )


def _message_of(status: int) -> str:
    words: dict[int, str] = {
        401: _("Sign in to go on."),
        403: _("You may not do that here."),
        404: _("There is nothing at this address, or it is not yours to see."),
        405: _("This address does not take that kind of request."),
        413: _("That is too large."),
        415: _("This address does not take that kind of content."),
        429: _("Too many requests in a short time. Wait a minute."),
        503: _("Not available for a moment. Try again shortly."),
    }
    otherwise: str = _("Something broke on our side.") if status >= 500 else _("That request was not understood.")
    return words.get(status, otherwise)


def _context() -> dict[str, object]:
    tenant = g.get("tenant")
    return {
        "request_id": reference(),
        "endpoint": request.endpoint,
        "tenant": tenant.id if tenant is not None else None,
    }
