"""Reading the live log."""

from __future__ import annotations

from collections.abc import Callable

from app.clients import clients
from app.clients import errors as client_errors
from app.contracts.live import LOG_LENGTH, Cursor, Page
from app.db.transaction import leave_database
from app.domain.live.refusals import live_unavailable

PAGE = 256
STEP = 250
"""Where a reader hears nothing of the whole log, their place follows its beginning in steps this long."""

Hears = Callable[[int | None], bool]
"""Whether a reader may hear of an entry of this channel; None: of one without a channel."""


def page_after(tenant_id: int, after: Cursor | None, hears: Hears) -> Page:
    """What this reader may hear of all that came after the cursor; without one, where they are now.

    What they may not hear of shows in nothing: the cursor moves with what is heard alone.
    Raises `Unavailable` (`live_unavailable`) while the log cannot be reached.
    """
    page = whole_page_after(tenant_id, after, LOG_LENGTH)
    if after is None or page.resync:
        return Page(newest_heard(tenant_id, page.cursor, hears), resync=page.resync)
    heard = tuple(entry for entry in page.entries if hears(entry.signal.channel_id))
    return Page(Cursor(after.epoch, heard[-1].id) if heard else after, heard)


def newest_heard(tenant_id: int, now: Cursor, hears: Hears) -> Cursor:
    """The place of the newest entry up to `now` that this reader may hear. Raises `Unavailable`."""
    start = beginning_of(now)
    page = whole_page_after(tenant_id, start, LOG_LENGTH)
    heard = (entry.id for entry in reversed(page.entries) if entry.id <= now.id and hears(entry.signal.channel_id))
    return Cursor(now.epoch, next(heard, start.id))


def beginning_of(now: Cursor) -> Cursor:
    """A place within `STEP` entries of the log's beginning, the same for many values of `now`."""
    oldest = max(0, now.id - LOG_LENGTH)
    return Cursor(now.epoch, -(-oldest // STEP) * STEP)


def whole_page_after(tenant_id: int, after: Cursor | None, limit: int = PAGE) -> Page:
    """What came after the cursor, for whoever hands entries on and asks for each of their readers. Raises `Unavailable`."""
    leave_database("reading the live log")
    try:
        return clients().live_bus.read(tenant_id, after, limit)
    except client_errors.Unavailable as error:
        raise live_unavailable(error) from error


def listen(told: Callable[[int], None]) -> Callable[[], None]:
    """Have `told(tenant_id)` called from some thread whenever a log grew. Returns how to stop."""
    return clients().live_bus.listen(told)
