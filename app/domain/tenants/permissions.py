"""The Discord permissions that an install asks for: just what the features use, each with its reason. Never Administrator."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

ADMINISTRATOR = 1 << 3


@dataclass(frozen=True)
class AskedPermission:
    """One permission: what it is for, and what stops working where it is refused."""

    bit: int
    name: LazyString
    purpose: LazyString
    without: LazyString


ASKED: tuple[AskedPermission, ...] = (
    AskedPermission(
        1 << 10,
        _l("View Channels"),
        _l("To see the channels whose messages you want to find again."),
        _l("Channels that the bot cannot see are not archived."),
    ),
    AskedPermission(
        1 << 16,
        _l("Read Message History"),
        _l("To fill the hours in which the bot was away, so that the archive has no gaps."),
        _l("Messages from while the bot was away stay missing."),
    ),
    AskedPermission(
        1 << 7,
        _l("View Audit Log"),
        _l("To turn bans, kicks and timeouts made in Discord itself into cases, with who did it and why."),
        _l("Acts made in Discord itself do not become cases."),
    ),
    AskedPermission(
        1 << 2,
        _l("Ban Members"),
        _l("To ban and unban when one of your moderators says so, under their own rights."),
        _l("Bans from the panel are switched off."),
    ),
    AskedPermission(
        1 << 1,
        _l("Kick Members"),
        _l("To kick when one of your moderators says so, under their own rights."),
        _l("Kicks from the panel are switched off."),
    ),
    AskedPermission(
        1 << 40,
        _l("Timeout Members"),
        _l("To put somebody into a timeout when one of your moderators says so, under their own rights."),
        _l("Timeouts from the panel are switched off."),
    ),
    AskedPermission(
        1 << 29,
        _l("Manage Webhooks"),
        _l("To create the two webhooks through which the panel posts: staff alerts and your own announcements."),
        _l("Alerts and announcements cannot be posted."),
    ),
)

INSTALL_PERMISSIONS = sum(asked.bit for asked in ASKED)
"""The number that Discord's consent page is given."""


def missing(granted: int) -> tuple[AskedPermission, ...]:
    """What the bot asked for and does not have."""
    if granted & ADMINISTRATOR:
        return ()
    return tuple(asked for asked in ASKED if not granted & asked.bit)
