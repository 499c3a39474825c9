"""How often a caller may ask, by route class. Counted in Redis; while it is away, a quarter per process in memory."""

from __future__ import annotations

import logging

from flask import Flask, g, request
from flask_babel import gettext as _
from limits import RateLimitItem, parse, parse_many

from app.config import Settings
from app.domain.callers import counted_address
from app.domain.errors import Unavailable
from app.extensions import limiter
from app.web.accounts.cookies import visitor
from app.web.guards import SAFE_METHODS, ClassRules, CountedBy, RouteClass, class_here, rules_here

log = logging.getLogger(__name__)

FALLBACK_SHARE = 4
REDIS_SECONDS = 0.25
WAIT_SECONDS = 60


class TooManyTogether(Unavailable):
    """The callers of one community have together used up what they have in a minute."""

    status = 429
    code = "too_many_requests"


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


def register_community_limits(app: Flask) -> None:
    """Count for the community whoever was let into it: a stranger must not use up what others have there."""
    app.before_request(_count_for_the_community)


def _name_the_caller() -> None:
    way = "read" if request.method in SAFE_METHODS else "write"
    if class_here() is RouteClass.LOGIN:
        way = str(request.endpoint)  # one sign-in is two requests; what is limited is sign-ins
    g.limit_key = f"{class_here()}:{way}:{_caller(rules_here())}"


def _caller(rules: ClassRules) -> str:
    who = visitor() if rules.counted_by is not CountedBy.ADDRESS else None
    if who is None:
        return f"address:{counted_address(request.remote_addr)}"
    return f"user:{who.user_id}" if rules.counted_by is CountedBy.USER else f"session:{who.session_id}"


def _count_for_the_community() -> None:
    words = rules_here().of_a_community
    if words is None or "tenant" not in g:
        return
    counting = limiter.limiter
    item = parse(words if counting.storage is limiter.storage else _quarter(parse(words)))
    try:
        fits = counting.hit(item, f"{class_here()}:community:{g.tenant.id}")
    except limiter.storage.base_exceptions as error:
        # Redis died since this request was counted for its caller; the next one finds it dead.
        log.warning("limits.not_counted", extra={"error": type(error).__name__})
        return
    if not fits:
        raise TooManyTogether(
            _("This community asks too much of the bot in a short time. Wait a minute."), retry_after=WAIT_SECONDS
        )


def _limit_here() -> str:
    rules = rules_here()
    return rules.reads if request.method in SAFE_METHODS else rules.writes


def _fallback_limit_here() -> str:
    return ";".join(_quarter(item) for item in parse_many(_limit_here()))


def _quarter(item: RateLimitItem) -> str:
    return f"{max(1, item.amount // FALLBACK_SHARE)}/{item.multiples} {item.GRANULARITY.name}"
