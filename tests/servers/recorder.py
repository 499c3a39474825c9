"""A wire-tap between the bot and its Discord: passes everything on and remembers what was asked."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests

PAYLOAD_JSON = re.compile(rb'name="payload_json".*?\r\n\r\n(.*?)\r\n--', re.DOTALL)
HOP_BY_HOP = {"host", "connection", "transfer-encoding", "content-length", "content-encoding", "accept-encoding"}


@dataclass(frozen=True)
class Recorded:
    """One request as it went over the wire; `body` is its JSON, None without one."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    reason: str
    status: int


class Recorder:
    """Listens on loopback before `api_url`. `requests` grows as calls are answered."""

    def __init__(self, api_url: str) -> None:
        self._target = api_url
        self.requests: list[Recorded] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, name="wire-tap", daemon=True).start()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kept = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
                answer = requests.request(
                    self.command, recorder._target + self.path, data=content, headers=kept, timeout=20
                )
                recorder._note(self.command, self.path, content, kept, answer.status_code)
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on

            def log_message(self, *_arguments: Any) -> None:
                """The test tells what matters."""

        return Handler

    def _note(self, method: str, target: str, content: bytes, headers: dict[str, str], status: int) -> None:
        parts = urlsplit(target)
        reason = next((value for name, value in headers.items() if name.lower() == "x-audit-log-reason"), "")
        self.requests.append(
            Recorded(method, parts.path, dict(parse_qsl(parts.query)), _json(content), unquote(reason), status)
        )


def _json(content: bytes) -> Any:
    if not content:
        return None
    found = PAYLOAD_JSON.search(content)
    return json.loads(found[1] if found else content)
