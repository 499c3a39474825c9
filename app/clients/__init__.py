"""Every outsider, one folder each: a protocol, the real class, a fake, typed errors mapped in one file."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from app.clients.bot_api.port import BotApi
from app.clients.discord_guild.port import DiscordGuild
from app.clients.discord_oauth.port import DiscordOAuth
from app.clients.file_store.port import FileStore
from app.clients.job_queue.port import JobQueue
from app.clients.live_bus.port import LiveBus
from app.clients.safe_http.port import SafeHttp


@dataclass
class Clients:
    """What this process may reach. `discord_guild` exists in the bot alone."""

    bot_api: BotApi
    job_queue: JobQueue
    live_bus: LiveBus
    discord_oauth: DiscordOAuth
    safe_http: SafeHttp
    file_store: FileStore
    discord_guild: DiscordGuild | None = None


def clients() -> Clients:
    """The clients of the running app."""
    found: Clients = current_app.extensions["clients"]
    return found
