"""A sandbox that outlives its process: the demo's community is the same after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiohttp import web

from sandbox.discord.world import World

SECONDS_BETWEEN_SAVES = 15.0
NOT_KEPT = frozenset({"_subscribers", "public_url"})


@dataclass(frozen=True)
class Kept:
    """What a state file held: the world, and the moment its scenario was built at."""

    world: World
    built_at: datetime


def read_state(file: Path, seed: int, scenario: str) -> Kept | None:
    """The world of an earlier run with the same seed and scenario; None where there is none that can be read."""
    try:
        kept = pickle.loads(file.read_bytes())
        if (kept["seed"], kept["scenario"]) != (seed, scenario):
            return None
        world = World(seed)
        world.__dict__.update(kept["world"])
    except (OSError, EOFError, KeyError, TypeError, AttributeError, ImportError, pickle.UnpicklingError):
        return None
    return Kept(world, kept["built_at"])


def write_state(file: Path, world: World, scenario: str, built_at: datetime) -> None:
    """Write all of it at once, or leave the old file as it was."""
    kept = {name: value for name, value in world.__dict__.items() if name not in NOT_KEPT}
    fresh = file.with_suffix(".new")
    fresh.write_bytes(pickle.dumps({"seed": world.seed, "scenario": scenario, "built_at": built_at, "world": kept}))
    fresh.replace(file)


def keep_state(app: web.Application, save: Callable[[], None]) -> None:
    """Save every quarter of a minute, and once more at the end."""

    async def saving(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(_save_again_and_again(save))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        save()

    app.cleanup_ctx.append(saving)


async def _save_again_and_again(save: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_SAVES)
        save()
