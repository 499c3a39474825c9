"""`POST /webhooks` `{purpose, channel_id}`: the managed webhook of a purpose. Its token never leaves the bot."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from flask_babel import gettext as _

from app.domain.access import SystemActor
from app.domain.errors import Forbidden, Invalid
from app.domain.webhooks.models import WebhookPurpose
from app.domain.webhooks.service import ensure_webhook
from bot.api.door import answer, in_domain, json_body
from bot.api.keys import CALLER


def register(app: web.Application) -> None:
    app.router.add_post("/webhooks", place)


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


def _placed(system: Any, guild_id: int, purpose: WebhookPurpose, channel_id: int) -> dict[str, Any]:
    row = ensure_webhook(system, guild_id, purpose, channel_id)
    return {"id": str(row.id), "purpose": row.purpose, "channel_id": str(row.channel_id)}
