"""Where the bot's HTTP side listens."""

from __future__ import annotations

import socket

from app.config import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a container's private network; see the design, section 7
LOOPBACK = "127.0.0.1"


def listen(settings: Settings) -> socket.socket:
    """`PORT` (0 takes a free one): on loopback where the panel is, else on the private network that it runs in."""
    return listen_on(LOOPBACK if settings.is_loopback else EVERYWHERE, settings.port)


def listen_on(host: str, port: int) -> socket.socket:
    """Bind, without accepting yet. Raises `OSError` where the port is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def listen_after(host: str, port: int, tries: int = 50) -> socket.socket:
    """The next free port above `port`. Raises `OSError` where none of the next fifty is free."""
    for candidate in range(port + 1, min(port + 1 + tries, 65536)):
        try:
            return listen_on(host, candidate)
        except OSError:
            continue
    raise OSError(f"no free port between {port + 1} and {port + tries}")
