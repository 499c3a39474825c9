"""The time zone that the reader's browser is in, so that `on:today` means their today. The page's script names it in a cookie."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from flask import request

COOKIE = "zone"


def reader_zone() -> tzinfo:
    """The zone that the browser names; UTC where it names none that exists."""
    name = request.cookies.get(COOKIE, "")
    return ZoneInfo(name) if name in _zones() else UTC


_known: set[str] = set()


def _zones() -> set[str]:
    if not _known:
        _known.update(available_timezones())
    return _known
