"""What a flood costs the bot: more events than the database takes, for FLOOD_SECONDS, and what the process grows by.

A process of its own runs the bot's path from its queue to the database; the queue overflows all the time, every word
is new in every tenth message. `FLOOD_SECONDS=600 python -m tests.bench flood` is the ten minutes of the promise.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import uvloop
from flask import Flask

from bot.batching import CAPACITY, MessageBatcher, Received
from bot.database import Domain
from bot.factory import forget_what_stays
from tests.bench.corpus import Shape, Talk
from tests.bench.flood import index
from tests.bench.report import Figure
from tests.bench.stores import archive_on
from tests.servers.database import private_database

SHORTEST = 20
GOAL = 1.15
FED_AT_ONCE = 1_000
MIB = 1 << 20


def run(_scale: int) -> list[Figure]:
    """The figure `flood.memory`: MiB at the end, beside MiB after the first quarter, when all that is bounded is full."""
    seconds = int(os.environ.get("FLOOD_SECONDS") or SHORTEST)
    server = private_database()
    try:
        with tempfile.TemporaryDirectory(prefix="panel-bench-") as folder:
            command = [sys.executable, "-m", "tests.bench.flood_memory", server.url("flood"), folder, str(seconds)]
            output = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 120)
    finally:
        server.stop()
    assert output.returncode == 0, output.stderr[-2000:]
    early, late, written, dropped = map(float, output.stdout.split()[-4:])
    assert written and dropped, "that was no flood"
    told = f"itself after {seconds // 4} s; {written:,.0f} written, {dropped:,.0f} dropped"
    return [Figure("flood.memory", late / MIB, early / MIB, GOAL, "lower", "MiB", told)]


async def _flood(app: Flask, seconds: int) -> tuple[int, int, int, int]:
    domain = Domain(app)

    async def write(batch: list[Received]) -> None:
        await domain.archive(index, batch)

    gaps: dict[int, int] = {}
    batcher = MessageBatcher(write, on_dropped=lambda channel, message, _ms: gaps.__setitem__(channel, message))
    batcher.start()
    talk = Talk(Shape(1))
    began, early = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        for number, record in enumerate(talk.records(FED_AT_ONCE)):
            if number % 10 == 0:
                record.payload["content"] = " ".join(uuid4().hex for _ in range(20))  # type: ignore[index]
            batcher.put(record.kind.value, record.payload)  # type: ignore[arg-type]
        assert batcher.depth <= CAPACITY
        await asyncio.sleep(0.005)
        if not early and passed > seconds / 4:
            early = _resident()
    late = _resident()
    await batcher.drain()
    await asyncio.to_thread(domain.close)
    assert gaps, "nobody was told what was dropped"
    return early, late, batcher.written, batcher.dropped


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _main(url: str, folder: str, seconds: str) -> None:
    logging.disable(logging.CRITICAL)
    with archive_on(url, Path(folder)) as app:
        forget_what_stays()
        print(*uvloop.run(_flood(app, int(seconds))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
