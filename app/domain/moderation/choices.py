"""The durations that pages and slash commands offer. Any other within Discord's limits is accepted too."""

from __future__ import annotations

from flask_babel import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86_400
DEFAULT_TIMEOUT = HOUR
DEFAULT_DELETION = 0


def timeout_choices() -> list[tuple[int, str]]:
    """(seconds, words) of timeouts, shortest first, up to Discord's longest."""
    return [
        (MINUTE, _("1 minute")),
        (5 * MINUTE, _("5 minutes")),
        (10 * MINUTE, _("10 minutes")),
        (30 * MINUTE, _("30 minutes")),
        (HOUR, _("1 hour")),
        (6 * HOUR, _("6 hours")),
        (12 * HOUR, _("12 hours")),
        (DAY, _("1 day")),
        (3 * DAY, _("3 days")),
        (7 * DAY, _("1 week")),
        (14 * DAY, _("2 weeks")),
        (28 * DAY, _("4 weeks")),
    ]


def deletion_choices() -> list[tuple[int, str]]:
    """(seconds, words) of how far back a ban takes messages with it, up to Discord's longest."""
    return [
        (0, _("Keep all messages")),
        (HOUR, _("The last hour")),
        (6 * HOUR, _("The last 6 hours")),
        (12 * HOUR, _("The last 12 hours")),
        (DAY, _("The last day")),
        (3 * DAY, _("The last 3 days")),
        (7 * DAY, _("The last 7 days")),
    ]
