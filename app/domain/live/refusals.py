"""How the live stream says that it is away."""

from __future__ import annotations

from flask_babel import gettext as _

from app.clients import errors as client_errors
from app.domain.errors import Unavailable


def live_unavailable(error: client_errors.Unavailable) -> Unavailable:
    """The one refusal while the live stream's store cannot be reached."""
    return Unavailable(
        _("Live updates are away for a moment; the page refreshes itself meanwhile."),
        code="live_unavailable",
        retry_after=error.retry_after,
    )
