"""Who may do what: the panel's role ladder, the permission table, and the marks every service verb carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask_babel import gettext as _

from app.domain.errors import Forbidden

P = ParamSpec("P")
R = TypeVar("R")


class Role(IntEnum):
    """The ladder; a higher number may do all that a lower one may."""

    VIEWER = 10
    MODERATOR = 20
    ADMIN = 30
    OWNER = 40

    @property
    def slug(self) -> str:
        return self.name.lower()

    @classmethod
    def from_slug(cls, slug: str) -> Role:
        """Raises `KeyError` for a word that is no role."""
        return cls[slug.upper()]


class Permission(StrEnum):
    """One right. The table below maps each to the lowest role that has it."""

    VIEW_PANEL = "view_panel"
    SEARCH_MESSAGES = "search_messages"
    SAVE_SEARCHES = "save_searches"
    SHARE_SEARCHES = "share_searches"
    POST_ALERTS = "post_alerts"
    EXPORT_SEARCHES = "export_searches"
    EXPORT_WHOLE_SEARCHES = "export_whole_searches"
    VIEW_MEMBERS = "view_members"
    VIEW_CASES = "view_cases"
    USE_LIVE = "use_live"
    TIMEOUT_MEMBERS = "timeout_members"
    KICK_MEMBERS = "kick_members"
    BAN_MEMBERS = "ban_members"
    VIEW_STAFF = "view_staff"
    MANAGE_STAFF = "manage_staff"
    MANAGE_ADMINS = "manage_admins"
    SET_UP = "set_up"
    MANAGE_ARCHIVE = "manage_archive"
    VIEW_USAGE = "view_usage"
    VIEW_VIEWINGS = "view_viewings"
    QUARANTINE_FILES = "quarantine_files"
    MANAGE_PRIVACY = "manage_privacy"
    ANSWER_PRIVACY_REQUESTS = "answer_privacy_requests"


LOWEST_ROLE: dict[Permission, Role] = {
    Permission.VIEW_PANEL: Role.VIEWER,
    Permission.SEARCH_MESSAGES: Role.VIEWER,
    Permission.SAVE_SEARCHES: Role.VIEWER,
    Permission.SHARE_SEARCHES: Role.MODERATOR,
    Permission.POST_ALERTS: Role.MODERATOR,
    Permission.EXPORT_SEARCHES: Role.MODERATOR,
    Permission.EXPORT_WHOLE_SEARCHES: Role.ADMIN,
    Permission.VIEW_MEMBERS: Role.VIEWER,
    Permission.VIEW_CASES: Role.VIEWER,
    Permission.USE_LIVE: Role.VIEWER,
    Permission.TIMEOUT_MEMBERS: Role.MODERATOR,
    Permission.KICK_MEMBERS: Role.MODERATOR,
    Permission.BAN_MEMBERS: Role.MODERATOR,
    Permission.VIEW_STAFF: Role.ADMIN,
    Permission.MANAGE_STAFF: Role.ADMIN,
    Permission.MANAGE_ADMINS: Role.OWNER,
    Permission.SET_UP: Role.OWNER,
    Permission.MANAGE_ARCHIVE: Role.ADMIN,
    Permission.VIEW_USAGE: Role.ADMIN,
    Permission.VIEW_VIEWINGS: Role.ADMIN,
    Permission.QUARANTINE_FILES: Role.ADMIN,
    Permission.MANAGE_PRIVACY: Role.OWNER,
    Permission.ANSWER_PRIVACY_REQUESTS: Role.ADMIN,
}


@dataclass(frozen=True)
class Actor:
    """A person acting in one tenant, with the panel role that the database gives them now."""

    user_id: int
    tenant_id: int
    guild_id: int
    role: Role
    may_publish: bool = False

    def may(self, permission: Permission) -> bool:
        """True where the ladder allows it. Discord's own rights are checked when the act happens."""
        return self.role >= LOWEST_ROLE[permission]


@dataclass(frozen=True)
class SystemActor:
    """The machinery, acting by its own name; may use `@system_only` verbs alone."""

    job: str

    @property
    def header(self) -> str:
        """As it stands in `x-actor-id`."""
        return f"system:{self.job}"


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a service verb: its first argument, the `Actor`, must hold `permission`. Raises `Forbidden` otherwise."""

    def mark(verb: Callable[P, R]) -> Callable[P, R]:
        @wraps(verb)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            check(_actor_of(verb, args, kwargs), permission)
            return verb(*args, **kwargs)

        checked.__permission__ = permission  # type: ignore[attr-defined]
        return checked

    return mark


def signed_in(verb: Callable[P, R]) -> Callable[P, R]:
    """Mark a verb that a person uses on what is their own, outside any tenant; the first argument is their user id."""
    verb.__permission__ = "signed_in"  # type: ignore[attr-defined]
    return verb


def system_only(verb: Callable[P, R]) -> Callable[P, R]:
    """Mark a verb that only the machinery may use; its first argument is a `SystemActor`."""

    @wraps(verb)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        actor = _actor_of(verb, args, kwargs)
        if not isinstance(actor, SystemActor):
            raise Forbidden(_("Only the panel itself can do this."), code="system_only")
        return verb(*args, **kwargs)

    checked.__permission__ = "system_only"  # type: ignore[attr-defined]
    return checked


def check(actor: object, permission: Permission) -> None:
    """Raise `Forbidden`, naming the rule, unless `actor` is a person with `permission`."""
    if not isinstance(actor, Actor) or not actor.may(permission):
        role = _role_name(LOWEST_ROLE[permission])
        raise Forbidden(
            _("You need the role %(role)s in this community for that.", role=role),
            code=f"panel_role:{permission.value}",
        )


def role_name(role: Role) -> str:
    """The role's name in the reader's language."""
    return _role_name(role)


def _role_name(role: Role) -> str:
    return {
        Role.VIEWER: _("Viewer"),
        Role.MODERATOR: _("Moderator"),
        Role.ADMIN: _("Admin"),
        Role.OWNER: _("Owner"),
    }[role]


def _actor_of(verb: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
    if args:
        return args[0]
    if kwargs:
        return next(iter(kwargs.values()))
    raise TypeError(f"{verb.__name__} needs its actor first")
