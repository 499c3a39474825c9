"""One budget for Discord: every call of the token passes this gate (design section 5).

Each process of a bot that is split by shards has its fixed share of it, so that together they keep to the whole.

At most 45 calls a second. People's acts (class 1) always find ten of them free; gaps, reconciling, back-fill and
drift (classes 3 and 4) take at most twenty together. A higher class goes first; within one, communities take turns.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum

ALL_A_SECOND = 45.0
NOT_PEOPLE_A_SECOND = 35.0
BACKGROUND_A_SECOND = 20.0
BURST_SECONDS = 0.2
"""How much of a second's share may go at once: Discord counts whole seconds, so a burst must stay well below one."""


class CallClass(IntEnum):
    """Who waits for whom."""

    PEOPLE = 1
    PUBLISHING = 2
    RECONCILE = 3
    BACKGROUND = 4


_call_class: ContextVar[CallClass] = ContextVar("discord_call_class", default=CallClass.RECONCILE)


@contextmanager
def calling_as(kind: CallClass) -> Iterator[None]:
    """Calls to Discord in the block, in whichever thread its domain work runs, count as `kind`."""
    token = _call_class.set(kind)
    try:
        yield
    finally:
        _call_class.reset(token)


def present_class() -> CallClass:
    """The class of the caller's calls."""
    return _call_class.get()


class _Allowance:
    """Tokens that come back evenly over time."""

    def __init__(self, a_second: float) -> None:
        self.a_second = a_second
        self.most = max(1.0, a_second * BURST_SECONDS)
        self.tokens = self.most
        self.at = time.monotonic()

    def wait(self) -> float:
        """Seconds until one token is there."""
        now = time.monotonic()
        self.tokens = min(self.most, self.tokens + (now - self.at) * self.a_second)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.a_second


class Budget:
    """`take` returns when a call may be made. Belongs to one event loop. `share` is this process' part of the whole."""

    def __init__(self, share: float = 1.0) -> None:
        self._all = _Allowance(ALL_A_SECOND * share)
        self._not_people = _Allowance(NOT_PEOPLE_A_SECOND * share)
        self._background = _Allowance(BACKGROUND_A_SECOND * share)
        self._waiting: dict[CallClass, OrderedDict[int, deque[asyncio.Future[None]]]] = {
            kind: OrderedDict() for kind in CallClass
        }
        self._giver: asyncio.Task[None] | None = None
        self.used: Counter[CallClass] = Counter()

    async def take(self, kind: CallClass, guild_id: int = 0) -> None:
        """Wait for this call's turn."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[kind].setdefault(guild_id, deque()).append(turn)
        if self._giver is None or self._giver.done():
            self._giver = asyncio.create_task(self._give(), name="discord budget")
        await turn

    async def _give(self) -> None:
        while any(self._waiting.values()):
            waits: list[float] = []
            for kind in CallClass:
                if not self._waiting[kind]:
                    continue
                allowances = self._allowances(kind)
                wait = max(allowance.wait() for allowance in allowances)
                if wait == 0:
                    self._let_one_go(kind, allowances)
                    waits = []
                    break
                waits.append(wait)
            if waits:
                await asyncio.sleep(min(waits))

    def _allowances(self, kind: CallClass) -> tuple[_Allowance, ...]:
        if kind is CallClass.PEOPLE:
            return (self._all,)
        if kind is CallClass.PUBLISHING:
            return (self._all, self._not_people)
        return (self._all, self._not_people, self._background)

    def _let_one_go(self, kind: CallClass, allowances: tuple[_Allowance, ...]) -> None:
        guild_id, turns = next(iter(self._waiting[kind].items()))
        turn = turns.popleft()
        if turns:
            self._waiting[kind].move_to_end(guild_id)
        else:
            del self._waiting[kind][guild_id]
        if turn.done():
            return
        for allowance in allowances:
            allowance.tokens -= 1
        self.used[kind] += 1
        turn.set_result(None)
