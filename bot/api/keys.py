"""What handlers find in the aiohttp application and in a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hikari
from aiohttp import web

from app.config import Settings
from app.domain.access import Actor, SystemActor
from bot.copying import GuildCopier
from bot.database import Domain
from bot.discord_guild import HikariDiscordGuild


@dataclass(frozen=True)
class ApiParts:
    """The running bot, as the API needs it."""

    settings: Settings
    hikari: hikari.GatewayBot
    domain: Domain
    guild: HikariDiscordGuild
    copier: GuildCopier
    health: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class ApiCaller:
    """A caller whose signature, (tenant, guild) pair and panel role have been checked."""

    tenant_id: int
    guild_id: int
    actor: Actor | SystemActor
    request_id: str


PARTS = web.AppKey("parts", ApiParts)
CALLER = web.RequestKey("caller", ApiCaller)
