"""The product as separate processes: website, worker, beat and bot, told of each other by the environment alone."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import requests

from tests.servers.panel import panel_environment
from tests.servers.process import Process, free_port, python
from tests.servers.sandbox import Sandbox

BIN = Path(sys.executable).parent
NOT_FOR = {
    "web": ("DISCORD_TOKEN",),
    "worker": ("DISCORD_TOKEN", "SECRET_KEYS", "DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET"),
    "beat": ("DISCORD_TOKEN", "SECRET_KEYS", "ENCRYPTION_KEYS", "BOT_API_SECRETS", "DISCORD_CLIENT_SECRET"),
    "bot": ("SECRET_KEYS", "DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET"),
}
"""Names that the process must not have, or does without."""


class SeparateProcesses:
    """Each process by its name in `processes`; all run on free loopback ports against one MariaDB and one Redis."""

    def __init__(self, sandbox: Sandbox, database_url: str, redis_url: str, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.web_port, self.bot_port = free_port(), free_port()
        bot_url = f"http://127.0.0.1:{self.bot_port}"
        self.environment = panel_environment(
            sandbox,
            database_url,
            folder,
            self.web_port,
            REDIS_URL=redis_url,
            BOT_API_URL=bot_url,
            LIVE_URL=bot_url,
            WEB_INTERNAL_URL=f"http://127.0.0.1:{self.web_port}",
        )
        self.processes: dict[str, Process] = {}
        self._migrate()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def start(self) -> None:
        """Start all that is not running; return when website and bot answer."""
        for name in ("web", "bot", "worker", "beat"):
            self.start_one(name)
        self.wait()

    def wait(self) -> None:
        self.processes["web"].wait_for(lambda: self.ready() is not None, 60)
        self.processes["bot"].wait_for(self._bot_is_in_the_gateway, 60)

    def _bot_is_in_the_gateway(self) -> bool:
        # Asked at the source: what the website says of the bot is ten seconds old.
        try:
            return bool(requests.get(f"http://127.0.0.1:{self.bot_port}/health", timeout=5).json()["status"] == "ok")
        except requests.RequestException:
            return False

    def start_one(self, name: str) -> None:
        if name in self.processes and self.processes[name].child.poll() is None:
            return
        port = {"web": self.web_port, "bot": self.bot_port}.get(name)
        environment = {key: value for key, value in self.environment.items() if key not in NOT_FOR[name]}
        if port is not None:
            environment["PORT"] = str(port)
        self.processes[name] = Process(self._command(name), environment=environment)

    def ready(self) -> dict[str, str] | None:
        """What `/readyz` tells; None while nobody answers."""
        try:
            answer = requests.get(f"{self.url}/readyz", timeout=5)
            return dict(answer.json())
        except requests.RequestException:
            return None

    def stop_one(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        """End one process and return its exit code."""
        return self.processes[name].stop(how, 20)

    def stop(self) -> None:
        for name in self.processes:
            self.stop_one(name)

    def output(self) -> str:
        """The end of what every process said."""
        return "\n".join(f"--- {name}\n{process.output[-3000:]}" for name, process in self.processes.items())

    def _command(self, name: str) -> list[str]:
        celery = [str(BIN / "celery"), "-A", "celery_worker"]
        return {
            "web": [
                *(str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.web_port)),
                *("--workers", "1", "--blocking-threads", "8", "wsgi:app"),
            ],
            "worker": [*celery, "worker", "-Q", "default,setup,files", "--concurrency", "2", "--loglevel", "INFO"],
            "beat": [*celery, "beat", "--loglevel", "INFO", "--schedule", str(self.folder / "beat")],
            "bot": python("-m", "bot"),
        }[name]

    def _migrate(self) -> None:
        needed = {key: value for key, value in self.environment.items() if key != "DISCORD_TOKEN"}
        migrating = Process(python("-m", "flask", "db", "upgrade"), environment=needed)
        assert migrating.child.wait(120) == 0, migrating.output
