"""`/servers/<g>/coverage`: what the archive is complete for; history on request."""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.access import Permission
from app.domain.coverage import service
from app.domain.coverage.service import RequestBackfill
from app.domain.errors import Conflict, DomainError, Invalid
from app.web.coverage import page
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to
from app.web.tenant_guard import actor, tenant

blueprint = GuardedBlueprint("coverage", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>")


@blueprint.get("/coverage")
@needs(Permission.SEARCH_MESSAGES)
def listing(guild_id: int) -> str:
    """A bar for each channel over the last `days`, what is being fetched, what cannot be read."""
    days = request.args.get("days", default=30, type=int)
    built = page.build(actor(), days if days in page.PERIODS else 30)
    return render_template("coverage/listing.html", page=built, tenant=tenant())


@blueprint.get("/coverage/arriving")
@needs(Permission.SET_UP)
def arriving(guild_id: int) -> str:
    """The newest week as it comes: a part of the set-up page."""
    return render_template("coverage/_arriving.html", arriving=page.arriving(actor()), tenant=tenant())


@blueprint.post("/coverage/backfills")
@needs(Permission.MANAGE_ARCHIVE)
def request_backfill(guild_id: int) -> Response:
    """Ask for history: `channel_id` (empty: all), `days` (`all`: everything)."""
    channel, days = request.form.get("channel_id", ""), request.form.get("days", "")
    wanted = RequestBackfill(
        channel_id=int(channel) if channel.isascii() and channel.isdigit() and len(channel) < 20 else None,
        days=None if days == "all" else int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
    )
    return _answered(guild_id, lambda: service.request_backfill(actor(), wanted), _("It is being fetched."))


@blueprint.post("/coverage/backfills/<snowflake:backfill_id>/cancellation")
@needs(Permission.MANAGE_ARCHIVE)
def cancel_backfill(guild_id: int, backfill_id: int) -> Response:
    """Stop fetching."""
    return _answered(
        guild_id, lambda: service.cancel_backfill(actor(), backfill_id), _("Stopped. What has come stays.")
    )


@blueprint.post("/coverage/backfills/<snowflake:backfill_id>/resumption")
@needs(Permission.MANAGE_ARCHIVE)
def resume_backfill(guild_id: int, backfill_id: int) -> Response:
    """Go on where it was stopped."""
    return _answered(guild_id, lambda: service.resume_backfill(actor(), backfill_id), _("It goes on."))


def _answered(guild_id: int, verb: object, said: str) -> Response:
    where = url_for(".listing", guild_id=guild_id)
    try:
        verb()  # type: ignore[operator]
    except (Conflict, Invalid) as error:
        return go_to(where, toast=_refusal(error), kind="refused")
    return go_to(where, toast=said)


def _refusal(error: DomainError) -> str:
    return error.message
