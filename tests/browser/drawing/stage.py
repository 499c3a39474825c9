"""A demo with throw-away state, a web process that has lost the bot, and ones in worse trouble."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.demo import Demo
from scripts.visitor import Visitor
from tests.servers.process import free_port

SECONDS_TO_START = 40


@dataclass
class Stage:
    """Where scenes are drawn. `panels` are base addresses by name: `usual`, `alone` (no bot), `cut_off` (no Discord
    either), `broken` (some rows cannot be read), `no_database`."""

    folder: Path
    panels: dict[str, str] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)
    """What one scene finds out and a later one needs: ids, links."""
    demo: Demo = field(init=False)
    _visitors: dict[int, Visitor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.demo = Demo(free_port(), state=self.folder, talk=None)

    def open(self) -> None:
        """Start the demo and fill it. Whoever calls this calls `close`."""
        self.demo.start()
        self.panels["usual"] = self.demo.panel_url

    def close(self) -> None:
        """End every process."""
        self.demo.end()

    def panel(self, name: str) -> str:
        """The address of a panel, started at its first use."""
        if name not in self.panels:
            self.panels[name] = self._web(name, self._trouble(name))
        return self.panels[name]

    def visitor(self, user_id: int) -> Visitor:
        """A person at the usual panel without a browser. They sign in once: sign-ins are counted."""
        if user_id not in self._visitors:
            self._visitors[user_id] = Visitor(self.panel("usual"), user_id)
        return self._visitors[user_id]

    def install(self, owner: int, guild_id: int) -> None:
        """Install the bot as its owner does."""
        self._visitors[owner] = Visitor(self.panel("usual"), owner, install=guild_id)

    def act(self, as_user: int, do: str, **what: Any) -> Any:
        """Do something on the stand-in Discord as a member."""
        stringed = {name: str(value) if name.endswith("_id") else value for name, value in what.items()}
        return self.control("act", **{"as": str(as_user), "do": do, **stringed})

    def control(self, path: str, **body: Any) -> Any:
        """A control call of the stand-in Discord."""
        request = urllib.request.Request(
            f"{self.demo.sandbox_url}/sandbox/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def bot_id(self) -> int:
        """Whose account the bot is."""
        with urllib.request.urlopen(f"{self.demo.sandbox_url}/sandbox/credentials", timeout=10) as answer:
            return int(json.load(answer)["client_id"])

    def state(self, guild_id: int) -> dict[str, Any]:
        """A server as the stand-in Discord has it."""
        with urllib.request.urlopen(f"{self.demo.sandbox_url}/sandbox/state/{guild_id}", timeout=30) as answer:
            state: dict[str, Any] = json.load(answer)
        return state

    def run(self, *arguments: str) -> None:
        """Run a Python module beside the panel, on its database."""
        environment = {name: value for name, value in self.demo.environment.items() if name != "DISCORD_TOKEN"}
        subprocess.run([sys.executable, *arguments], env=environment, check=True)

    def _trouble(self, name: str) -> dict[str, str]:
        nobody_listens = f"http://127.0.0.1:{free_port()}"
        without_bot = {"BOT_API_URL": nobody_listens, "LIVE_URL": nobody_listens}
        if name == "alone":
            return without_bot
        if name == "cut_off":
            return {**without_bot, "DISCORD_API_URL": f"{nobody_listens}/api/v10"}
        if name == "broken":
            return {"DATABASE_URL": f"sqlite:///{self._damaged_copy()}"}
        assert name == "no_database", f"no such panel: {name}"
        return {"DATABASE_URL": f"sqlite:///{self.folder / 'nowhere' / 'panel.sqlite3'}"}

    def _damaged_copy(self) -> Path:
        """The database once more, with one column that no program can read."""
        copy = self.folder / "damaged.sqlite3"
        with sqlite3.connect(self.folder / "panel.sqlite3") as good, sqlite3.connect(copy) as bad:
            good.backup(bad)
            bad.execute("UPDATE guild_members SET role_ids = '{'")
        return copy

    def _web(self, name: str, trouble: dict[str, str]) -> str:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        # The public address stays the usual one, so that who is signed in there is signed in here.
        environment = {**self.demo.environment, "PORT": str(port), **trouble}
        del environment["DISCORD_TOKEN"]
        command = [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{port}", "wsgi:app"]
        self.demo.start_process(command, environment, log=f"{name}.log")
        ends = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < ends:
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=2)
                return url
            except urllib.error.HTTPError:
                return url
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{name} did not start; see {self.folder / name}.log")


def throw_away_folder() -> Path:
    """A folder of its own in memory where there is some, else on the disk."""
    import tempfile

    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="panel-pictures-", dir=memory if os.access(memory, os.W_OK) else None))


def forget(folder: Path) -> None:
    """Take the folder away."""
    shutil.rmtree(folder, ignore_errors=True)
