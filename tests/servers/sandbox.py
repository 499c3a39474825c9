"""The sandbox as a process of its own, and a small hand for its controls."""

from __future__ import annotations

from typing import Any

import requests

from tests.servers.process import Process, python

ALICE, BOB, VERA, CHARLIE, STAN = (200000000000000000 + number for number in range(1, 6))
SERVER_A, SERVER_B, SERVER_C = (300000000000000000 + number for number in range(1, 4))


class Sandbox:
    """A running Discord. `act(...)` does something as a member; `credentials` are the bot's."""

    def __init__(self, *options: str) -> None:
        self.process = Process(python("-m", "sandbox", "--port", "0", "--seed", "7", *options))
        self.url = self.process.wait_for_line("sandbox ready").split()[-1]

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v10"

    @property
    def credentials(self) -> dict[str, Any]:
        return self.get("/sandbox/credentials")

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=10).json()

    def post(self, path: str, **body: Any) -> Any:
        """A control call. Raises for an answer that is no 2xx, with the answer in the message."""
        answer = requests.post(self.url + path, json=body, timeout=15)
        assert answer.ok, f"{path} answered {answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None

    def act(self, as_user: int, do: str, **what: Any) -> Any:
        """Act as a member; ids may be ints."""
        stringed = {name: str(value) if name.endswith("_id") else value for name, value in what.items()}
        return self.post("/sandbox/act", **{"as": str(as_user), "do": do, **stringed})

    def stop(self) -> None:
        self.process.stop()
