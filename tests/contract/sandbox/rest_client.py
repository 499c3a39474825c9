"""A plain REST client for the sandbox whose every answer is held against Discord's description."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from tests.contract.discord_spec import rest_description
from tests.servers.sandbox import Sandbox

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@dataclass
class Answered:
    """An answer: status, JSON, headers."""

    status: int
    json: Any
    headers: dict[str, str]

    @property
    def code(self) -> int:
        """Discord's error code."""
        return int(self.json["code"])

    def error(self, path: str) -> str:
        """The error code at a place of the tree, such as `embeds.0.title`."""
        place = self.json["errors"]
        for part in path.split("."):
            place = place[part]
        return str(place["_errors"][0]["code"])


@dataclass
class RestClient:
    """Calls routes by their template: `bot("GET", "/guilds/{guild_id}", guild_id=…)`."""

    sandbox: Sandbox
    authorization: str | None
    called: set[tuple[str, str]] = field(default_factory=set)

    def __call__(
        self,
        method: str,
        template: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        files: dict[str, tuple[str, bytes, str]] | None = None,
        form: dict[str, str] | None = None,
        reason: str | None = None,
        **params: Any,
    ) -> Answered:
        """One request. Asserts that the answer is one that Discord may give."""
        headers = {"Authorization": self.authorization} if self.authorization else {}
        if reason is not None:
            headers["X-Audit-Log-Reason"] = quote(reason)
        path = template
        for name, value in params.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe="@"))
        sent: dict[str, Any] = {"json": body} if body is not None else {}
        if files is not None:
            sent = {"files": {"payload_json": (None, json.dumps(body or {}), "application/json"), **files}}
        elif form is not None:
            sent = {"data": form}
        response = requests.request(
            method, self.sandbox.api_url + path, params=query, headers=headers, timeout=20, **sent
        )
        answered = Answered(response.status_code, response.json() if response.content else None, dict(response.headers))
        self.called.add((method, template))
        self._hold_against_description(method, template, answered)
        return answered

    def _hold_against_description(self, method: str, template: str, answered: Answered) -> None:
        description = rest_description()
        if description is None or not description.describes(method, template):
            return
        complaints = description.complaints(method, template, answered.status, answered.json)
        assert not complaints, f"{method} {template} {answered.status}: {complaints} in {answered.json}"
