"""What only the bot can do and nobody asks for: settling acts whose outcome is unknown."""

from __future__ import annotations

import asyncio
import logging

from app.config import Timings
from app.domain.access import SystemActor
from app.domain.moderation import service as moderation
from bot.budget import CallClass, calling_as
from bot.database import Domain

log = logging.getLogger(__name__)

SWEEP = SystemActor("moderation_sweep")
VERBS = (moderation.settle_unknown_outcomes, moderation.expire_timeouts)


class Sweeper:
    """Looks through each queue of the bot's own every few seconds; any number of bots may."""

    def __init__(self, domain: Domain, timings: Timings) -> None:
        self._domain = domain
        self._timings = timings
        self._runner: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._runner = asyncio.create_task(self._run(), name="bot sweeps")

    async def close(self) -> None:
        """Stop; what is claimed is taken again when its lease runs out."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._timings.sweep)
            for verb in VERBS:
                try:
                    with calling_as(CallClass.RECONCILE):
                        await self._domain.run(verb, SWEEP)
                except Exception:
                    log.exception("sweep.failed", extra={"verb": verb.__name__})
