"""urllib3 with connections that look at whom they are about to reach."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from app.clients.errors import Refused, Unavailable
from app.clients.safe_http.addresses import is_public
from app.clients.safe_http.port import Downloaded, Fetched
from app.db.transaction import leave_database

STANDARD_PORTS = {"http": 80, "https": 443}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CONNECT_SECONDS = 3.0
CHUNK = 65536

Allowed = Callable[[str, int], bool]
Take = Callable[[bytes], object]


class BlockedAddress(Exception):
    """The name leads to an address that is not somebody else's public server."""


class PinnedSafeHttp:
    """Each connection resolves the name itself, refuses unless every address is allowed, and connects to just these."""

    def __init__(self, outbound_allow: frozenset[str]) -> None:
        self._exempt = outbound_allow

    def get(self, url: str, *, maximum_bytes: int, seconds: float, redirects: int = 0) -> Fetched:
        chunks: list[bytes] = []
        found = self._followed(url, chunks.append, maximum_bytes, seconds, redirects)
        return Fetched(found.url, found.content_type, b"".join(chunks))

    def download(
        self, url: str, into: BinaryIO, *, maximum_bytes: int, seconds: float, redirects: int = 0
    ) -> Downloaded:
        return self._followed(url, into.write, maximum_bytes, seconds, redirects)

    def _followed(self, url: str, take: Take, maximum_bytes: int, seconds: float, redirects: int) -> Downloaded:
        leave_database("a fetch of somebody's address")
        deadline = time.monotonic() + seconds
        for _ in range(redirects + 1):
            answer = self._one(url, deadline, maximum_bytes, take)
            if isinstance(answer, Downloaded):
                return answer
            url = urljoin(url, answer)
        raise Refused("redirects", "too many redirects")

    def _one(self, url: str, deadline: float, maximum_bytes: int, take: Take) -> Downloaded | str:
        parts = self._checked(url)
        cutoff = _Cutoff(_left(deadline))
        try:
            pool = self._pool(parts, cutoff)
        except urllib3.exceptions.LocationParseError as error:
            raise Refused("bad_url") from error
        target = parts.path or "/"
        if parts.query:
            target += f"?{parts.query}"
        left = _left(deadline)
        try:
            with cutoff:
                response = pool.request(
                    "GET",
                    target,
                    headers={"accept-encoding": "identity", "user-agent": "SnowflakePanel/1.0"},
                    timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=left),
                    preload_content=False,
                    decode_content=False,
                    redirect=False,
                    retries=False,
                )
                return self._answer(url, response, deadline, maximum_bytes, take)
        except BlockedAddress as error:
            raise Refused("blocked_address") from error
        except (urllib3.exceptions.TimeoutError, TimeoutError) as error:
            raise Unavailable("timeout") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unavailable("timeout" if cutoff.has_cut else "unreachable", type(error).__name__) from error
        finally:
            pool.close()

    def _answer(
        self, url: str, response: urllib3.BaseHTTPResponse, deadline: float, maximum_bytes: int, take: Take
    ) -> Downloaded | str:
        _left(deadline)  # headers that were cut off look like whole ones
        if response.status in REDIRECTS:
            location = response.headers.get("location", "")
            if not location:
                raise Refused("redirects", "no location")
            return location
        if response.status >= 500 or response.status == 429:
            raise Unavailable(f"status_{response.status}")
        if response.status != 200:
            raise Refused(f"status_{response.status}")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refused("encoded", "an encoded body was not asked for")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Downloaded(url, kind, _taken(response, deadline, maximum_bytes, take))

    def _checked(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise Refused("bad_url") from error
        if parts.scheme not in STANDARD_PORTS or not parts.hostname or parts.username or parts.password:
            raise Refused("bad_url")
        port = STANDARD_PORTS[parts.scheme] if port is None else port
        if port != STANDARD_PORTS[parts.scheme] and f"{parts.hostname}:{port}" not in self._exempt:
            raise Refused("bad_url", "port")
        return parts

    def _pool(self, parts: SplitResult, cutoff: _Cutoff) -> urllib3.HTTPConnectionPool:
        def allowed(address: str, port: int) -> bool:
            return is_public(address) or f"{address}:{port}" in self._exempt

        assert parts.hostname is not None
        secure = parts.scheme == "https"
        pool = (urllib3.HTTPSConnectionPool if secure else urllib3.HTTPConnectionPool)(
            parts.hostname, parts.port, maxsize=1
        )
        base: type[HTTPConnection] = HTTPSConnection if secure else HTTPConnection
        pool.ConnectionCls = _checking(base, allowed, cutoff)
        return pool


class _Cutoff:
    """Ends connections when the time is over: a server that drips its headers renews every timeout of the socket."""

    def __init__(self, seconds: float) -> None:
        self.has_cut = False
        self._twins: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for twin in self._twins:
                twin.close()
            self._twins.clear()

    def watch(self, connection: socket.socket) -> None:
        """A twin of the socket: TLS takes the original away."""
        with self._lock:
            self._twins.append(connection.dup())

    def _cut(self) -> None:
        self.has_cut = True
        with self._lock:
            for twin in self._twins:
                with suppress(OSError):
                    twin.shutdown(socket.SHUT_RDWR)


def _checking(base: type[HTTPConnection], allowed: Allowed, cutoff: _Cutoff) -> Any:
    class Checked(base):  # type: ignore[misc, valid-type]
        """Resolves once, checks all, connects to what was checked."""

        def _new_conn(self) -> socket.socket:
            port = int(self.port or 0)
            found = socket.getaddrinfo(self._dns_host, port, type=socket.SOCK_STREAM)
            if not found or not all(allowed(str(entry[4][0]), port) for entry in found):
                raise BlockedAddress
            family, kind, protocol, _, address = found[0]
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(self.timeout)
            cutoff.watch(connection)
            try:
                connection.connect(address)
            except BaseException:
                connection.close()
                raise
            return connection

    return Checked


def _taken(response: urllib3.BaseHTTPResponse, deadline: float, maximum_bytes: int, take: Take) -> int:
    """Hand every piece of the body to `take`; how many bytes that were."""
    announced = response.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > maximum_bytes:
        raise Refused("too_large")
    size = 0
    while chunk := response.read1(CHUNK, decode_content=False):
        size += len(chunk)
        if size > maximum_bytes:
            raise Refused("too_large")
        _left(deadline)
        take(chunk)
    _left(deadline)
    return size


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unavailable("timeout")
    return left
