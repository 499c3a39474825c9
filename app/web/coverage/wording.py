"""Coverage in words: one sentence beside a search, and what keeps the bot out of a channel."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.coverage.queries import BackfillProgress, Stated
from app.domain.coverage.readable import UnreadableChannel

MOST_NAMED = 3


def cure_for(channel: UnreadableChannel) -> str:
    """What the owner does on Discord to let the bot read it."""
    lacking = [
        name
        for is_lacking, name in (
            (channel.lacks_view, _("View Channel")),
            (channel.lacks_history, _("Read Message History")),
            (channel.lacks_connect, _("Connect")),
        )
        if is_lacking
    ]
    told: str = _(
        "In Discord, open the channel's settings, then Permissions, and allow the bot: %(permissions)s.",
        permissions=", ".join(lacking),
    )
    return told


def unreadable_named(channels: Sequence[UnreadableChannel]) -> str:
    """`#staff, #board and 4 more cannot be read by the bot.`"""
    names = ", ".join(f"#{one.name}" for one in channels[:MOST_NAMED])
    more = len(channels) - MOST_NAMED
    if more > 0:
        told: str = ngettext(
            "%(names)s and %(num)d more channel cannot be read by the bot.",
            "%(names)s and %(num)d more channels cannot be read by the bot.",
            more,
            names=names,
        )
        return told
    told = ngettext(
        "%(names)s cannot be read by the bot.", "%(names)s cannot be read by the bot.", len(channels), names=names
    )
    return told


def holes_counted(stated: Stated) -> str:
    """How many holes there are, and whether they are being filled."""
    filled = sum(one.is_being_filled for one in stated.holes)
    left = len(stated.holes) - filled
    words: list[str] = []
    if filled:
        words.append(ngettext("%(num)d gap is being filled", "%(num)d gaps are being filled", filled))
    if left:
        words.append(ngettext("%(num)d gap cannot be filled", "%(num)d gaps cannot be filled", left))
    return ", ".join(words)


def time_left(progress: BackfillProgress) -> str | None:
    """About how long a backfill still takes; None while nobody can say."""
    seconds = progress.seconds_left
    if seconds is None:
        return None
    if seconds < 90:
        told: str = _("about a minute left")
        return told
    minutes = round(seconds / 60)
    if minutes < 90:
        told = ngettext("about %(num)d minute left", "about %(num)d minutes left", minutes)
        return told
    hours = round(minutes / 60)
    if hours < 48:
        told = ngettext("about %(num)d hour left", "about %(num)d hours left", hours)
        return told
    told = ngettext("about %(num)d day left", "about %(num)d days left", round(hours / 24))
    return told


def depth_named(days: int | None) -> str:
    """How far back somebody asks."""
    if days is None:
        told: str = _("Everything")
        return told
    told = _("One year") if days == 365 else ngettext("%(num)d day", "%(num)d days", days)
    return told
