"""`/servers/<g>/searches`: saved searches, which of them are at hand, and what is told when they find something new."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.access import Permission
from app.domain.errors import Conflict, Invalid
from app.domain.members.queries import names_of
from app.domain.messages.reader import reader_for
from app.domain.searches import queries, service
from app.domain.searches.service import SaveSearch
from app.domain.webhooks.models import WebhookPurpose
from app.domain.webhooks.queries import webhook_for
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to
from app.web.messages.reader_zone import reader_zone
from app.web.searches import words
from app.web.tenant_guard import actor, tenant

blueprint = GuardedBlueprint(
    "searches", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>/searches"
)


@blueprint.get("")
@needs(Permission.SAVE_SEARCHES)
def listing(guild_id: int) -> str:
    """One's own searches and the shared ones; `q` fills the form for a new one."""
    return _page({}, {"q": request.args.get("q", "")[:1000]})


@blueprint.post("")
@needs(Permission.SAVE_SEARCHES)
def save(guild_id: int) -> Response:
    """Keep a search, and have it at hand."""
    try:
        row = service.save_search(actor(), _typed())
        if request.form.get("pin"):
            service.pin_search(actor(), row.id)
    except (Invalid, Conflict) as error:
        return _refused(error)
    return _back(_("Saved."))


@blueprint.post("/<snowflake:search_id>")
@needs(Permission.SAVE_SEARCHES)
def change(guild_id: int, search_id: int) -> Response:
    """Another name, another query, shared or not."""
    try:
        service.change_search(actor(), search_id, _typed())
    except Invalid as error:
        return _refused(error)
    return _back(_("Saved."))


@blueprint.post("/<snowflake:search_id>/deletion")
@needs(Permission.SAVE_SEARCHES)
def delete(guild_id: int, search_id: int) -> Response:
    """Forget it, with its alerts."""
    service.delete_search(actor(), search_id)
    return _back(_("Deleted."))


@blueprint.post("/<snowflake:search_id>/pins")
@needs(Permission.SAVE_SEARCHES)
def pin(guild_id: int, search_id: int) -> Response:
    """Have it at hand: at the place `position`, at the end, or no more."""
    if request.form.get("unpin"):
        service.unpin_search(actor(), search_id)
        return _back(_("Taken from beside the search box."))
    try:
        service.pin_search(actor(), search_id, position=request.form.get("position", type=int))
    except Conflict as error:
        return _refused(error)
    return _back(_("It stands beside the search box."))


@blueprint.post("/<snowflake:search_id>/alerts")
@needs(Permission.SAVE_SEARCHES)
def alert(guild_id: int, search_id: int) -> Response:
    """Be told when it finds something new, or no more."""
    if request.form.get("remove"):
        service.remove_alert(actor(), search_id)
        return _back(_("You are told no more."))
    try:
        service.set_alert(actor(), search_id, posts=bool(request.form.get("posts")))
    except (Invalid, Conflict) as error:
        return _refused(error)
    return _back(_("You are told when it finds something new."))


def _typed() -> SaveSearch:
    form = request.form
    zone = getattr(reader_zone(), "key", "UTC")
    return SaveSearch(form.get("name", ""), form.get("q", ""), bool(form.get("is_shared")), zone)


def _back(toast: str) -> Response:
    return go_to(url_for(".listing", guild_id=tenant().guild_id), toast=toast)


def _refused(error: Invalid | Conflict) -> Response:
    return make_response(_page(error.fields or {"": error.message}, request.form), error.status)


def _page(errors: dict[str, str], typed: object) -> str:
    person = actor()
    reader = reader_for(person)
    shown = queries.searches_shown_to(person, reader)
    channel = webhook_for(WebhookPurpose.ALERTS)
    return render_template(
        "searches/listing.html",
        tenant=tenant(),
        shown=shown,
        pinned=sum(one.position is not None for one in shown),
        owners=names_of({one.row.owner_id for one in shown}),
        me=person.user_id,
        may_share=person.may(Permission.SHARE_SEARCHES),
        may_post=person.may(Permission.POST_ALERTS) and channel is not None and reader.sees(channel.channel_id),
        may_delete_any=person.may(Permission.EXPORT_WHOLE_SEARCHES),
        errors=errors,
        typed=typed,
        words=words,
    )
