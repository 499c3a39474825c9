"""`python -m tests.bench [name …]`: run benchmarks, print the table, write build/bench.json. SCALE sets the data size."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable

from tests.bench import backfill, flood_memory, gateway, ingest, search
from tests.bench.report import Figure, print_table, write_json

SMALLEST_SCALE = 20_000
"""Messages; what CI runs. SCALE=100k, 1m, 5m show what growth costs."""

TIMES = {"k": 1_000, "m": 1_000_000}

BENCHES: dict[str, Callable[[int], list[Figure]]] = {
    "ingest": ingest.run,
    "gateway": gateway.run,
    "flood": flood_memory.run,
    "search": search.run,
    "backfill": backfill.run,
}


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - BENCHES.keys()
    if unknown:
        print(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
        return 2
    logging.disable(logging.INFO)
    gc.freeze()
    scale = scale_of(os.environ.get("SCALE") or str(SMALLEST_SCALE))
    figures: list[Figure] = []
    for name, bench in BENCHES.items():
        if not wanted or name in wanted:
            figures += bench(scale)
    print_table(figures)
    write_json(figures)
    return 0


def scale_of(text: str) -> int:
    """Messages: 20000, 20k, 5m. Raises `ValueError` for anything else."""
    times = TIMES.get(text[-1:].lower())
    return int(text) if times is None else int(text[:-1]) * times


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
