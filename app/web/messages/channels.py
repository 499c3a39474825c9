"""`/servers/<g>/channels/<id>`: a channel at its newest, on a day, and as it was at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Response, abort, render_template, request, url_for

from app.domain.access import Permission
from app.domain.clock import first_snowflake, utcnow
from app.domain.messages.dates import read_span
from app.domain.messages.queries import channel_shown_to, messages_after, messages_before
from app.domain.messages.reader import Reader, reader_for
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to, is_htmx
from app.web.messages import past_page
from app.web.messages.reader_zone import reader_zone
from app.web.tenant_guard import actor, tenant

blueprint = GuardedBlueprint(
    "channels", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>/channels"
)


@blueprint.get("/<snowflake:channel_id>")
@needs(Permission.SEARCH_MESSAGES)
def newest(guild_id: int, channel_id: int) -> Response:
    """To the channel's newest message, or to the first of the day `on` in the reader's zone (or of the days after it)."""
    reader = reader_for(actor())
    channel_shown_to(reader, channel_id)
    asked = read_span(request.args.get("on", ""), reader_zone())
    message_id = _first_since(reader, channel_id, asked.start) if asked else None
    message_id = message_id or _last(reader, channel_id)
    if message_id is None:
        return go_to(_moment_url(guild_id, channel_id, utcnow()))
    return go_to(url_for("messages.context", guild_id=guild_id, message_id=message_id) + f"#context-{message_id}")


@blueprint.get("/<snowflake:channel_id>/at")
@needs(Permission.SEARCH_MESSAGES)
def pick(guild_id: int, channel_id: int) -> Response:
    """From the time picker's `when`, which is in the reader's zone, to that moment's page."""
    channel_shown_to(reader_for(actor()), channel_id)
    return go_to(_moment_url(guild_id, channel_id, _picked(request.args.get("when", ""))))


@blueprint.get("/<snowflake:channel_id>/at/<string(maxlength=40):moment>")
@needs(Permission.SEARCH_MESSAGES)
def at(guild_id: int, channel_id: int, moment: str) -> str:
    """The channel as it was: each message in its version of then, without what was deleted before unless `gone` is asked
    for; `before` reads on earlier."""
    asked = past_page.Asked(
        channel_id=channel_id,
        moment=_moment(moment),
        before=_place("before"),
        with_gone="gone" in request.args,
    )
    page = past_page.build(actor(), reader_for(actor()), asked)
    template = "messages/_past_rows.html" if is_htmx() and asked.before else "messages/past.html"
    return render_template(template, page=page, tenant=tenant())


def _first_since(reader: Reader, channel_id: int, start: datetime) -> int | None:
    found, _more = messages_after(reader, channel_id, first_snowflake(start) - 1, 1)
    return found[0].id if found else None


def _last(reader: Reader, channel_id: int) -> int | None:
    found, _more = messages_before(reader, channel_id, (1 << 63) - 1, 1)
    return found[-1].id if found else None


def _moment_url(guild_id: int, channel_id: int, moment: datetime) -> str:
    return url_for(".at", guild_id=guild_id, channel_id=channel_id, moment=past_page.spelled(moment))


def _picked(when: str) -> datetime:
    """`2026-11-01T18:30` of the reader's clock; a day alone is its end; what is neither is now."""
    zone = reader_zone()
    try:
        moment = datetime.fromisoformat(when)
    except ValueError:
        return utcnow()
    try:
        if "T" not in when:
            moment = datetime.combine(moment + timedelta(days=1), time()) - timedelta(milliseconds=1)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return utcnow()


def _moment(spelled: str) -> datetime:
    """Aborts with 404 for what is no moment: no page of ours leads there."""
    try:
        moment = datetime.fromisoformat(spelled)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        abort(404)
    if not past_page.EARLIEST <= moment <= past_page.LATEST:
        abort(404)
    return moment


def _place(name: str) -> int | None:
    word = request.args.get(name)
    if not word:
        return None
    if not (word.isascii() and word.isdecimal() and len(word) <= 19 and 0 < int(word) < 1 << 63):
        abort(404)
    return int(word)
