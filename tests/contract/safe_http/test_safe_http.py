"""Fetching from addresses that somebody else chose (T17 to T20): a canary listener on loopback must hear nothing."""

from __future__ import annotations

import gzip
import io
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO

import pytest

from app.clients.errors import ClientError, Refused, Unavailable
from app.clients.safe_http.addresses import is_public
from app.clients.safe_http.http import PinnedSafeHttp
from app.clients.safe_http.port import Downloaded


class Hostile(BaseHTTPRequestHandler):
    canary = 0

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].strip("/")
        if name == "fine":
            self._send(200, b"picture", {"content-type": "Image/PNG; x=1"})
        elif name == "redirect-to-fine":
            self._send(302, b"", {"location": "/fine"})
        elif name == "redirect-to-canary":
            self._send(302, b"", {"location": f"http://127.0.0.1:{self.canary}/"})
        elif name == "loop":
            self._send(302, b"", {"location": "/loop"})
        elif name == "gzip":
            self._send(200, gzip.compress(b"0" * 1_000_000), {"content-encoding": "gzip"})
        elif name == "large":
            self._send(200, b"0" * 100_000, {})
        elif name == "large-unannounced":
            self._send(200, b"0" * 100_000, {"content-length": ""})
        elif name == "broken-off":
            self._send(200, b"0" * 100, {"content-length": "1000"})
        elif name == "drip":
            self._drip(b"\r\n")
        elif name == "drip-headers":
            self._drip(b"x-slow: ")
        elif name == "drip-chunk-size":
            self._drip(b"transfer-encoding: chunked\r\n\r\n5;")
        else:
            self._send(int(name) if name.isdigit() else 404, b"", {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {"content-length": str(len(body)), **headers}.items():
            if value:
                self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, after_status: bytes) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n" + after_status)
        try:
            for _ in range(200):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Canary:
    """Counts whoever connects."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.heard += 1
            connection.close()


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    found = Canary()
    yield found
    found.listener.close()


@pytest.fixture(scope="module")
def server(canary: Canary) -> Iterator[str]:
    Hostile.canary = canary.port
    running = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{running.server_address[1]}"
    running.shutdown()


def _get(server: str, path: str, seconds: float = 5.0, redirects: int = 3):  # type: ignore[no-untyped-def]
    client = PinnedSafeHttp(frozenset({server}))
    return client.get(f"http://{server}/{path}", maximum_bytes=50_000, seconds=seconds, redirects=redirects)


def test_an_allowed_address_is_fetched_also_over_a_redirect(server: str) -> None:
    for path in ("fine", "redirect-to-fine"):
        fetched = _get(server, path)
        assert (fetched.content_type, fetched.body) == ("image/png", b"picture")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("redirect-to-canary", "bad_url"),
        ("loop", "redirects"),
        ("gzip", "encoded"),
        ("large", "too_large"),
        ("404", "status_404"),
    ],
)
def test_what_a_hostile_server_tries_is_refused(server: str, canary: Canary, path: str, code: str) -> None:
    """T18, T20"""
    with pytest.raises(Refused) as caught:
        _get(server, path)
    assert caught.value.code == code
    assert canary.heard == 0


@pytest.mark.parametrize("path", ["drip", "drip-headers", "drip-chunk-size"])
def test_t20_whatever_drips_ends_at_the_deadline(server: str, path: str) -> None:
    """Each byte renews a socket's own timeout; four such answers would hold every fetch of the website."""
    with pytest.raises(Unavailable) as caught:
        _get(server, path, seconds=0.5)
    assert caught.value.code == "timeout"


def test_a_5xx_may_be_retried(server: str) -> None:
    with pytest.raises(Unavailable):
        _get(server, "503")


SPELLINGS = [
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/",
    "http://localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/", "http://[fec0::1]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://10.0.0.1/", "http://172.16.0.1/",
    "http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://0.0.0.0/", "http://①②⑦.0.0.1/", "http://user:pw@127.0.0.1/", "http://example.org@127.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_a_private_address_is_reached(url: str, canary: Canary) -> None:
    """T17"""
    for address in (url, url.replace("http://", "https://")):
        with pytest.raises(ClientError) as caught:
            PinnedSafeHttp(frozenset()).get(address, maximum_bytes=10, seconds=2)
        assert caught.value.code in ("blocked_address", "bad_url", "unreachable"), caught.value.code
    assert canary.heard == 0


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/",
        "//x/",
        "http://x:22/",
        "http://x:6379/",
        "https://x:3306/",
        "http://",
        "http://[",
        "javascript:1",
    ],
)
def test_other_schemes_and_ports_are_no_urls_for_us(url: str) -> None:
    """T19"""
    with pytest.raises(Refused) as caught:
        PinnedSafeHttp(frozenset()).get(url, maximum_bytes=10, seconds=2)
    assert caught.value.code == "bad_url"


