"""Ends the servers of a test run that is no more, however it ended: killed runs clean up nothing themselves.

One small process per test process hears of each server over a pipe. The pipe closes with the test process; whatever was
not taken back by then is killed and removed. (The kernel's parent-death signal would not do: it follows the thread that
started a server, and knows no grandchildren.)
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path


def watch_over_group(group: int) -> None:
    """Kill this process group when the test process is gone."""
    _tell("+group", str(group))


def forget_group(group: int) -> None:
    """It has ended; its number may soon be another's."""
    _tell("-group", str(group))


def watch_over_folder(folder: Path) -> None:
    """Remove this folder when the test process is gone."""
    _tell("+folder", str(folder))


def _tell(verb: str, what: str) -> None:
    reaper = _reaper()
    assert reaper.stdin is not None
    reaper.stdin.write(f"{verb} {what}\n".encode())
    reaper.stdin.flush()


@cache
def _reaper() -> subprocess.Popen[bytes]:
    # Bare (-S -E): it needs nothing but the standard library, and starts at once.
    return subprocess.Popen(
        [sys.executable, "-S", "-E", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[str, str] = {}
    folders: list[str] = []
    for line in sys.stdin:
        verb, what = line.rstrip("\n").split(" ", 1)
        if verb == "+group":
            groups[what] = _birth(what)
        elif verb == "-group":
            groups.pop(what, None)
        else:
            folders.append(what)
    for group, birth in groups.items():
        _kill(group, birth)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _kill(group: str, birth: str) -> None:
    # While a member lives the number is the group's; where its leader was born at another time it is somebody else's.
    if _birth(group) in ("", birth):
        with suppress(ProcessLookupError):
            os.killpg(int(group), signal.SIGKILL)


def _birth(process: str) -> str:
    """When it began, in the kernel's ticks; empty where there is no such process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


if __name__ == "__main__":
    _main()
