"""`/servers/<g>/exports`: what a search finds, as a file."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.access import Permission
from app.domain.clock import utcnow
from app.domain.errors import Conflict, Invalid
from app.domain.exports import queries, service
from app.domain.exports.signing import sign_export
from app.domain.members.queries import names_of
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to
from app.web.messages.reader_zone import reader_zone
from app.web.tenant_guard import actor, tenant

blueprint = GuardedBlueprint(
    "exports", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>/exports"
)


@blueprint.get("")
@needs(Permission.EXPORT_SEARCHES)
def listing(guild_id: int) -> str:
    """The newest exports with how far they are."""
    return _page({})


@blueprint.post("")
@needs(Permission.EXPORT_SEARCHES)
def order(guild_id: int) -> Response:
    """Have a search's hits written to a file."""
    try:
        service.export_search(actor(), request.form.get("q", "")[:1000], getattr(reader_zone(), "key", "UTC"))
    except (Invalid, Conflict) as error:
        return make_response(_page(error.fields or {"q": error.message}), error.status)
    return go_to(url_for(".listing", guild_id=guild_id), toast=_("The file is being made. It waits here for a week."))


@blueprint.post("/<snowflake:export_id>/cancelling")
@needs(Permission.EXPORT_SEARCHES)
def cancel(guild_id: int, export_id: int) -> Response:
    """Stop it, or take its file away."""
    service.cancel_export(actor(), export_id)
    return go_to(url_for(".listing", guild_id=guild_id), toast=_("Cancelled."))


@blueprint.get("/<snowflake:export_id>/file")
@needs(Permission.EXPORT_SEARCHES)
def download(guild_id: int, export_id: int) -> Response:
    """The file, for whoever asked for it."""
    row, pieces = queries.open_export(actor(), export_id, request.args.get("for", ""))
    response = Response(pieces, mimetype="application/gzip")
    response.content_length = row.size
    response.headers["Content-Disposition"] = f'attachment; filename="messages-{row.id}.csv.gz"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _page(errors: dict[str, str]) -> str:
    person = actor()
    shown = queries.newest_exports(person)
    return render_template(
        "exports/listing.html",
        tenant=tenant(),
        shown=shown,
        people=names_of({one.asked_by for one in shown if one.asked_by}),
        me=person.user_id,
        sign=lambda row: sign_export(row, person.user_id),
        now=utcnow(),
        errors=errors,
    )
