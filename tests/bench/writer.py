"""`python -m tests.bench.writer URL FOLDER`: writes 200 messages a second into an archive until it is ended."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path

from app.bootstrap import create_core_app
from app.domain.clock import DISCORD_EPOCH_MS
from app.domain.messages import service
from app.domain.messages.records import ArchiveRecord
from tests.bench.corpus import Shape, Talk
from tests.bench.stores import BENCH
from tests.environment import settings

A_SECOND = 200
BATCHES_A_SECOND = 20


def main(url: str, folder: str) -> None:
    logging.disable(logging.INFO)
    talk = Talk(Shape(A_SECOND), seed=11)
    with create_core_app(settings(url, Path(folder))).app_context():
        print("writing", flush=True)
        due = time.monotonic()
        while True:
            records = [_now(record) for record in talk.records(A_SECOND // BATCHES_A_SECOND)]
            service.index_batch(BENCH, records)
            due += 1 / BATCHES_A_SECOND
            time.sleep(max(0.0, due - time.monotonic()))


def _now(record: ArchiveRecord) -> ArchiveRecord:
    """The record as if it were written now: later than the whole corpus."""
    message_id = (time.time_ns() // 1_000_000 - DISCORD_EPOCH_MS) << 22 | int(record.payload["id"]) & 0xFFF
    return record._replace(payload={**record.payload, "id": str(message_id)})


if __name__ == "__main__":
    main(*sys.argv[1:])
