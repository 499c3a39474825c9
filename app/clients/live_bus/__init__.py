"""The live stream's log: a ring in one process, a Redis stream between processes."""

from __future__ import annotations

from app.clients.live_bus.port import LiveBus
from app.clients.live_bus.ring import RingLiveBus
from app.config import Settings


def open_live_bus(settings: Settings) -> LiveBus:
    """The adapter that `settings` call for."""
    if settings.redis_url is None:
        return RingLiveBus()
    from app.clients.live_bus.redis_streams import RedisLiveBus

    return RedisLiveBus(settings.redis_url)
