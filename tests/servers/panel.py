"""The product's processes with everything that they need in their environment."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import requests

from tests.environment import environment
from tests.servers.process import Process, free_port, python
from tests.servers.sandbox import Sandbox


def panel_environment(sandbox: Sandbox, database_url: str, folder: Path, port: int, **overrides: str) -> dict[str, str]:
    """What `flask up` reads, pointed at a running sandbox."""
    credentials = sandbox.credentials
    own = {
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DISCORD_TOKEN": credentials["bot_token"],
        "DISCORD_CLIENT_ID": str(credentials["client_id"]),
        "DISCORD_CLIENT_SECRET": credentials["client_secret"],
        "DISCORD_API_URL": sandbox.api_url,
        "DISCORD_AUTHORIZE_URL": f"{sandbox.url}/oauth2/authorize",
        "FLASK_APP": "app.cli:create_cli_app",
    }
    return environment(database_url, folder, **own | overrides)


class OneProcess:
    """`flask up` on a free port (or `port`), its database migrated."""

    def __init__(self, sandbox: Sandbox, folder: Path, *, port: int | None = None, **overrides: str) -> None:
        self.port = port or free_port()
        self.environment = panel_environment(
            sandbox, f"sqlite:///{folder / 'panel.sqlite3'}", folder, self.port, **overrides
        )
        migrating = Process(python("-m", "flask", "db", "upgrade"), environment=self.environment)
        code = migrating.child.wait(60)
        assert code == 0, migrating.output
        self.start()

    def start(self) -> None:
        """Start (again) on the same port and database; return when the website answers."""
        self.process = Process(python("-m", "flask", "up"), environment=self.environment)
        self.process.wait_for(self._answers, 60)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def resident_megabytes(self) -> float:
        """What the process holds in memory now."""
        status = Path(f"/proc/{self.process.child.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def ready(self) -> dict[str, str]:
        """The parts as `/readyz` tells them."""
        return dict(requests.get(f"{self.url}/readyz", timeout=5).json())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        return self.process.stop(how)

    def is_alone(self) -> bool:
        """True where no process of its group is left."""
        try:
            os.killpg(self.process.child.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def _answers(self) -> bool:
        try:
            time.sleep(0.2)  # one address may ask 120 times a minute
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.RequestException:
            return False
