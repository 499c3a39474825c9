"""Reading the live log."""

from __future__ import annotations

from collections.abc import Callable

from app.clients import clients
from app.clients import errors as client_errors
from app.contracts.live import Cursor, Page
from app.db.transaction import leave_database
from app.domain.live.refusals import live_unavailable

PAGE = 256


def page_after(tenant_id: int, after: Cursor | None, sees: Callable[[int], bool], limit: int = PAGE) -> Page:
    """What this reader may hear of what came after the cursor. An entry of a channel that is not theirs is left out.

    Raises `Unavailable` (`live_unavailable`) while the log cannot be reached.
    """
    page = whole_page_after(tenant_id, after, limit)
    heard = tuple(entry for entry in page.entries if entry.signal.channel_id is None or sees(entry.signal.channel_id))
    return Page(page.cursor, heard, page.resync)


def whole_page_after(tenant_id: int, after: Cursor | None, limit: int = PAGE) -> Page:
    """The same for whoever hands entries on and asks for each of their readers."""
    leave_database("reading the live log")
    try:
        return clients().live_bus.read(tenant_id, after, limit)
    except client_errors.Unavailable as error:
        raise live_unavailable(error) from error


def listen(told: Callable[[int], None]) -> Callable[[], None]:
    """Have `told(tenant_id)` called from some thread whenever a log grew. Returns how to stop."""
    return clients().live_bus.listen(told)
