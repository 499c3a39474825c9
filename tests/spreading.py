"""How the suite is spread over workers: what shares servers stays together, and a worker changes its database once.

A pytest plugin, loaded by `tests/conftest.py`. Without it pytest-xdist hands out single tests: each worker would start
a file's servers for itself, and a test would look in vain for what the one before it has left.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

LONGEST_FIRST = ("tests/journeys/", "tests/bot/", "tests/isolation/")
"""Begun early, so that nobody waits at the end for one worker alone."""
BACKENDS = ("sqlite", "mariadb")


class FileByFile(LoadScopeScheduling):
    """Gives each file, per database, to one worker, in the order of collection."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        path, _colons, name = nodeid.partition("::")
        return f"{path} {backend_of(name)}"


def backend_of(name: str) -> str:
    """The database that a test's name says it runs on; empty where it needs none."""
    parameters = name.partition("[")[2].rstrip("]").split("-")
    return next((part for part in parameters if part in BACKENDS), "")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileByFile:
    """Called where `-n` is given."""
    return FileByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by database, then what takes longest first; pytest's own order within."""
    items.sort(key=lambda item: (_runs_on_a_server(item.nodeid), not item.nodeid.startswith(LONGEST_FIRST)))


def _runs_on_a_server(nodeid: str) -> bool:
    return backend_of(nodeid.partition("::")[2]) not in ("", "sqlite")
