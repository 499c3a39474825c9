"""`make dev`: begin anew when the Python sources change."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = ("app", "bot", "tasks")


class SourceWatch(threading.Thread):
    """Sets `stopping` once a source file is other than at the start, and whole enough to be compiled."""

    def __init__(self, loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
        super().__init__(name="source watch", daemon=True)
        self._loop = loop
        self._stopping = stopping
        self._known = dict(_times())
        self._woken = threading.Event()
        self.saw_change = False

    def run(self) -> None:
        while not self._woken.wait(LOOK_SECONDS):
            now = dict(_times())
            changed = {path for path, _time in now.items() ^ self._known.items()}
            self._known = now
            if changed and all(_compiles(path) for path in changed):
                log.info("up.reloading changed=%s", ", ".join(sorted(path.name for path in changed)))
                self.saw_change = True
                self._loop.call_soon_threadsafe(self._stopping.set)
                return


def _times() -> Iterator[tuple[Path, int]]:
    for folder in FOLDERS:
        for path in (REPOSITORY / folder).rglob("*.py"):
            try:
                yield path, path.stat().st_mtime_ns
            except OSError:
                continue


def _compiles(path: Path) -> bool:
    try:
        compile(path.read_text(), str(path), "exec")
    except OSError:
        return True
    except (SyntaxError, ValueError) as error:
        log.warning("up.not_reloading %s: %s", path.name, error)
        return False
    return True
