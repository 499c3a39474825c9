"""Answers of outsiders, remembered for a while in this process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from flask import current_app

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """The newest `most` answers, each good for `seconds`. Safe to share between threads."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._lock = threading.Lock()
        self._answers: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The answer while it is good."""
        with self._lock:
            found = self._answers.get(key)
        return found[1] if found is not None and time.monotonic() - found[0] < self._seconds else None

    def last(self, key: K) -> V | None:
        """The answer however old: for when the outsider is away."""
        with self._lock:
            found = self._answers.get(key)
        return found[1] if found is not None else None

    def put(self, key: K, answer: V) -> None:
        with self._lock:
            self._answers[key] = (time.monotonic(), answer)
            self._answers.move_to_end(key)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)


def memory_of(outsider: object, name: str, seconds: float, most: int) -> Remembered[K, V]:
    """The running app's memory called `name` of what `outsider` answered; a new outsider begins a new one."""
    kept: tuple[object, Remembered[K, V]] | None = current_app.extensions.get(name)
    if kept is None or kept[0] is not outsider:
        kept = current_app.extensions[name] = (outsider, Remembered(seconds, most))
    return kept[1]
