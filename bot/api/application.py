"""The aiohttp application of the bot: its signed API and the live stream."""

from __future__ import annotations

from aiohttp import web

from bot.api import files, guild, health, members, moderation, webhooks
from bot.api.door import errors_as_json, signed_calls_only
from bot.api.keys import PARTS, ApiParts

LARGEST_BODY = 1024 * 1024
NOUNS = (health, guild, members, moderation, webhooks, files)
"""Each file registers its own routes."""


def build_api(parts: ApiParts) -> web.Application:
    """Every route of design section 7."""
    app = web.Application(middlewares=[errors_as_json, signed_calls_only], client_max_size=LARGEST_BODY)
    app[PARTS] = parts
    for noun in NOUNS:
        noun.register(app)
    return app
