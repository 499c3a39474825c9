"""`POST /webhooks` `{purpose, channel_id}`: the managed webhook of a purpose; `POST /webhooks/messages`: a message through
it. Its token never leaves the bot."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from flask_babel import gettext as _

from app.domain.access import SystemActor
from app.domain.errors import Forbidden, Invalid
from app.domain.webhooks.models import WebhookPurpose
from app.domain.webhooks.service import ensure_webhook, post_message
from bot.api.door import answer, in_domain, json_body
from bot.api.keys import CALLER

LONGEST_CONTENT = 2000


def register(app: web.Application) -> None:
    app.router.add_post("/webhooks", place)
    app.router.add_post("/webhooks/messages", post)


async def place(request: web.Request) -> web.StreamResponse:
    """200 `{"id", "purpose", "channel_id"}`, whether it was there, moved or created."""
    caller = request[CALLER]
    if not isinstance(caller.actor, SystemActor):
        raise Forbidden(_("Only the panel itself does that."), code="system_only")
    body = await json_body(request)
    try:
        purpose, channel_id = WebhookPurpose(str(body.get("purpose"))), int(body.get("channel_id", ""))
    except (ValueError, TypeError) as error:
        raise Invalid(
            _("Name a purpose and a channel."), fields={"purpose": _("alerts or publish"), "channel_id": _("An id.")}
        ) from error
    return answer(await in_domain(request, _placed, caller.guild_id, purpose, channel_id))


async def post(request: web.Request) -> web.StreamResponse:
    """`{purpose, channel_id, content}` → 200 `{"id", "channel_id"}`. Not to be repeated after a 5xx: it may have been posted."""
    caller = request[CALLER]
    if not isinstance(caller.actor, SystemActor):
        raise Forbidden(_("Only the panel itself does that."), code="system_only")
    body = await json_body(request)
    content = body.get("content")
    try:
        purpose, channel_id = WebhookPurpose(str(body.get("purpose"))), int(body.get("channel_id", ""))
    except (ValueError, TypeError) as error:
        raise Invalid(
            _("Name a purpose and a channel."), fields={"purpose": _("alerts or publish"), "channel_id": _("An id.")}
        ) from error
    if not isinstance(content, str) or not 0 < len(content) <= LONGEST_CONTENT:
        raise Invalid(_("A message has 1 to 2,000 characters."), fields={"content": _("1 to 2,000 characters.")})
    return answer(await in_domain(request, _posted, caller.guild_id, purpose, channel_id, content))


def _posted(system: Any, guild_id: int, purpose: WebhookPurpose, channel_id: int, content: str) -> dict[str, Any]:
    posted = post_message(system, guild_id, purpose, channel_id, content)
    return {"id": str(posted.id), "channel_id": str(posted.channel_id)}


def _placed(system: Any, guild_id: int, purpose: WebhookPurpose, channel_id: int) -> dict[str, Any]:
    row = ensure_webhook(system, guild_id, purpose, channel_id)
    return {"id": str(row.id), "purpose": row.purpose, "channel_id": str(row.channel_id)}
