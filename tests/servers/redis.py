"""A private Redis without persistence."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.servers.process import Process, accepts, free_port
from tests.servers.reaper import watch_over_folder


class Redis:
    """`url` is its address."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="panel-redis-"))
        watch_over_folder(self.folder)
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it (again) on the same port."""
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("redis-server is missing: apt-get install redis-server (make test does it)")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = Process([program, *options, "--dir", str(self.folder)])
        self.process.wait_for(lambda: accepts(self.port))

    def stop(self) -> None:
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
