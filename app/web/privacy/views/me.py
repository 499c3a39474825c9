"""`/me`: what communities keep about whoever is signed in; a copy of it; asking for it to be erased."""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.privacy import queries, service
from app.domain.privacy.service import AskErasure
from app.web.guards import GuardedBlueprint, RouteClass, needs_sign_in
from app.web.htmx import go_to
from app.web.privacy import words
from app.web.privacy.receipts import receipt_file
from app.web.tenant_guard import signed_in

me = GuardedBlueprint("me", __name__, guard=RouteClass.PAGE, url_prefix="/me")


@me.get("")
@needs_sign_in
def page() -> str:
    """Each community that keeps anything about me, with how much and for how long."""
    return render_template(
        "privacy/me.html", kept=queries.kept_about(signed_in().user_id), words=words, most=queries.COUNTED_AT_MOST
    )


@me.post("/<snowflake:guild_id>/copies")
@needs_sign_in
def ask_copy(guild_id: int) -> Response:
    """Have a copy made."""
    service.ask_for_copy(signed_in().user_id, guild_id)
    return _back(_("Your copy is being made. It appears here, for seven days."))


@me.get("/<snowflake:guild_id>/copies/<snowflake:export_id>")
@needs_sign_in
def copy(guild_id: int, export_id: int) -> Response:
    """The copy itself."""
    pieces = service.open_copy(signed_in().user_id, guild_id, export_id)
    response = Response(pieces, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="kept-about-me-{guild_id}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


@me.get("/<snowflake:guild_id>/erasure")
@needs_sign_in
def ask(guild_id: int) -> str:
    """What asking means, before it is asked."""
    user_id = signed_in().user_id
    tenant = queries.community_keeping(user_id, guild_id)
    return render_template(
        "privacy/ask.html", one=queries.kept_in(tenant, user_id), words=words, most=queries.COUNTED_AT_MOST
    )


@me.post("/<snowflake:guild_id>/erasure-requests")
@needs_sign_in
def ask_erasure(guild_id: int) -> Response:
    """Ask."""
    service.ask_erasure(signed_in().user_id, AskErasure(guild_id, request.form.get("words", "")))
    return _back(_("They have been asked. They are to answer within thirty days; the answer appears here."))


@me.post("/<snowflake:guild_id>/erasure-requests/withdrawal")
@needs_sign_in
def withdraw(guild_id: int) -> Response:
    """Take it back."""
    service.withdraw_request(signed_in().user_id, guild_id)
    return _back(_("Taken back."))


@me.get("/<snowflake:guild_id>/erasures/<snowflake:erasure_id>/receipt")
@needs_sign_in
def receipt(guild_id: int, erasure_id: int) -> Response:
    """My receipt, as a file."""
    return receipt_file(queries.erasure_for(signed_in().user_id, guild_id, erasure_id))


def _back(toast: str) -> Response:
    return go_to(url_for(".page"), toast=toast)
