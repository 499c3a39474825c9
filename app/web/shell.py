"""What surrounds a signed-in page: who is here, which communities they may open, where they may go, what is away.

Layouts read one variable, `shell`. It is computed at its first use in a request, so that a partial never pays for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app, g, request, url_for
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l
from werkzeug.local import LocalProxy

from app.domain.access import Permission

READER = "shell_reader"
THEMES = ("light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True)
class ShellPerson:
    """Whoever is signed in."""

    user_id: int
    name: str
    avatar_url: str | None = None


@dataclass(frozen=True)
class ShellCommunity:
    """One community that the person may open."""

    guild_id: int
    name: str
    url: str
    icon_url: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class NavigationItem:
    """One place to go. `in_dock` places stay in reach of a thumb on a phone; the rest open from its last button."""

    label: str
    url: str
    icon: str
    is_current: bool = False
    count: int | None = None
    in_dock: bool = False


@dataclass(frozen=True)
class NavigationGroup:
    """Places that belong together; the first group has no title."""

    title: str | None
    items: tuple[NavigationItem, ...]


@dataclass(frozen=True)
class Shell:
    """Everything that the signed-in layout draws around a page."""

    person: ShellPerson
    communities: tuple[ShellCommunity, ...] = ()
    community: ShellCommunity | None = None
    navigation: tuple[NavigationGroup, ...] = ()
    notifications_url: str | None = None
    unread: int = 0
    is_bot_away: bool = False
    bot_away_since: datetime | None = None
    is_live: bool = False


@dataclass(frozen=True)
class _Place:
    endpoint: str
    label: LazyString
    icon: str
    permission: Permission
    in_dock: bool = False


_ROOT = "tenants.overview"
_PLACES: tuple[tuple[LazyString | None, tuple[_Place, ...]], ...] = (
    (
        None,
        (
            _Place("tenants.overview", _l("Overview"), "layout-dashboard", Permission.VIEW_PANEL, in_dock=True),
            _Place("messages.search", _l("Messages"), "message-2-search", Permission.SEARCH_MESSAGES, in_dock=True),
            _Place("members.listing", _l("Members"), "users", Permission.VIEW_MEMBERS, in_dock=True),
            _Place("moderation.cases", _l("Cases"), "gavel", Permission.VIEW_CASES, in_dock=True),
        ),
    ),
    (
        _l("Archive"),
        (
            _Place("searches.listing", _l("Saved searches"), "bookmark", Permission.SAVE_SEARCHES),
            _Place("exports.listing", _l("Exports"), "download", Permission.EXPORT_SEARCHES),
            _Place("coverage.listing", _l("Coverage"), "archive", Permission.SEARCH_MESSAGES),
            _Place("viewings.listing", _l("Opened evidence"), "eye", Permission.VIEW_VIEWINGS),
            _Place("files.usage", _l("Usage"), "database", Permission.VIEW_USAGE),
        ),
    ),
    (
        _l("Community"),
        (
            _Place("staff.listing", _l("Staff"), "user-shield", Permission.VIEW_STAFF),
            _Place("privacy_requests.listing", _l("Privacy requests"), "inbox", Permission.ANSWER_PRIVACY_REQUESTS),
            _Place("privacy.listing", _l("Privacy"), "shield-lock", Permission.MANAGE_PRIVACY),
            _Place("tenants.set_up", _l("Set-up"), "settings", Permission.SET_UP),
        ),
    ),
)


def navigation_of(guild_id: int, may: Callable[[Permission], bool]) -> tuple[NavigationGroup, ...]:
    """The places of one community that exist in this build and that this person may open."""
    groups = []
    for title, places in _PLACES:
        items = tuple(
            NavigationItem(
                label=str(place.label),
                url=url_for(place.endpoint, guild_id=guild_id),
                icon=place.icon,
                is_current=_is_here(url_for(place.endpoint, guild_id=guild_id), place.endpoint == _ROOT),
                in_dock=place.in_dock,
            )
            for place in places
            if place.endpoint in current_app.view_functions and may(place.permission)
        )
        if items:
            groups.append(NavigationGroup(str(title) if title else None, items))
    return tuple(groups)


def _is_here(address: str, is_root: bool) -> bool:
    """Whatever lies below a place belongs to it; below the overview lie the other places."""
    return request.path == address or (not is_root and request.path.startswith(f"{address}/"))


def read_shell_with(app: Flask, reader: Callable[[], Shell | None]) -> None:
    """Say who knows the shell: `reader` answers None where nobody is signed in."""
    app.extensions[READER] = reader


def current_shell() -> Shell | None:
    """The shell of this request, read once."""
    if "shell" not in g:
        reader = current_app.extensions.get(READER)
        g.shell = reader() if reader else None
    shell: Shell | None = g.shell
    return shell


def chosen_theme() -> str | None:
    """`light` or `dark` where the reader chose one; None follows their system."""
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else None


def page_language() -> tuple[str, str]:
    """The page's language tag and writing direction."""
    locale = get_locale()
    if locale is None:
        return "en", "ltr"
    return str(locale).replace("_", "-"), locale.text_direction


def dock_of(navigation: Iterable[NavigationGroup]) -> tuple[tuple[NavigationItem, ...], tuple[NavigationItem, ...]]:
    """A phone's bottom bar: the places always in reach, and those behind its last button."""
    items = [item for group in navigation for item in group.items]
    return tuple(item for item in items if item.in_dock), tuple(item for item in items if not item.in_dock)


def register_shell(app: Flask) -> None:
    """Give layouts `shell` and what the first paint needs."""

    @app.context_processor
    def shell_of_the_page() -> dict[str, object]:
        return {"shell": LocalProxy(current_shell)}

    app.jinja_env.globals.update(chosen_theme=chosen_theme, page_language=page_language, dock_of=dock_of)
