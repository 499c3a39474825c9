"""Puts the bot together out of settings."""

from __future__ import annotations

import gc
from collections.abc import Callable

import hikari
from flask import Flask
from hikari import applications
from hikari.impl import config

from app.bootstrap import create_core_app
from app.config import Settings, SettingsError
from bot.budget import Budget
from bot.discord_guild import HikariDiscordGuild
from bot.process import BotProcess
from bot.shards import Shards

INTENTS = (
    hikari.Intents.GUILDS
    | hikari.Intents.GUILD_MEMBERS
    | hikari.Intents.GUILD_MODERATION
    | hikari.Intents.GUILD_MESSAGES
    | hikari.Intents.GUILD_MESSAGE_REACTIONS
    | hikari.Intents.MESSAGE_CONTENT
    | hikari.Intents.AUTO_MODERATION_EXECUTION
)
"""`GUILD_MEMBERS` and `MESSAGE_CONTENT` are privileged: they must be switched on in Discord's developer portal."""

CACHED = (
    config.CacheComponents.GUILDS
    | config.CacheComponents.GUILD_CHANNELS
    | config.CacheComponents.GUILD_THREADS
    | config.CacheComponents.ROLES
    | config.CacheComponents.MEMBERS
    | config.CacheComponents.ME
)
"""What the API serves. Never messages: they cost as much again as everything else."""


GARBAGE_THRESHOLDS = (20_000, 20, 50)


def build_bot(settings: Settings, create_app: Callable[..., Flask] = create_core_app) -> BotProcess:
    """A bot that is not started yet. `create_app` makes the app that its domain calls run in. Raises `SettingsError`."""
    bot = build_hikari(settings)
    budget = Budget(Shards.parse(settings.bot_shards).share)
    guild = HikariDiscordGuild(bot, budget)
    app = create_app(settings, discord_guild=guild)
    return BotProcess(settings, app, bot, guild, budget)


def forget_what_stays() -> None:
    """What is loaded by now lives as long as the process: spare the collector from walking it with every batch.

    It also comes more rarely: messages that wait are thousands of containers without a cycle, and walking them each
    700 new ones (the default) cost a third of what a batch costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def build_hikari(settings: Settings) -> hikari.GatewayBot:
    """hikari pointed at `DISCORD_API_URL`; the gateway's address comes from there. Raises `SettingsError`."""
    try:
        applications.get_token_id(settings.discord_token or "")
    except ValueError as error:
        problem = "DISCORD_TOKEN: is no bot's token (three words with dots between, from Discord's developer portal)."
        raise SettingsError([problem]) from error
    return hikari.GatewayBot(
        settings.discord_token or "",
        banner=None,
        logs=None,
        suppress_optimization_warning=True,
        intents=INTENTS,
        cache_settings=config.CacheSettings(components=CACHED),
        http_settings=config.HTTPSettings(
            force_close_transports=False,
            timeouts=config.HTTPTimeoutSettings(acquire_and_connect=3.0, total=8.0),
        ),
        # Retrying an act whose outcome is unknown is the domain's decision: it looks first.
        max_retries=0,
        max_rate_limit=5.0,
        rest_url=settings.discord_api_url,
    )
