"""`/servers/<g>/privacy-requests`: who asks to be erased, what was erased, and what must not be."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.access import Permission
from app.domain.clock import utcnow
from app.domain.errors import Invalid
from app.domain.holds import queries as holds
from app.domain.holds import service as holding
from app.domain.holds.service import SetHold
from app.domain.members.queries import names_of
from app.domain.privacy import queries, service
from app.domain.privacy.service import AnswerRequest
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to
from app.web.privacy import words
from app.web.privacy.forms import number
from app.web.privacy.receipts import receipt_file
from app.web.tenant_guard import actor, tenant

requests = GuardedBlueprint(
    "privacy_requests", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>/privacy-requests"
)


@requests.get("")
@needs(Permission.ANSWER_PRIVACY_REQUESTS)
def listing(guild_id: int) -> str:
    """What waits for an answer, the most urgent first; then erasures and holds."""
    return _page({})


@requests.post("/<snowflake:request_id>/answers")
@needs(Permission.ANSWER_PRIVACY_REQUESTS)
def answer(guild_id: int, request_id: int) -> Response:
    """Grant it or decline it."""
    grants = request.form.get("answer") == "grant"
    try:
        service.answer_request(actor(), AnswerRequest(request_id, grants, request.form.get("words", "")))
    except Invalid as error:
        return make_response(_page({f"words-{request_id}": error.message}), 422)
    said = _("Granted. What is kept about them is being erased.") if grants else _("Declined. They read your reason.")
    return _back(said)


@requests.get("/erasures/new")
@needs(Permission.MANAGE_PRIVACY)
def ask_erasure(guild_id: int) -> str:
    """What would be erased of one person, and what would be withheld."""
    return _question(number(request.args.get("user_id", "")))


@requests.post("/erasures")
@needs(Permission.MANAGE_PRIVACY)
def erase(guild_id: int) -> Response:
    """Erase one person, without being asked by them."""
    user_id = number(request.form.get("user_id", ""))
    if not user_id:
        return make_response(_question(0), 422)
    service.order_erasure(actor(), user_id)
    return _back(_("What is kept about them is being erased."))


@requests.get("/erasures/<snowflake:erasure_id>/receipt")
@needs(Permission.ANSWER_PRIVACY_REQUESTS)
def receipt(guild_id: int, erasure_id: int) -> Response:
    """The signed receipt, as a file."""
    return receipt_file(queries.erasure(erasure_id))


@requests.post("/holds")
@needs(Permission.MANAGE_PRIVACY)
def hold(guild_id: int) -> Response:
    """Keep something from being deleted."""
    form = request.form
    try:
        wanted = SetHold(form.get("kind", ""), number(form.get("object_id", "")) or None, form.get("reason", ""))
        holding.set_hold(actor(), wanted)
    except Invalid as error:
        return make_response(_page(error.fields, form), 422)
    return _back(_("Held. Neither retention nor an erasure deletes it."))


@requests.post("/holds/<snowflake:hold_id>/lifting")
@needs(Permission.MANAGE_PRIVACY)
def lift(guild_id: int, hold_id: int) -> Response:
    """Let it be deleted again."""
    holding.lift_hold(actor(), hold_id)
    return _back(_("Lifted. What waited for it goes on by itself."))


def _back(toast: str) -> Response:
    return go_to(url_for(".listing", guild_id=tenant().guild_id), toast=toast)


def _question(user_id: int) -> str:
    return render_template(
        "privacy/erasure.html",
        tenant=tenant(),
        user_id=user_id or "",
        name=names_of([user_id]).get(user_id) if user_id else None,
        counts=queries.counts_of(user_id) if user_id else None,
        exceptions=queries.exceptions_for(user_id) if user_id else None,
        is_owner=user_id == tenant().owner_id,
        most=queries.COUNTED_AT_MOST,
        words=words,
    )


def _page(errors: dict[str, str], typed: dict[str, str] | None = None) -> str:
    asked = queries.requests_of_community()
    held = holds.all_holds()
    waiting = {one.id: queries.exceptions_for(one.user_id) for one in asked if one.user_id and one.status == "waiting"}
    return render_template(
        "privacy/requests.html",
        tenant=tenant(),
        asked=asked,
        waiting=waiting,
        erasures=queries.newest_erasures(),
        held=held,
        people=names_of({one.set_by for one in held if one.set_by} | {one.object_id for one in held}),
        may_manage=actor().may(Permission.MANAGE_PRIVACY),
        now=utcnow(),
        errors=errors,
        typed=typed or {},
        words=words,
    )
