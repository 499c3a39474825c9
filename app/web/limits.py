"""How often a caller may ask, by route class. Counted in Redis; while it is away, a quarter per process in memory."""

from __future__ import annotations

from flask import Flask, g, request
from limits import RateLimitItem, parse_many

from app.config import Settings
from app.extensions import limiter
from app.web.accounts.cookies import visitor
from app.web.guards import SAFE_METHODS, ClassRules, CountedBy, RouteClass, class_here, rules_here

FALLBACK_SHARE = 4
REDIS_SECONDS = 0.25


def register_limits(app: Flask, settings: Settings) -> None:
    """Count every request once, before anything else is checked."""
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
        if settings.redis_url
        else {},
        RATELIMIT_APPLICATION=_limit_here,
        RATELIMIT_IN_MEMORY_FALLBACK=_fallback_limit_here,
        RATELIMIT_REQUEST_IDENTIFIER=lambda: "site",
        RATELIMIT_KEY_PREFIX="limits",
    )
    app.before_request(_name_the_caller)
    limiter.init_app(app)


def _name_the_caller() -> None:
    way = "read" if request.method in SAFE_METHODS else "write"
    if class_here() is RouteClass.LOGIN:
        way = str(request.endpoint)  # one sign-in is two requests; what is limited is sign-ins
    g.limit_key = f"{class_here()}:{way}:{_caller(rules_here())}"


def _caller(rules: ClassRules) -> str:
    who = visitor() if rules.counted_by is not CountedBy.ADDRESS else None
    if who is None:
        return f"address:{request.remote_addr}"
    return f"user:{who.user_id}" if rules.counted_by is CountedBy.USER else f"session:{who.session_id}"


def _limit_here() -> str:
    rules = rules_here()
    return rules.reads if request.method in SAFE_METHODS else rules.writes


def _fallback_limit_here() -> str:
    return ";".join(_quarter(item) for item in parse_many(_limit_here()))


def _quarter(item: RateLimitItem) -> str:
    return f"{max(1, item.amount // FALLBACK_SHARE)}/{item.multiples} {item.GRANULARITY.name}"
