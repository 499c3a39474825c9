"""Verbs that touch Discord run in the bot, whichever door they came through; the others reach them by the bot's API."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from app.clients import clients
from app.clients.discord_guild.port import DiscordGuild

P = ParamSpec("P")
R = TypeVar("R")


class NotTheBot(RuntimeError):
    """A programming error: this process has no hand in Discord. Cure: go through `clients().bot_api`."""


def acts_on_discord(verb: Callable[P, R]) -> Callable[P, R]:
    """Mark a verb that touches Discord. Raises `NotTheBot` before anything else happens in any other process."""

    @wraps(verb)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        discord_guild()
        return verb(*args, **kwargs)

    checked.__acts_on_discord__ = True  # type: ignore[attr-defined]
    return checked


def discord_guild() -> DiscordGuild:
    """The bot's hand in Discord. Raises `NotTheBot` where there is none."""
    found = clients().discord_guild
    if found is None:
        raise NotTheBot("only the bot's process has a hand in Discord; call the bot's API instead")
    return found
