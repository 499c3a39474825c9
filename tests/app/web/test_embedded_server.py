"""The server of `flask up`: what it takes in before the website sees it, and how many may stand in its door."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask import Flask

from app.cli.embedded import Website

IDLE_VISITORS = 150


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    website = Website(app, "127.0.0.1", 0)
    website.start()
    yield website.port
    website.stop()


def _opened(port: int, head: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 10)
    connection.sendall(head)
    return connection


def test_t29_a_huge_body_is_refused_before_it_is_sent(port: int) -> None:
    """Nothing of it may be kept on disk meanwhile: the answer comes with the headers."""
    head = b"POST /logout HTTP/1.1\r\nHost: panel\r\nContent-Length: 1000000000\r\n\r\n"
    with _opened(port, head) as connection:
        assert connection.recv(64).split()[1] == b"413"


def test_t29_an_endless_chunked_body_is_refused_on_the_way(port: int) -> None:
    with _opened(port, b"POST /logout HTTP/1.1\r\nHost: panel\r\nTransfer-Encoding: chunked\r\n\r\n") as connection:
        chunk = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"
        for _ in range(5):
            connection.sendall(chunk)
        assert connection.recv(64).split()[1] == b"413"


def test_t30_visitors_who_say_nothing_keep_nobody_out(port: int) -> None:
    with ExitStack() as idle:
        for _ in range(IDLE_VISITORS):
            idle.enter_context(_opened(port, b"GET / HTTP/1.1\r\nHost: panel\r\nX-Slow:"))
        visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        visitor.request("GET", "/healthz")
        assert visitor.getresponse().status == 200
        visitor.close()
