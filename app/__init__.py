"""Snowflake Panel: the control panel for Discord communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.clients.discord_guild.port import DiscordGuild
    from app.config import Settings


def create_app(settings: Settings, *, discord_guild: DiscordGuild | None = None) -> Flask:
    """The website: the core app with routes. In one process it also carries the bot's hand in Discord."""
    from app import web
    from app.bootstrap import create_core_app

    app = create_core_app(settings, discord_guild=discord_guild)
    web.register(app)
    return app
