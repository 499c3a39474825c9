"""The one way from the event loop to the domain."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.db.scope import AllTenants, NoTenantScope, OneTenant, current_scope
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db
from bot.budget import CallClass, calling_as, present_class
from bot.database import Domain, OnTheLoop
from tests.bot.conftest import make_tenant


@pytest.fixture
def domain(app: Flask) -> Iterator[Domain]:
    found = Domain(app)
    yield found
    found.close()


def run(work: Callable[[], Awaitable[None]]) -> None:
    """On a thread of its own, as the bot's loop is."""
    failures: list[BaseException] = []

    def inside() -> None:
        try:
            asyncio.run(work())  # type: ignore[arg-type]
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join(20)
    if failures:
        raise failures[0]


def test_sql_on_the_loops_thread_is_refused(app: Flask, domain: Domain) -> None:
    async def work() -> None:
        domain.forbid_this_thread()
        with app.app_context(), pytest.raises(OnTheLoop):
            db.session.execute(text("SELECT 1"))
        assert await domain.run(lambda: db.session.execute(text("SELECT 1")).scalar()) == 1

    run(work)


def test_each_call_has_its_own_scope_and_leaves_none_behind(domain: Domain) -> None:
    tenant_id = make_tenant()

    async def work() -> None:
        assert await domain.run_for(tenant_id, current_scope) == OneTenant(tenant_id)
        assert await domain.run(current_scope) is None
        assert isinstance(await domain.archive(current_scope), AllTenants)
        with pytest.raises(NoTenantScope):
            await domain.run(lambda: list(db.session.scalars(select(BotSettings))))
        assert len(await domain.run_for(tenant_id, lambda: list(db.session.scalars(select(BotSettings))))) == 1
        assert await domain.run(lambda: len(list(db.session.scalars(select(Tenant))))) == 1

    run(work)


def test_the_class_of_discord_calls_follows_into_the_thread(domain: Domain) -> None:
    async def work() -> None:
        with calling_as(CallClass.PEOPLE):
            assert await domain.run(present_class) is CallClass.PEOPLE
        assert await domain.run(present_class) is CallClass.RECONCILE

    run(work)


def test_acts_that_wait_do_not_hold_the_archive_up(domain: Domain) -> None:
    async def work() -> None:
        waiting = [asyncio.create_task(domain.run(time.sleep, 0.5)) for _ in range(30)]
        await asyncio.sleep(0.05)
        await domain.archive(lambda: None)
        assert not any(task.done() for task in waiting)
        await asyncio.gather(*waiting)

    run(work)
