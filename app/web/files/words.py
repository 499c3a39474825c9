"""What a person reads of a file's fate."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.billing.plans import Plan
from app.domain.files.queries import FileState
from app.domain.messages.kept import Kept
from app.web.discord_markup.body import readable_size


def outcome(kept: Kept, plan: Plan | None = None) -> str:
    """Why a file is not here, in one line; empty where it is."""
    largest = readable_size(plan.largest_file_bytes) if plan else ""
    return {
        Kept.KEPT: "",
        Kept.WAITING: _("Not kept yet: it is being fetched."),
        Kept.NOT_WANTED: _("Not kept: this community keeps no files."),
        Kept.TOO_LARGE: _("Not kept: larger than %(size)s.", size=largest) if largest else _("Not kept: too large."),
        Kept.WRONG_KIND: _("Not kept: files of this kind are not."),
        Kept.OVER_LIMIT: _("Not kept: the plan's room for files was full."),
        Kept.GONE: _("Not kept: Discord had it no more."),
        Kept.UNREACHABLE: _("Not kept: it could not be fetched from Discord."),
        Kept.QUARANTINED: _("Withdrawn: nobody can open it."),
        Kept.EXPIRED: _("No longer kept: its time was over."),
    }[kept]


def headline(kept: Kept) -> str:
    """The same as a line of a table."""
    return {
        Kept.KEPT: _("Kept"),
        Kept.WAITING: _("Being fetched"),
        Kept.NOT_WANTED: _("Not kept by choice"),
        Kept.TOO_LARGE: _("Too large"),
        Kept.WRONG_KIND: _("Of a kind that is not kept"),
        Kept.OVER_LIMIT: _("No room left in the plan"),
        Kept.GONE: _("Gone at Discord before it could be fetched"),
        Kept.UNREACHABLE: _("Could not be fetched"),
        Kept.QUARANTINED: _("Withdrawn"),
        Kept.EXPIRED: _("Its time was over"),
    }[kept]


def kept_for(days: int | None) -> str:
    """How long files are kept, as a sentence."""
    if days is None:
        return _("Files are kept until you say otherwise.")
    if days == 0:
        return _("No files are kept.")
    return ngettext("Files are kept for %(num)s day.", "Files are kept for %(num)s days.", days)


def said_of(state: FileState) -> str:
    """What stands below a file."""
    return outcome(state.kept)


def size(count: int) -> str:
    """Bytes as people read them."""
    return readable_size(count)
