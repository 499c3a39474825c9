"""Rules, reasons and states in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.db.claimable import JobState
from app.domain.members.models import GuildChannel
from app.domain.privacy.models import Erasure, ErasureRequest, MemberNotice, PersonalExport, RequestStatus
from app.domain.privacy.receipts import UNTIL
from app.domain.tenants.retention import EVERYWHERE, Kept

KEEP = "keep"
SAME = "same"


def days_word(days: int | None) -> str:
    """`30 days`."""
    if days is None:
        return str(_("until you say otherwise"))
    return str(ngettext("one day", "%(num)s days", days) if days else _("not at all"))


def days_word_for_members(days: int | None) -> str:
    """The same to somebody who does not decide it."""
    return days_word(days) if days is not None else str(_("until the community decides otherwise"))


def kept_word(kept: Kept) -> str:
    """What a rule is about."""
    return {
        Kept.MESSAGES: _("Messages"),
        Kept.DELETED: _("Deleted messages"),
        Kept.EARLIER: _("Earlier versions of edited messages"),
        Kept.FILES: _("Attached files"),
    }[kept]


def counted_from(kept: Kept) -> str:
    """From when the days of a rule run."""
    return {
        Kept.MESSAGES: _("Counted from when each was written."),
        Kept.DELETED: _("Counted from when they were deleted on Discord."),
        Kept.EARLIER: _("Counted from when each version was written. The message itself stays."),
        Kept.FILES: _("Counted from when they were sent. The message stays."),
    }[kept]


def choice_of(days: int | None) -> str:
    """As the selects carry it."""
    return KEEP if days is None else str(days)


def options(choices: tuple[int | None, ...], *, same: str | None = None) -> list[tuple[str, str]]:
    """What a select offers; `same` names what is in force without a rule."""
    offered = [(choice_of(days), days_word(days)) for days in choices]
    return [(SAME, same), *offered] if same else offered


def place_word(channel_id: int, channels: dict[int, GuildChannel]) -> str:
    """`everywhere`, or the channel's name."""
    if channel_id == EVERYWHERE:
        return str(_("everywhere"))
    found = channels.get(channel_id)
    return f"#{found.name}" if found is not None else str(_("a channel that is gone"))


def many(rows: int, most: int) -> str:
    """`at least 10,000` where counting stopped."""
    return str(_("at least %(number)s", number=f"{most:,}")) if rows >= most else f"{rows:,}"


def withheld_word(why: str) -> str:
    """Why something was left, and until when."""
    return str(UNTIL.get(why, why))


def erasure_state(erasure: Erasure) -> tuple[str, str]:
    """(tone, word) of a badge."""
    if erasure.state == JobState.DONE:
        return "good", _("Done")
    if erasure.state == JobState.FAILED:
        return "danger", _("Stopped")
    if erasure.withheld and erasure.receipt:
        return "warn", _("Some of it waits")
    return "accent", _("Running")


def request_state(request: ErasureRequest) -> tuple[str, str]:
    """(tone, word) of a badge."""
    states: dict[str, tuple[str, str]] = {
        RequestStatus.WAITING: ("warn", _("Waits for an answer")),
        RequestStatus.GRANTED: ("good", _("Granted")),
        RequestStatus.DECLINED: ("danger", _("Declined")),
        RequestStatus.WITHDRAWN: ("", _("Taken back")),
    }
    return states[request.status]


def export_state(export: PersonalExport) -> tuple[str, str]:
    """(tone, word) of a badge."""
    states: dict[str, tuple[str, str]] = {JobState.DONE: ("good", _("Ready")), JobState.FAILED: ("danger", _("Failed"))}
    return states.get(export.state, ("accent", _("Being made")))


def notice_state(notice: MemberNotice) -> tuple[str, str]:
    """(tone, word) of a badge."""
    states: dict[str, tuple[str, str]] = {
        JobState.DONE: ("good", _("Posted")),
        JobState.FAILED: ("danger", _("Not posted")),
        JobState.CANCELLED: ("warn", _("Nobody knows whether it was posted: look into the channel")),
    }
    return states.get(notice.state, ("accent", _("Being posted")))
