"""The log in this process' memory: the embedded default, and the fake of the tests."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.clients.live_bus.port import Ticket
from app.contracts.live import LOG_LENGTH, Cursor, Entry, Page, Signal


@dataclass
class _Log:
    epoch: str = field(default_factory=lambda: secrets.token_hex(8))
    last_id: int = 0
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))


class RingLiveBus:
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logs: dict[int, _Log] = {}
        self._tickets: dict[str, tuple[float, Ticket]] = {}
        self._listeners: list[Callable[[int], None]] = []
        self._readers: dict[tuple[int, int], tuple[float, frozenset[int]]] = {}

    def publish(self, tenant_id: int, signals: Iterable[Signal]) -> None:
        with self._lock:
            log = self._logs.setdefault(tenant_id, _Log())
            for signal in signals:
                log.last_id += 1
                log.entries.append(Entry(log.last_id, signal))
            listeners = list(self._listeners)
        for told in listeners:
            told(tenant_id)

    def read(self, tenant_id: int, after: Cursor | None, limit: int = 256) -> Page:
        with self._lock:
            log = self._logs.setdefault(tenant_id, _Log())
            now = Cursor(log.epoch, log.last_id)
            if after is None:
                return Page(now)
            oldest = log.entries[0].id if log.entries else log.last_id + 1
            if after.epoch != log.epoch or after.id > log.last_id or after.id < oldest - 1:
                return Page(now, resync=True)
            found = tuple(entry for entry in log.entries if entry.id > after.id)[:limit]
        return Page(Cursor(log.epoch, found[-1].id if found else after.id), found)

    def listen(self, told: Callable[[int], None]) -> Callable[[], None]:
        with self._lock:
            self._listeners.append(told)

        def stop() -> None:
            with self._lock:
                if told in self._listeners:
                    self._listeners.remove(told)

        return stop

    def put_ticket(self, token: str, ticket: Ticket, seconds: int) -> None:
        now = time.monotonic()
        with self._lock:
            self._tickets = {key: value for key, value in self._tickets.items() if value[0] > now}
            self._tickets[token] = (now + seconds, ticket)

    def take_ticket(self, token: str) -> Ticket | None:
        with self._lock:
            ends, ticket = self._tickets.pop(token, (0.0, None))
        return ticket if ends > time.monotonic() else None

    def put_readable_channels(self, tenant_id: int, user_id: int, channel_ids: frozenset[int], seconds: float) -> None:
        with self._lock:
            self._readers[tenant_id, user_id] = (time.monotonic() + seconds, channel_ids)

    def readable_channels(self, tenant_id: int, user_id: int) -> frozenset[int] | None:
        with self._lock:
            ends, channels = self._readers.get((tenant_id, user_id), (0.0, None))
        return channels if ends > time.monotonic() else None

    def forget_readers(self, tenant_id: int) -> None:
        with self._lock:
            self._readers = {key: value for key, value in self._readers.items() if key[0] != tenant_id}
