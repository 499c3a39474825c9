"""Why an alert is paused or was not posted, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.domain.searches.service.alerts import Pause


def pause_word(code: str) -> str:
    """What happened, and what to do."""
    return {
        Pause.TOO_MANY: _(
            "Paused: it found more than 500 messages in an hour. Narrow the search, then turn it on again."
        ),
        Pause.NOT_READABLE: _("Paused: the search names somebody or something that is not there any more."),
        Pause.NO_ACCESS: _("Paused: you could not search here for a while."),
    }.get(Pause(code), code)


def post_word(code: str) -> str:
    """Why the newest was not posted."""
    if code == "no_channel":
        return _("Not posted: there is no channel for alerts that you see.")
    return _("The newest was perhaps not posted (%(code)s).", code=code)
