"""The bot's own way from its queue to the database, fed faster than it can write."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import uvloop
from flask import Flask

from app.domain.messages.records import ArchiveRecord
from bot.batching import MessageBatcher, Received
from bot.database import Domain
from bot.process import index_received

FED_AT_ONCE = 1_000
KEPT_WAITING = 6_000
"""Below the queue's capacity: nothing is dropped."""


Take = Callable[[list[Received]], object]


def index(batch: list[Received]) -> None:
    """What the bot does with a batch; nothing may be set aside."""
    assert not index_received(batch).set_aside


def write_all(app: Flask, records: Sequence[ArchiveRecord], take: Take = index) -> float:
    """Put each record's payload into the bot's queue as the gateway would; seconds until `take` has taken all of it."""
    return uvloop.run(_write_all(app, records, take))


async def _write_all(app: Flask, records: Sequence[ArchiveRecord], take: Take) -> float:
    domain = Domain(app)

    async def write(batch: list[Received]) -> None:
        await domain.archive(take, batch)

    batcher = MessageBatcher(write)
    batcher.start()
    started = time.perf_counter()
    for start in range(0, len(records), FED_AT_ONCE):
        for record in records[start : start + FED_AT_ONCE]:
            batcher.put(record.kind.value, record.payload)  # type: ignore[arg-type]
        await asyncio.sleep(0)
        while batcher.depth > KEPT_WAITING:
            await asyncio.sleep(0.02)
    while batcher.written + batcher.set_aside < len(records):
        await asyncio.sleep(0.005)
    seconds = time.perf_counter() - started
    await batcher.drain()
    assert batcher.written == len(records), "the flood was not taken whole"
    await asyncio.to_thread(domain.close)
    return seconds
