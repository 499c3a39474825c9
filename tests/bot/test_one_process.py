"""`flask up`: website, worker, beat and bot in one process, and how it ends."""

from __future__ import annotations

import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.bot.running import eventually
from tests.servers.panel import OneProcess
from tests.servers.process import Process, free_port, python
from tests.servers.sandbox import Sandbox

pytestmark = pytest.mark.processes


@pytest.fixture
def panel(sandbox: Sandbox, folder: Path) -> Iterator[OneProcess]:
    sandbox.post("/sandbox/gateway/settings", identify_spacing=0)
    running = OneProcess(sandbox, folder)
    yield running
    running.stop()


def test_one_process_serves_website_and_bot_and_ends_with_0(panel: OneProcess) -> None:
    eventually(lambda: panel.ready()["status"] == "ok" and panel.ready()["bot"] == "ok", 30, pause=1)

    began = time.monotonic()
    code = panel.stop(signal.SIGTERM)

    assert code == 0, panel.process.output
    assert time.monotonic() - began < 10
    assert panel.is_alone()


def test_it_ends_on_ctrl_c_although_the_parent_ignored_it(sandbox: Sandbox, folder: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        panel = OneProcess(sandbox, folder)
    finally:
        signal.signal(signal.SIGINT, before)

    assert panel.stop(signal.SIGINT) == 0, panel.process.output


@contextmanager
def taken_neighbour() -> Iterator[int]:
    """A free port whose next one somebody else holds."""
    while True:
        port = free_port()
        with socket.socket() as taken:
            if not _can_bind(taken, port + 1):
                continue
            yield port
            return


def _can_bind(taken: socket.socket, port: int) -> bool:
    try:
        taken.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def test_a_taken_port_moves_the_bots_listener_on(sandbox: Sandbox, folder: Path) -> None:
    with taken_neighbour() as port:
        running = OneProcess(sandbox, folder, port=port)
        try:
            policy = requests.get(f"{running.url}/", timeout=5).headers["Content-Security-Policy"]
            listening = int(re.findall(r"ws://127\.0\.0\.1:(\d+)", policy)[0])
            assert listening > port + 1
            assert requests.get(f"http://127.0.0.1:{listening}/health", timeout=5).json()["status"]
        finally:
            running.stop()


def test_requests_that_run_while_it_ends_are_answered(panel: OneProcess) -> None:
    statuses: list[int] = []
    refused = threading.Event()

    def ask() -> None:
        while not refused.is_set():
            try:
                statuses.append(requests.get(f"{panel.url}/healthz", timeout=5).status_code)
            except requests.ConnectionError as error:
                if "refused" not in str(error):
                    statuses.append(-1)
                refused.set()

    asking = threading.Thread(target=ask)
    asking.start()
    eventually(lambda: len(statuses) > 5)
    panel.stop()
    refused.set()
    asking.join(10)

    # 429 is an answer too: the loop asks oftener than one address may.
    assert set(statuses) <= {200, 429}


def test_the_bots_permanent_refusal_leaves_the_website_up(sandbox: Sandbox, folder: Path) -> None:
    panel = OneProcess(sandbox, folder, DISCORD_TOKEN="MTAw.wrong.token")
    try:
        eventually(lambda: panel.ready()["bot"] != "ok", pause=1)
        assert requests.get(f"{panel.url}/", timeout=5).status_code == 200
    finally:
        assert panel.stop() == 0, panel.process.output


def test_settings_that_do_not_fit_are_told_all_at_once(folder: Path) -> None:
    environment = {"FLASK_APP": "app.cli:create_cli_app", "REDIS_URL": "redis://x", "DATA_DIR": str(folder)}
    process = Process(python("-m", "flask", "up"), environment=environment)

    assert process.child.wait(30) == 2
    eventually(
        lambda: all(name in process.output for name in ("DISCORD_TOKEN", "SECRET_KEYS", "BOT_API_SECRETS", "REDIS_URL"))
    )