def test_the_canary_is_unreachable_though_the_demo_allows_another_port(server: str, canary: Canary) -> None:
    """T17"""
    with pytest.raises(Refused):
        PinnedSafeHttp(frozenset({server})).get(f"http://127.0.0.1:{canary.port}/", maximum_bytes=10, seconds=2)
    assert canary.heard == 0


def test_a_name_that_changes_its_address_between_check_and_use_is_pinned(
    server: str, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T18"""
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    connected: list[str] = []

    def resolve(host: str, port: int, *_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    class Recorded(socket.socket):
        def connect(self, address: object) -> None:
            connected.append(address[0])  # type: ignore[index]
            raise ConnectionRefusedError

    monkeypatch.setattr("app.clients.safe_http.http.socket.getaddrinfo", resolve)
    monkeypatch.setattr("app.clients.safe_http.http.socket.socket", Recorded)
    with pytest.raises(Unavailable):
        PinnedSafeHttp(frozenset()).get("http://rebinding.test/", maximum_bytes=10, seconds=2)
    with pytest.raises(Refused):
        PinnedSafeHttp(frozenset()).get("http://rebinding.test/", maximum_bytes=10, seconds=2)
    assert connected == ["93.184.215.14"]


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """T18"""

    def resolve(host: str, port: int, *_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr("app.clients.safe_http.http.socket.getaddrinfo", resolve)
    with pytest.raises(Refused, match="blocked_address"):
        PinnedSafeHttp(frozenset()).get("http://mixed.test/", maximum_bytes=10, seconds=2)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def _download(server: str, path: str, into: BinaryIO, maximum_bytes: int = 100_000) -> Downloaded:
    client = PinnedSafeHttp(frozenset({server}))
    return client.download(f"http://{server}/{path}", into, maximum_bytes=maximum_bytes, seconds=5)


def test_a_download_goes_into_a_file_and_says_how_large_it_is(server: str) -> None:
    into = io.BytesIO()

    found = _download(server, "large", into)

    assert (found.size, len(into.getvalue()), found.url) == (100_000, 100_000, f"http://{server}/large")


@pytest.mark.parametrize("path", ["large", "large-unannounced"])
def test_t29_a_download_that_is_too_large_ends_and_fills_no_disk(server: str, path: str) -> None:
    """Whether the server says so before or not."""
    into = io.BytesIO()

    with pytest.raises(Refused) as caught:
        _download(server, path, into, 50_000)

    assert caught.value.code == "too_large" and len(into.getvalue()) <= 50_000


def test_a_download_that_breaks_off_is_no_file(server: str) -> None:
    with pytest.raises(Unavailable):
        _download(server, "broken-off", io.BytesIO())


def test_t17_a_download_reaches_no_private_address_either(canary: Canary) -> None:
    with pytest.raises(Refused):
        PinnedSafeHttp(frozenset()).download(
            f"http://127.0.0.1:{canary.port}/", io.BytesIO(), maximum_bytes=10, seconds=2
        )
    assert canary.heard == 0
