"""Servers of a test run end with it, also when it is killed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.bot.running import eventually
from tests.servers.process import Process, accepts, python

STARTS_A_SERVER = """
import time
from tests.servers.redis import Redis
server = Redis()
print("server", server.port, server.folder, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_killed_leaves_no_server_behind(how: signal.Signals) -> None:
    run = Process(python("-c", STARTS_A_SERVER))
    _word, port, folder = run.wait_for_line("server").split(" ", 2)
    assert accepts(int(port)) and Path(folder).is_dir()

    run.stop(how)

    eventually(lambda: not accepts(int(port)) and not Path(folder).exists())
