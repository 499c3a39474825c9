"""Route classes and access marks (design section 6). No route exists without both: `refuse_unguarded` sees to it.

A blueprint names its class: `blueprint = GuardedBlueprint("staff", __name__, guard=RouteClass.PAGE)`. A view names who may
come in: `@needs(Permission.X)` under `/servers/<g>`, `@needs_sign_in`, `@open_to_all`, or `@signed_by_bot`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app, request

from app.domain.access import Permission

View = TypeVar("View", bound=Callable[..., Any])
KIB = 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class RouteClass(StrEnum):
    """What kind of door a route is."""

    PAGE = "page"
    LOGIN = "login"
    JSON = "json"
    PROXY = "proxy"
    SIGNED = "signed"
    PUBLIC = "public"
    IMAGE = "image"


class CountedBy(StrEnum):
    """Whom a limit counts."""

    USER = "user"
    SESSION = "session"
    ADDRESS = "address"


@dataclass(frozen=True)
class ClassRules:
    """What every route of a class shares. Limits are in the words of flask-limiter, reads and writes apart."""

    checks_origin: bool
    reads_origin_too: bool
    body_bytes: int
    reads: str
    writes: str
    counted_by: CountedBy
    answers_json: bool = False
    of_a_community: str | None = None
    """What all callers of one community have together, reads and writes; counted once somebody was let in."""


RULES: dict[RouteClass, ClassRules] = {
    RouteClass.PAGE: ClassRules(True, False, 256 * KIB, "300/minute", "60/minute", CountedBy.USER),
    RouteClass.LOGIN: ClassRules(False, False, 16 * KIB, "10/minute;60/hour", "10/minute;60/hour", CountedBy.ADDRESS),
    RouteClass.JSON: ClassRules(True, True, 64 * KIB, "120/minute", "120/minute", CountedBy.SESSION, True),
    RouteClass.PROXY: ClassRules(True, True, 64 * KIB, "120/minute", "30/minute", CountedBy.USER, True, "300/minute"),
    RouteClass.SIGNED: ClassRules(False, False, 1024 * KIB, "600/minute", "600/minute", CountedBy.ADDRESS, True),
    RouteClass.PUBLIC: ClassRules(True, False, 16 * KIB, "120/minute", "120/minute", CountedBy.ADDRESS),
    RouteClass.IMAGE: ClassRules(False, False, 16 * KIB, "600/minute", "600/minute", CountedBy.ADDRESS),
}

UNROUTED = RULES[RouteClass.PUBLIC]
"""What a request meets whose path is no route."""


class AccessKind(StrEnum):
    PERMISSION = "permission"
    SIGNED_IN = "signed_in"
    ANYONE = "anyone"
    SIGNATURE = "signature"


@dataclass(frozen=True)
class Access:
    """Who may come in. `permission` is of the community in the URL."""

    kind: AccessKind
    permission: Permission | None = None


class GuardedBlueprint(Blueprint):
    """A blueprint with a route class."""

    def __init__(self, name: str, import_name: str, *, guard: RouteClass, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.guard = guard


def needs(permission: Permission) -> Callable[[View], View]:
    """The view's URL names a community, and the person must hold `permission` there."""
    return _marked(Access(AccessKind.PERMISSION, permission))


def needs_sign_in(view: View) -> View:
    """The view is about the person's own things; whatever community it touches, it must ask for itself."""
    return _marked(Access(AccessKind.SIGNED_IN))(view)


def open_to_all(view: View) -> View:
    """Anybody may come in."""
    return _marked(Access(AccessKind.ANYONE))(view)


def signed_by_bot(view: View) -> View:
    """The caller is the bot, and its signature has been checked before the view runs."""
    return _marked(Access(AccessKind.SIGNATURE))(view)


def _marked(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.__access__ = access  # type: ignore[attr-defined]
        return view

    return mark


def rules_here() -> ClassRules:
    """The rules that this request meets."""
    blueprint = current_app.blueprints.get(request.blueprint or "")
    return RULES[blueprint.guard] if isinstance(blueprint, GuardedBlueprint) else UNROUTED


def class_here() -> RouteClass:
    """The class of the route that this request has found; public where it found none."""
    blueprint = current_app.blueprints.get(request.blueprint or "")
    return blueprint.guard if isinstance(blueprint, GuardedBlueprint) else RouteClass.PUBLIC


def access_here() -> Access | None:
    """The mark of the view that this request has found; None where it found none."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "__access__", None)


class UnguardedRoute(RuntimeError):
    """A route lacks its class or its mark: a programming error, found when the app starts."""


def refuse_unguarded(app: Flask) -> None:
    """Raise `UnguardedRoute`, naming each route, unless every route has a class and a mark that fit."""
    wrong = [
        f"{rule.rule} ({rule.endpoint}): {problem}"
        for rule in app.url_map.iter_rules()
        if (problem := _problem(app, rule))
    ]
    if wrong:
        raise UnguardedRoute("Routes without a guard:\n  " + "\n  ".join(wrong))


def _problem(app: Flask, rule: Any) -> str | None:
    blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
    access: Access | None = getattr(app.view_functions.get(rule.endpoint), "__access__", None)
    if not isinstance(blueprint, GuardedBlueprint):
        return "its blueprint has no class. Cure: GuardedBlueprint(…, guard=RouteClass.PAGE)"
    if access is None:
        return "its view has no mark. Cure: @needs(Permission.X), @needs_sign_in, @open_to_all or @signed_by_bot"
    if access.kind is AccessKind.PERMISSION and "guild_id" not in rule.arguments:
        return "a permission is of a community. Cure: put <snowflake:guild_id> into the URL, or @needs_sign_in"
    if (access.kind is AccessKind.SIGNATURE) != (blueprint.guard is RouteClass.SIGNED):
        return "signed routes and the signature mark belong together"
    return None
