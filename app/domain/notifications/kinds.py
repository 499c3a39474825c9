"""Every kind of notification, declared once: how urgent it is, its words, and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Kind(StrEnum):
    BOT_REMOVED = "bot_removed"
    ERASURE_REQUESTED = "erasure_requested"
    SEARCH_ALERT = "search_alert"
    LARGE_EXPORT = "large_export"


@dataclass(frozen=True)
class KindWords:
    """What a person reads. `fix_endpoint` is the page of the community where it is mended."""

    title: LazyString
    text: LazyString
    fix_label: LazyString
    fix_endpoint: str
    is_urgent: bool


WORDS: dict[Kind, KindWords] = {
    Kind.BOT_REMOVED: KindWords(
        _l("The bot was removed from the server"),
        _l(
            "Nothing new is archived and nobody can act from the panel. What was kept stays readable until it is deleted."
        ),
        _l("Install it again"),
        "tenants.install",
        True,
    ),
    Kind.ERASURE_REQUESTED: KindWords(
        _l("Somebody asks to be erased"),
        _l("They are to be answered within thirty days."),
        _l("Answer the request"),
        "privacy.requests",
        False,
    ),
    Kind.SEARCH_ALERT: KindWords(
        _l("A saved search found something new"),
        _l("What it found is listed with the search."),
        _l("Saved searches"),
        "searches.listing",
        False,
    ),
    Kind.LARGE_EXPORT: KindWords(
        _l("More than 10,000 messages were exported"),
        _l("Who took them, and by which search, stands with the exports."),
        _l("Exports"),
        "exports.listing",
        False,
    ),
}
