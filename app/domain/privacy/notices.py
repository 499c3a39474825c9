"""The notice to members: what is kept, what for, for how long, and where they see and erase what is kept about them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.tenants.retention import EVERYWHERE, ArchivePurpose, Kept, Policy


def notice_text(policy: Policy, purpose: str | None, own_page: str, *, excludes_bots: bool = False) -> str:
    """The notice as it stands now, in the reader's language, within Discord's 2,000 characters."""
    what_for = (
        _("to find again what was discussed and decided")
        if purpose == ArchivePurpose.HISTORY
        else _("to moderate this server and to show later why somebody acted")
    )
    lines = [
        _("**About your messages here**"),
        _("This server keeps a copy of messages, also of edited and deleted ones, %(purpose)s.", purpose=what_for),
        _("Messages are kept %(time)s.", time=_time(policy.days_for(EVERYWHERE, Kept.MESSAGES))),
    ]
    special = (
        (Kept.DELETED, _("Messages that were deleted are kept %(time)s after that.")),
        (Kept.EARLIER, _("What a message said before it was edited is kept %(time)s.")),
        (Kept.FILES, _("Attached files are kept %(time)s.")),
    )
    for kept, sentence in special:
        rule, days = policy.rule_for(EVERYWHERE, kept)
        if rule is kept:
            lines.append(sentence.replace("%(time)s", _time(days)))
    if excludes_bots:
        lines.append(_("Messages of bots are not kept."))
    lines.append(_("Only this server's staff can read them, and only in channels that they see themselves."))
    lines.append(
        _(
            "See what is kept about you, take a copy, or ask for it to be erased: <%(page)s> or `/mydata`.",
            page=own_page,
        )
    )
    return "\n".join(lines)[:2000]


def _time(days: int | None) -> str:
    if days is None:
        return _("until the server's owner decides otherwise")
    return ngettext("for one day", "for %(num)s days", days)
