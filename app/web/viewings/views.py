"""`/servers/<g>/viewings`: who opened deleted messages and their files, the last first."""

from __future__ import annotations

from flask import render_template, request, url_for

from app.domain.access import Permission
from app.domain.members.names import id_in
from app.domain.members.queries import channels_by_id, names_of
from app.domain.messages.reader import reader_for
from app.domain.viewings.queries import list_viewings
from app.web.guards import GuardedBlueprint, RouteClass, needs
from app.web.messages.drawing import member_url
from app.web.tenant_guard import actor, tenant

blueprint = GuardedBlueprint("viewings", __name__, guard=RouteClass.PAGE, url_prefix="/servers/<snowflake:guild_id>")


@blueprint.get("/viewings")
@needs(Permission.VIEW_VIEWINGS)
def listing(guild_id: int) -> str:
    """Of messages that the reader may see themselves."""
    page = list_viewings(reader_for(actor()), id_in(request.args.get("before", "")))
    people = {one for viewing, message in page.rows for one in (viewing.viewer_id, message.author_id) if one}
    return render_template(
        "viewings/listing.html",
        tenant=tenant(),
        page=page,
        names=names_of(people),
        channels=channels_by_id(message.channel_id for _viewing, message in page.rows),
        person_url=lambda user_id: member_url(guild_id, user_id),
        message_url=lambda message_id: url_for("messages.context", guild_id=guild_id, message_id=message_id),
        older=url_for(".listing", guild_id=guild_id, before=page.older) if page.older else None,
    )
