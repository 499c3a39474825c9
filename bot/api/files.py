"""`POST /attachments/links` `{channel_id, message_id}`: Discord's links to a message's files as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web
from flask_babel import gettext as _
from hikari.internal import routes

from app.clients.errors import Refused
from app.domain.access import Actor, SystemActor
from app.domain.errors import Forbidden, Invalid, NotFound
from app.domain.members.queries import channels_by_id
from bot.api.door import answer, in_domain, json_body
from bot.api.keys import CALLER, PARTS
from bot.budget import CallClass


def register(app: web.Application) -> None:
    app.router.add_post("/attachments/links", links)


async def links(request: web.Request) -> web.StreamResponse:
    """200 `{"links": {attachment id: url}}`; 404 where Discord has the message no more, or shows it to the bot no more.

    Links expire after a day: the message is fetched again, as Discord describes no other way.
    """
    caller = request[CALLER]
    if not isinstance(caller.actor, SystemActor):
        raise Forbidden(_("Only the panel itself does that."), code="system_only")
    body = await json_body(request)
    try:
        channel_id, message_id = int(body.get("channel_id", "")), int(body.get("message_id", ""))
    except (ValueError, TypeError) as error:
        raise Invalid(_("Name a channel and a message."), fields={"message_id": _("An id.")}) from error
    if not await in_domain(request, _is_of_this_community, channel_id):
        raise NotFound(_("There is no such channel in this community."), code="unknown_channel")
    route = routes.GET_CHANNEL_MESSAGE.compile(channel=channel_id, message=message_id)
    try:
        message = await request.app[PARTS].guild.call(caller.guild_id, route, CallClass.RECONCILE)
    except Refused as error:
        raise NotFound(_("Discord has this message no more."), code=error.code) from error
    return answer({"links": dict(_links_in(message))})


def _is_of_this_community(_caller: Actor | SystemActor, channel_id: int) -> bool:
    return channel_id in channels_by_id({channel_id})


def _links_in(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Its own files, and those of the messages that it forwards."""
    for one in message.get("attachments") or ():
        yield str(one["id"]), str(one["url"])
    for snapshot in message.get("message_snapshots") or ():
        yield from _links_in(snapshot.get("message") or {})
