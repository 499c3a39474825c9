"""The one way from the bot's event loop to the domain, which is synchronous."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar

from flask import Flask
from sqlalchemy import event, exc

from app.db.scope import all_tenants, tenant_scope
from app.extensions import db

P = ParamSpec("P")
R = TypeVar("R")

DATABASE_AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What a call raises while the database is away, or too busy: worth another try."""

WORKERS = 8
"""As many as the database pool has connections."""

ARCHIVE_LANES = 2
"""One prepares a batch while the database writes the other's. SQLite writes in this process, one at a time."""

HISTORY_LANES = 2
"""Gaps and history are written by so many threads: more would only take the processor from people's acts."""
LONGEST_TURN = 0.001
"""Seconds that one thread keeps the interpreter while others want it: with Python's own 5 ms an act that asks the database
ten times waits 50 ms beside a thread that is busy with history."""
STEP_ASIDE, LONGEST_STEP_ASIDE = 0.005, 0.5
"""Seconds: how often what runs in the background looks whether it may, and when it goes on all the same."""


class OnTheLoop(RuntimeError):
    """The database was touched on the event loop's thread; go through `Domain.run`."""


class Domain:
    """Runs domain calls in a bounded pool of threads, each inside an application context and a tenant's scope.

    The archive has threads of its own, so that acts which wait for Discord never hold it up.
    """

    def __init__(self, app: Flask, workers: int = WORKERS) -> None:
        self.app = app
        sys.setswitchinterval(LONGEST_TURN)
        self._acts = ThreadPoolExecutor(workers, thread_name_prefix="domain")
        self._loop_thread: int | None = None
        self._at_work = 0
        """Calls that somebody waits for."""
        with app.app_context():
            lanes = 1 if db.engine.dialect.name == "sqlite" else ARCHIVE_LANES
            self._archive = ThreadPoolExecutor(lanes, thread_name_prefix="archive")
            self._history = ThreadPoolExecutor(HISTORY_LANES, thread_name_prefix="history")
            for engine in db.engines.values():
                event.listen(engine, "before_cursor_execute", self._refuse_on_the_loop)

    def forbid_this_thread(self) -> None:
        """From now on SQL on the calling thread raises `OnTheLoop`."""
        self._loop_thread = threading.get_ident()

    async def run(self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `fn` in the pool without a tenant's scope (it opens its own, or needs none)."""
        return await self._awaited(nullcontext, partial(fn, *args, **kwargs))

    async def run_for(self, tenant_id: int, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `fn` in the pool, speaking for one tenant."""
        return await self._awaited(partial(tenant_scope, tenant_id), partial(fn, *args, **kwargs))

    async def in_background(self, tenant_id: int, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `fn`, speaking for one tenant, where nobody waits: on a thread of its own, and not while others are at work."""
        patience = time.monotonic() + LONGEST_STEP_ASIDE
        while self._at_work and time.monotonic() < patience:
            await asyncio.sleep(STEP_ASIDE)
        return await self._call(self._history, partial(tenant_scope, tenant_id), partial(fn, *args, **kwargs))

    async def archive(self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `fn` on a thread of the archive's, under all tenants: its rows carry the tenant each guild belongs to."""
        scope = partial(all_tenants, reason="one batch of gateway messages holds rows of many communities")
        return await self._call(self._archive, scope, partial(fn, *args, **kwargs))

    def close(self) -> None:
        """Wait for what runs, refuse what comes."""
        self._acts.shutdown(wait=True, cancel_futures=True)
        self._archive.shutdown(wait=True, cancel_futures=True)
        self._history.shutdown(wait=True, cancel_futures=True)
        with self.app.app_context():
            for engine in db.engines.values():
                if event.contains(engine, "before_cursor_execute", self._refuse_on_the_loop):
                    event.remove(engine, "before_cursor_execute", self._refuse_on_the_loop)

    async def _awaited(self, scope: Callable[[], AbstractContextManager[None]], body: Callable[[], R]) -> R:
        self._at_work += 1
        try:
            return await self._call(self._acts, scope, body)
        finally:
            self._at_work -= 1

    async def _call(
        self, pool: ThreadPoolExecutor, scope: Callable[[], AbstractContextManager[None]], body: Callable[[], R]
    ) -> R:
        def inside() -> R:
            with self.app.app_context():
                try:
                    with scope():
                        return body()
                finally:
                    db.session.remove()

        return await asyncio.get_running_loop().run_in_executor(pool, copy_context().run, inside)

    def _refuse_on_the_loop(self, *_arguments: Any) -> None:
        if threading.get_ident() == self._loop_thread:
            raise OnTheLoop("the database was touched on the event loop's thread; call Domain.run or Domain.run_for")
