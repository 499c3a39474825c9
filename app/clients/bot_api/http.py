"""The bot's HTTP API over one urllib3 pool, with a circuit breaker and a remembered health."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from app.clients.bot_api.port import Answer, Caller
from app.clients.errors import Unavailable
from app.config import Settings
from app.contracts.bot_api import MAXIMUM_ANSWER_BYTES, NO_TENANT, Call, Code, Direction, signed_headers
from app.db.transaction import leave_database

CONNECT_SECONDS = 1.0
TOTAL_SECONDS = 3.0
FAILURES_TO_OPEN = 5


class HttpBotApi:
    """Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.bot_api_url
        self._secrets = settings.bot_api_secrets
        self._timings = settings.timings
        self._pool = urllib3.PoolManager(maxsize=32, block=False, retries=False)
        self._breaker = _Breaker(settings.timings.breaker_open)
        self._health: tuple[float, Mapping[str, Any]] | None = None
        self._health_lock = threading.Lock()

    def call(
        self, caller: Caller, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        leave_database(f"{method} {path} of the bot")
        self._breaker.check()
        try:
            answer = self._send(caller, method, path, query, body)
        except Unavailable as error:
            if error.code in (Code.BOT_UNREACHABLE, Code.BOT_TIMEOUT):
                self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer

    def health(self) -> Mapping[str, Any]:
        """Remembered for ten seconds; one thread asks while the others get the last answer."""
        remembered = self._health
        if remembered is not None and self._is_fresh(remembered):
            return remembered[1]
        if not self._health_lock.acquire(blocking=remembered is None):
            assert remembered is not None
            return remembered[1]
        try:
            # Whoever waited for the first answer has it now.
            if self._health is None or not self._is_fresh(self._health):
                self._health = (time.monotonic(), self._ask_health())
            return self._health[1]
        finally:
            self._health_lock.release()

    def _is_fresh(self, remembered: tuple[float, Mapping[str, Any]]) -> bool:
        return time.monotonic() - remembered[0] < self._timings.health_cache

    def _ask_health(self) -> Mapping[str, Any]:
        leave_database("GET /health of the bot")
        try:
            answer = self._send(Caller(NO_TENANT, NO_TENANT, "system:health"), "GET", "/health", None, None)
        except Unavailable as error:
            self._breaker.failed()
            return {"status": "away", "code": error.code}
        self._breaker.succeeded()
        return answer.body if answer.status == 200 else {"status": "away", "code": f"status_{answer.status}"}

    def _send(self, caller: Caller, method: str, path: str, query: Mapping[str, str] | None, body: Any) -> Answer:
        target = quote(path) + (f"?{urlencode(query)}" if query else "")
        raw = b"" if body is None else json.dumps(body).encode()
        call = Call(
            Direction.TO_BOT, method, target, caller.tenant_id, caller.guild_id, caller.actor, int(time.time()), raw
        )
        headers = signed_headers(call, self._secrets[0], caller.request_id or secrets.token_hex(8))
        if raw:
            headers["content-type"] = "application/json"
        deadline = time.monotonic() + TOTAL_SECONDS
        try:
            response = self._pool.request(
                method,
                self._url + target,
                body=raw or None,
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, total=TOTAL_SECONDS),
                preload_content=False,
                redirect=False,
            )
            try:
                text = _read(response, deadline)
            finally:
                response.release_conn()
        except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as error:
            raise Unavailable(Code.BOT_TIMEOUT, type(error).__name__) from error
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(Code.BOT_UNREACHABLE, type(error).__name__) from error
        try:
            parsed = json.loads(text) if text else {}
        except ValueError as error:
            raise Unavailable(Code.BOT_UNREACHABLE, "not JSON") from error
        return Answer(response.status, parsed)


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    chunks, size = [], 0
    while chunk := response.read1(65536):
        size += len(chunk)
        if size > MAXIMUM_ANSWER_BYTES:
            raise Unavailable(Code.BOT_UNREACHABLE, "the answer is over 1 MiB")
        if time.monotonic() > deadline:
            raise Unavailable(Code.BOT_TIMEOUT, "the answer dripped")
        chunks.append(chunk)
    return b"".join(chunks)


class _Breaker:
    """After five failures in a row calls are refused at once, until one is let through to try."""

    def __init__(self, open_seconds: float) -> None:
        self._open_seconds = open_seconds
        self._failures = 0
        self._opened_at = 0.0
        self._lock = threading.Lock()

    def check(self) -> None:
        with self._lock:
            if self._failures < FAILURES_TO_OPEN:
                return
            waited = time.monotonic() - self._opened_at
            if waited < self._open_seconds:
                raise Unavailable(Code.BOT_CIRCUIT_OPEN, retry_after=self._open_seconds - waited)
            self._opened_at = time.monotonic()

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._opened_at = time.monotonic()

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0
