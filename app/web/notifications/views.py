"""The bell: what the panel has to tell this person about this community."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, render_template, url_for

from app.domain.access import Permission
from app.domain.notifications.kinds import WORDS, Kind, KindWords
from app.domain.notifications.models import Notification
from app.domain.notifications.queries import newest
from app.domain.notifications.service import read_all
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.htmx import go_to
from app.web.tenant_guard import actor

blueprint = GuardedBlueprint(
    "notifications", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>/notifications"
)


@dataclass(frozen=True)
class ShownNotification:
    """A notification with its words."""

    row: Notification
    words: KindWords
    fix_url: str


@blueprint.get("")
@needs(Permission.VIEW_PANEL)
def listing(guild_id: int) -> str:
    """The newest hundred, the last changed first."""
    shown = [
        ShownNotification(row, WORDS[Kind(row.kind)], url_for(WORDS[Kind(row.kind)].fix_endpoint, guild_id=guild_id))
        for row in newest(actor().user_id)
        if row.kind in set(Kind)
    ]
    return render_template("notifications/listing.html", shown=shown, guild_id=guild_id)


@blueprint.post("/readings")
@needs(Permission.VIEW_PANEL)
def readings(guild_id: int) -> Response:
    """All of them are read."""
    read_all(actor())
    return go_to(url_for(".listing", guild_id=guild_id))
