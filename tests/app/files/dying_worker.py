"""A worker that is killed at a chosen point of keeping a file: `python -m tests.app.files.dying_worker <database> <folder> <link> <point>`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.bootstrap import create_core_app
from app.clients import Clients
from app.clients.file_store import folder as folder_store
from app.clients.file_store.folder import FolderFileStore
from app.clients.safe_http.fake import FakeSafeHttp
from app.clients.safe_http.port import Fetched
from app.domain.files import shelf
from app.domain.files.service import FILES, keep_due_files, keeping
from tests.app.files.conftest import PNG
from tests.environment import settings

POINTS = ("fetched", "announced", "half written", "stored", "settled")


def main(database_url: str, folder: str, link: str, point: str) -> None:
    """Keep what is due, and die at `point`."""
    app = create_core_app(settings(database_url, Path(folder)))
    clients: Clients = app.extensions["clients"]
    clients.safe_http = FakeSafeHttp(pages={link: Fetched(link, "image/png", PNG)})
    _die_at(point)
    with app.app_context():
        keep_due_files(FILES)
    sys.exit("nobody was killed")


def _die_at(point: str) -> None:
    if point == "fetched":
        keeping._head_of = _dying  # type: ignore[assignment]
    elif point == "announced":
        keeping._stored = _dying  # type: ignore[assignment]
    elif point == "half written":
        folder_store.os.replace = _dying  # type: ignore[assignment]
    elif point == "stored":
        FolderFileStore.put = _then_dying(FolderFileStore.put)  # type: ignore[method-assign]
    else:
        keeping._settled = _then_dying(keeping._settled)
    assert point in POINTS and shelf


def _dying(*_arguments: Any, **_named: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _then_dying(work: Callable[..., Any]) -> Callable[..., Any]:
    def done(*arguments: Any, **named: Any) -> Any:
        work(*arguments, **named)
        _dying()

    return done


if __name__ == "__main__":
    main(*sys.argv[1:])
