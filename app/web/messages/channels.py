"""`/servers/<g>/channels/<id>`: a channel at its newest, or on a day."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request, url_for

from app.domain.access import Permission
from app.domain.clock import first_snowflake
from app.domain.messages.dates import read_span
from app.domain.messages.queries import channel_shown_to, messages_after, messages_before
from app.domain.messages.reader import Reader, reader_for
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to
from app.web.messages.reader_zone import reader_zone
from app.web.tenant_guard import actor

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
        return go_to(url_for("messages.search", guild_id=guild_id, q=f"in:{channel_id}"))
    return go_to(url_for("messages.context", guild_id=guild_id, message_id=message_id) + f"#context-{message_id}")


def _first_since(reader: Reader, channel_id: int, start: datetime) -> int | None:
    found, _more = messages_after(reader, channel_id, first_snowflake(start) - 1, 1)
    return found[0].id if found else None


def _last(reader: Reader, channel_id: int) -> int | None:
    found, _more = messages_before(reader, channel_id, (1 << 63) - 1, 1)
    return found[-1].id if found else None
