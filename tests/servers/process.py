"""A child process that is waited for, read, and always ended."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.reaper import forget_group, watch_over_group

REPOSITORY = Path(__file__).resolve().parents[2]
LOWEST_PORT, LOWEST_OF_CALLERS = 12_000, 32_000


class DidNotStart(RuntimeError):
    """The process ended, or never became ready; the message carries its output."""


def free_port() -> int:
    """A TCP port that nobody has at this moment, below those that the kernel gives to whoever calls out."""
    while True:
        # The system's dice: tests set Python's to the same numbers in every worker.
        port = LOWEST_PORT + secrets.randbelow(LOWEST_OF_CALLERS - LOWEST_PORT)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def dead_port() -> Iterator[int]:
    """A TCP port that refuses, and that nobody else can take meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


class Process:
    """One running command in its own process group."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str] | None = None, folder: Path = REPOSITORY
    ) -> None:
        self.lines: list[str] = []
        self.child = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**_bare_environment(), **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        watch_over_group(self.child.pid)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def output(self) -> str:
        return "\n".join(self.lines[-200:])

    def wait_for(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Return when `ready()` is true. Raises `DidNotStart` when the process ends first or time is up."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if ready():
                return
            if self.child.poll() is not None:
                raise DidNotStart(f"{self.child.args} ended with {self.child.returncode}:\n{self.output}")
            time.sleep(0.02)
        self.stop()
        raise DidNotStart(f"{self.child.args} was not ready in {seconds} s:\n{self.output}")

    def wait_for_line(self, beginning: str, seconds: float = 60) -> str:
        """The first output line that starts so."""
        self.wait_for(lambda: any(line.startswith(beginning) for line in list(self.lines)), seconds)
        return next(line for line in self.lines if line.startswith(beginning))

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 15) -> int:
        """End the process (its whole group if it does not obey) and return its exit code."""
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        code = self.child.wait()
        forget_group(self.child.pid)
        self._reader.join(2)
        return code


def python(*arguments: str) -> list[str]:
    """The command that runs this interpreter."""
    return [sys.executable, *arguments]


def accepts(port: int) -> bool:
    """True where something listens on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _bare_environment() -> dict[str, str]:
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "DISCORD_SPEC_DIR")
    return {name: os.environ[name] for name in keep if name in os.environ} | {"PYTHONUNBUFFERED": "1"}
