"""`make demo`: the whole product with a stand-in Discord, on this machine alone.

Keeps its state under `var/demo`, or where `--state` says: the database, throw-away keys made at the first start, and the sandbox's seed.
Prints one line `ready http://127.0.0.1:<port>` with whom to sign in as. Ctrl-C or a kill ends everything.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from types import FrameType

REPOSITORY = Path(__file__).resolve().parents[1]
USUAL_STATE = REPOSITORY / "var" / "demo"
SECONDS_TO_START = 90
SEED = "7"


def main() -> int:
    """Start the sandbox, migrate, seed, start the panel, and wait for either to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--scenario", default="community", choices=("community", "small"))
    parser.add_argument("--state", type=Path, default=USUAL_STATE, metavar="DIR", help="keep everything here")
    arguments = parser.parse_args()
    demo = Demo(arguments.port, state=arguments.state.resolve(), scenario=arguments.scenario)
    signal.signal(signal.SIGTERM, demo.asked_to_end)
    signal.signal(signal.SIGINT, demo.asked_to_end)
    return demo.run()


class Demo:
    """The two processes and what they share. `talk` is the mean of seconds between messages; None keeps the stand-in silent."""

    def __init__(self, port: int, *, state: Path, scenario: str = "community", talk: float | None = 6) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self.port = _port_or_next(port)
        self.state = state
        self.scenario = scenario
        self.talk = talk
        self.panel_url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = ""
        self.environment: dict[str, str] = {}
        self.children: list[subprocess.Popen[str]] = []
        self.ending = threading.Event()

    def asked_to_end(self, _number: int, _frame: FrameType | None) -> None:
        self.ending.set()

    def run(self) -> int:
        """Start, say so, and stay until asked to end or until a process ends by itself."""
        try:
            self.start()
            if not self.ending.is_set():
                print(self.welcome(), flush=True)
            while not self.ending.wait(0.5):
                ended = next((child for child in self.children if child.poll() is not None), None)
                if ended is not None:
                    print(f"a process ended with {ended.returncode}; see {self.state / 'panel.log'}", file=sys.stderr)
                    return 1
            return 0
        finally:
            self.end()

    def start(self) -> None:
        """Both processes run, and the first start has filled the panel. Whoever calls this calls `end` too."""
        self.sandbox_url = self.start_sandbox()
        self.environment = self.environment_of_panel()
        self._run("-m", "flask", "db", "upgrade")
        self.start_panel()
        self._wait_until_ready()
        self.seed_once()

    def start_sandbox(self) -> str:
        """Start the stand-in; its address."""
        command = [sys.executable, "-m", "sandbox", "--port", str(_port_or_next(self.port + 10)), "--seed", SEED]
        command += ["--scenario", self.scenario, "--installed", "A,B", "--state", str(self.state / "sandbox.state")]
        if self.talk is not None:
            command += ["--talk", str(self.talk)]
        child = self.start_process(command, clean_environment(), log="sandbox.log")
        ready = _line_of(self.state / "sandbox.log", "sandbox ready", child, self.ending)
        return ready.split()[-1]

    def start_panel(self) -> None:
        """The product, in one process."""
        self.start_process([sys.executable, "-m", "flask", "up"], self.environment, log="panel.log")

    def environment_of_panel(self) -> dict[str, str]:
        """Every setting that the panel starts with."""
        sandbox_url = self.sandbox_url
        credentials = json.load(urllib.request.urlopen(f"{sandbox_url}/sandbox/credentials", timeout=10))
        address = f"127.0.0.1:{sandbox_url.rsplit(':', 1)[1]}"
        return {
            **clean_environment(),
            **throw_away_keys(self.state / "keys.json"),
            "PORT": str(self.port),
            "PUBLIC_URL": self.panel_url,
            "DATA_DIR": str(self.state),
            "DATABASE_URL": f"sqlite:///{self.state / 'panel.sqlite3'}",
            "DISCORD_TOKEN": credentials["bot_token"],
            "DISCORD_CLIENT_ID": str(credentials["client_id"]),
            "DISCORD_CLIENT_SECRET": credentials["client_secret"],
            "DISCORD_API_URL": f"{sandbox_url}/api/v10",
            "DISCORD_AUTHORIZE_URL": f"{sandbox_url}/oauth2/authorize",
            "DISCORD_CDN_HOSTS": address,
            "OUTBOUND_ALLOW": address,
            "DEVELOPMENT": "1",
        }

    def seed_once(self) -> None:
        """At the first start: the communities installed, with staff and a past."""
        done = self.state / "seeded"
        if self.ending.is_set() or done.exists():
            return
        self._run("-m", "scripts.seed", self.panel_url, self.sandbox_url)
        done.touch()

    def _run(self, *arguments: str) -> None:
        needed = {name: value for name, value in self.environment.items() if name != "DISCORD_TOKEN"}
        log = self.state / "set-up.log"
        with log.open("w") as output:
            done = subprocess.run(
                [sys.executable, *arguments], cwd=REPOSITORY, env=needed, stdout=output, stderr=output, check=False
            )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(arguments)} failed; the end of its log:\n{_tail(log)}")

    def start_process(self, command: list[str], environment: dict[str, str], *, log: str) -> subprocess.Popen[str]:
        """One more process that ends with the demo; its output goes to this file of the state folder."""
        with (self.state / log).open("w") as output:
            child = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=environment,
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )
        self.children.append(child)
        return child

    def _wait_until_ready(self) -> None:
        ends = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < ends and not self.ending.is_set():
            if self.children[-1].poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.panel_url}/readyz", timeout=2)
                return
            except OSError:
                time.sleep(0.2)
        if not self.ending.is_set():
            raise SystemExit(f"the panel did not become ready; the end of its log:\n{_tail(self.state / 'panel.log')}")

    def welcome(self) -> str:
        """What is printed once everything runs; its first line begins with `ready`."""
        return (
            f"ready {self.panel_url}\n"
            f"  sign in as Alice (owner of Snowfall Village), Bob (its moderator) or Vera (a member): Discord's page asks who you are\n"
            f"  act as anybody in the stand-in Discord: {self.sandbox_url}/sandbox/\n"
            f"  Ctrl-C ends all of it"
        )

    def end(self) -> None:
        """End every process that was started, with all its children."""
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
        ends = time.monotonic() + 12
        for child in self.children:
            try:
                child.wait(max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()


def throw_away_keys(file: Path) -> dict[str, str]:
    """Throw-away keys, the same at every start so that sessions outlive a restart."""
    if not file.exists():
        made = {
            "SECRET_KEYS": "d1:" + base64.b64encode(secrets.token_bytes(64)).decode(),
            "ENCRYPTION_KEYS": "d1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            "BOT_API_SECRETS": secrets.token_hex(32),
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(made))
    keys: dict[str, str] = json.loads(file.read_text())
    return keys


def clean_environment() -> dict[str, str]:
    """What a process needs of ours, and none of the settings that happen to be set."""
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in keep if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


def _port_or_next(port: int) -> int:
    for candidate in range(port, port + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
                return candidate
            except OSError:
                continue
    raise SystemExit(f"no free port from {port} on; choose one with PORT=")


def _line_of(log: Path, beginning: str, child: subprocess.Popen[str], ending: threading.Event) -> str:
    ends = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends and child.poll() is None and not ending.is_set():
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith(beginning):
                return line
        time.sleep(0.05)
    raise SystemExit(f"the sandbox did not start; the end of its log:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


if __name__ == "__main__":
    sys.exit(main())
