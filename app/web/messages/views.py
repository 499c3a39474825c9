"""`/servers/<g>/messages`: the newest messages, search, and one message in its context."""

from __future__ import annotations

from flask import Response, abort, make_response, render_template, request

from app.domain.access import Permission
from app.domain.messages.grammar import GrammarError
from app.domain.messages.reader import reader_for
from app.domain.messages.suggestions import suggest
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to, is_htmx
from app.web.messages import context_page, direct, search_page, search_tools
from app.web.messages.channels import blueprint as channels
from app.web.messages.images import blueprint as images
from app.web.tenant_guard import actor, tenant

__all__ = ["blueprint", "channels", "images"]

blueprint = GuardedBlueprint("messages", __name__, guard=RouteClass.PAGE, url_prefix="/servers")

LONGEST_TYPED = 2_000


@blueprint.get("/<snowflake:guild_id>/messages")
@needs(Permission.SEARCH_MESSAGES)
def search(guild_id: int) -> Response:
    """The newest messages, or those that `q` finds, older than `before`; `open` names one shown beside the list.

    What names one thing, as a pasted link does, leads straight there.
    """
    person = actor()
    reader = reader_for(person)
    typed = request.args.get("q", "")[:LONGEST_TYPED]
    straight = direct.destination(person, reader, typed) if not is_htmx() else None
    if straight is not None:
        return go_to(straight)
    shown_beside = None if is_htmx() else _place("open")
    opened = context_page.build_if_shown(person, reader, shown_beside) if shown_beside else None
    try:
        with_counts = "counts" in request.args
        page = search_page.build(person, reader, typed.strip(), _place("before"), with_counts=with_counts)
    except GrammarError as error:
        page = search_page.with_error(person, typed, error)
    template = "messages/_list.html" if is_htmx() else "messages/search.html"
    tools = None if is_htmx() else search_tools.search_tools(person, reader, typed.strip())
    return make_response(
        render_template(template, page=page, opened=opened, tenant=tenant(), tools=tools), 422 if page.error else 200
    )


@blueprint.get("/<snowflake:guild_id>/messages/queries")
@needs(Permission.SEARCH_MESSAGES)
def write_query(guild_id: int) -> Response:
    """The filter bar, filled in: leads to the search that it means."""
    return go_to(search_tools.written(request.args, guild_id))


@blueprint.get("/<snowflake:guild_id>/messages/counts")
@needs(Permission.SEARCH_MESSAGES)
def counts(guild_id: int) -> str:
    """Who wrote what `q` finds, and where: a part of the page."""
    typed = request.args.get("q", "")[:LONGEST_TYPED].strip()
    try:
        found = search_page.counts(actor(), reader_for(actor()), typed)
    except GrammarError:
        return ""
    return render_template("messages/_counts.html", counts=found)


@blueprint.get("/<snowflake:guild_id>/messages/suggestions")
@needs(Permission.SEARCH_MESSAGES)
def suggestions(guild_id: int) -> str:
    """What may be typed next where the cursor stands in `q`: options of the search box."""
    typed = request.args.get("q", "")[:LONGEST_TYPED]
    cursor = request.args.get("cursor", default=len(typed), type=int)
    offered = search_page.offers(suggest(reader_for(actor()), typed, cursor), typed)
    return render_template("messages/_suggestions.html", offers=offered)


@blueprint.get("/<snowflake:guild_id>/messages/<snowflake:message_id>")
@needs(Permission.SEARCH_MESSAGES)
def context(guild_id: int, message_id: int) -> str:
    """A message among its neighbours, with its versions; `before` and `after` read on in its channel."""
    person = actor()
    reader = reader_for(person)
    before, after = _place("before"), _place("after")
    if is_htmx() and (before or after):
        more = context_page.more(person, reader, message_id, before=before, after=after)
        return render_template("messages/_more.html", more=more)
    page = context_page.build(person, reader, message_id, before=before, after=after)
    return render_template(
        "messages/_context.html" if is_htmx() else "messages/context.html", page=page, beside=is_htmx()
    )


def _place(name: str) -> int | None:
    """The id in a query parameter. Aborts with 404 where it is none: no page of ours leads there."""
    word = request.args.get(name)
    if not word:
        return None
    if not (word.isascii() and word.isdecimal() and len(word) <= 19 and 0 < int(word) < 1 << 63):
        abort(404)
    return int(word)
