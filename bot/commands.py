"""The bot's slash commands: one lightbulb client for every file in `bot/extensions`, synced once a start."""

from __future__ import annotations

import logging

import hikari
import lightbulb
from lightbulb.di import Contexts

from app.config import Settings
from bot.database import Domain
from bot.extensions import moderation, privacy

log = logging.getLogger(__name__)

NOUNS = (moderation, privacy)
"""Each file registers its own commands."""


class Commands:
    """Answers interactions from the moment it exists; `sync` tells Discord which commands there are."""

    def __init__(self, bot: hikari.GatewayBot, domain: Domain, settings: Settings) -> None:
        self._client = lightbulb.client_from_app(bot)
        values = self._client.di.registry_for(Contexts.DEFAULT)
        values.register_value(Domain, domain)
        values.register_value(Settings, settings)
        for noun in NOUNS:
            noun.register(self._client)
        self._is_synced = False

    async def sync(self) -> None:
        """Make Discord's list of commands ours. Failing leaves the former list in force; the next start tries again."""
        if self._is_synced:
            return
        try:
            await self._client.start()
            self._is_synced = True
        except hikari.HikariError as error:
            log.warning("commands.not_synced", extra={"error": type(error).__name__})

    async def close(self) -> None:
        """Let go of what the commands hold."""
        await self._client.stop()
