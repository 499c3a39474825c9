"""`flask up`, begun anew when the product's Python changes: the new one answers within two seconds.

Libraries cost most of a start, so they are loaded once, here; each panel is a fork that loads the product alone.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDERS = ("app", "bot", "tasks")
LOOK_SECONDS = 0.2
LIBRARIES = (
    "aiohttp.web",
    "authlib.integrations.requests_client",
    "celery.apps.worker",
    "celery.beat",
    "celery.concurrency.thread",
    "celery.worker",
    "flask_babel",
    "flask_limiter",
    "flask_login",
    "flask_migrate",
    "flask_sqlalchemy",
    "flask_talisman",
    "hikari.impl",
    "lightbulb",
    "orjson",
    "redis",
    "regex",
    "sentry_sdk",
    "sqlalchemy.dialects.mysql.pymysql",
    "sqlalchemy.dialects.sqlite",
    "uvloop",
    "waitress",
    "whitenoise",
    "wtforms",
)


def main() -> int:
    """Keep a panel running until asked to end. One that fails waits for the next change."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.split(".")[0] in FOLDERS], "a fork would keep the old code"
    gc.freeze()
    ending: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: ending.append(number))
    known = dict(_times())
    panel: int | None = _begin(after=None)
    while not ending:
        time.sleep(LOOK_SECONDS)
        panel = _still_running(panel)
        now = dict(_times())
        changed = {path for path, _time in now.items() ^ known.items()}
        known = now
        if changed and all(_compiles(path) for path in changed):
            print("begun anew after", ", ".join(sorted(path.name for path in changed)), flush=True)
            panel = _begin(after=panel)
    return _end(panel)


def _begin(after: int | None) -> int:
    """Fork a panel. It loads its code while the one before it drains, and takes over its port."""
    before = os.pidfd_open(after) if after is not None else None
    if after is not None:
        os.kill(after, signal.SIGTERM)
    child = os.fork()
    if child:
        if before is not None:
            os.close(before)
        return child
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        from app.cli.up import up

        if before is not None:
            select.select([before], [], [])
        up.main(args=[], prog_name="flask up")
    except SystemExit as ended:
        sys.stdout.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    except Exception:  # noqa: BLE001 - the fork ends here and says why
        traceback.print_exc()
    os._exit(1)


def _still_running(panel: int | None) -> int | None:
    """The panel, or None once it has ended by itself."""
    while True:
        try:
            ended, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if not ended:
            return panel
        if ended == panel:
            print("the panel has ended; waiting for a change", flush=True)
            panel = None


def _end(panel: int | None) -> int:
    if panel is None:
        return 0
    os.kill(panel, signal.SIGTERM)
    _ended, status = os.waitpid(panel, 0)
    return os.waitstatus_to_exitcode(status)


def _times() -> Iterator[tuple[Path, int]]:
    for folder in FOLDERS:
        for path in (REPOSITORY / folder).rglob("*.py"):
            try:
                yield path, path.stat().st_mtime_ns
            except OSError:
                continue


def _compiles(path: Path) -> bool:
    """False while a file is only half written, or wrong: the panel that runs is better than none."""
    try:
        compile(path.read_text(), str(path), "exec")
    except OSError:
        return True
    except (SyntaxError, ValueError) as error:
        print(f"not begun anew: {path.name}: {error}", flush=True)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
