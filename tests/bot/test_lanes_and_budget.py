"""Order within a guild, fairness between them, and the one budget for Discord."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy.exc import OperationalError

from bot import lanes as lanes_file
from bot.budget import ALL_A_SECOND, BACKGROUND_A_SECOND, Budget, CallClass, calling_as, present_class
from bot.lanes import GuildLanes
from bot.shards import Shards

FIRST, SECOND = 1 << 22, 2 << 22


def test_a_guilds_work_is_done_in_order_and_does_not_wait_for_another_guild() -> None:
    done: list[tuple[str, int]] = []

    async def work() -> None:
        blocked = asyncio.Event()
        lanes = GuildLanes(lambda guild_id: asyncio.sleep(0))
        lanes.start()
        lanes.put(FIRST, blocked.wait)
        for number in range(5):
            lanes.put(FIRST, lambda number=number: note("first", number))  # type: ignore[misc]
            lanes.put(SECOND, lambda number=number: note("second", number))  # type: ignore[misc]
        await asyncio.sleep(0.02)
        assert done == [("second", number) for number in range(5)]
        blocked.set()
        await lanes.drain()

    async def note(guild: str, number: int) -> None:
        done.append((guild, number))

    asyncio.run(work())

    assert done[5:] == [("first", number) for number in range(5)]


def test_work_that_fails_is_counted_and_the_next_is_done() -> None:
    done: list[str] = []

    async def fail() -> None:
        raise ValueError("strange payload")

    async def succeed() -> None:
        done.append("next")

    async def work() -> GuildLanes:
        lanes = GuildLanes(lambda guild_id: asyncio.sleep(0))
        lanes.start()
        lanes.put(FIRST, fail)
        lanes.put(FIRST, succeed)
        await lanes.drain()
        return lanes

    assert asyncio.run(work()).failed == 1
    assert done == ["next"]


def test_work_waits_for_a_database_that_is_away() -> None:
    tries: list[int] = []

    async def patient() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("update", {}, Exception("gone away"))

    async def work() -> GuildLanes:
        lanes = GuildLanes(lambda guild_id: asyncio.sleep(0))
        lanes.start()
        lanes.put(FIRST, patient)
        await lanes.drain()
        return lanes

    assert asyncio.run(work()).failed == 0
    assert len(tries) == 3


def test_a_guild_whose_events_did_not_fit_is_copied_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes_file, "CAPACITY", 3)
    again: list[int] = []

    async def start_over(guild_id: int) -> None:
        again.append(guild_id)

    async def work() -> None:
        lanes = GuildLanes(start_over)
        for _ in range(10):
            lanes.put(FIRST, lambda: asyncio.sleep(0))
        lanes.start()
        await lanes.drain()
        await asyncio.sleep(0.01)

    asyncio.run(work())

    assert again == [FIRST]


def test_no_second_sees_more_calls_than_the_budget() -> None:
    moments: list[float] = []

    async def call(budget: Budget, kind: CallClass) -> None:
        await budget.take(kind)
        moments.append(time.monotonic())

    async def work() -> None:
        budget = Budget()
        await asyncio.gather(*(call(budget, CallClass.PEOPLE) for _ in range(70)))

    asyncio.run(work())

    for moment in moments:
        assert sum(moment <= other < moment + 0.9 for other in moments) <= ALL_A_SECOND + 5


def test_processes_that_share_the_shards_share_the_budget() -> None:
    assert [Shards.parse(word).share for word in ("all", "3/16", "0-3/16", "4-15/16")] == [1, 1 / 16, 4 / 16, 12 / 16]
    taken: list[int] = []

    async def call(budget: Budget, number: int) -> None:
        await budget.take(CallClass.PEOPLE)
        taken.append(number)

    async def work() -> None:
        budgets = [Budget(Shards.parse(word).share) for word in ("0-7/16", "8-15/16")]
        calls = [asyncio.create_task(call(budget, number)) for number, budget in enumerate(budgets) for _ in range(40)]
        await asyncio.sleep(0.9)
        assert len(taken) <= ALL_A_SECOND + 5
        assert {0, 1} == set(taken)
        for each in calls:
            each.cancel()

    asyncio.run(work())


def test_people_go_first_and_background_never_takes_it_all() -> None:
    order: list[CallClass] = []

    async def call(budget: Budget, kind: CallClass, guild: int) -> None:
        await budget.take(kind, guild)
        order.append(kind)

    async def work() -> None:
        budget = Budget()
        background = [asyncio.create_task(call(budget, CallClass.BACKGROUND, number)) for number in range(30)]
        await asyncio.sleep(0.3)
        assert len(order) <= BACKGROUND_A_SECOND * 0.6 + 1
        before = len(order)
        people = [asyncio.create_task(call(budget, CallClass.PEOPLE, 1)) for _ in range(5)]
        await asyncio.gather(*people)
        assert order[before:].count(CallClass.BACKGROUND) <= 3
        await asyncio.gather(*background)

    asyncio.run(work())


def test_communities_take_turns_within_a_class() -> None:
    order: list[int] = []

    async def call(budget: Budget, guild: int) -> None:
        await budget.take(CallClass.RECONCILE, guild)
        order.append(guild)

    async def work() -> None:
        budget = Budget()
        many = [asyncio.create_task(call(budget, 1)) for _ in range(12)]
        await asyncio.sleep(0)
        few = [asyncio.create_task(call(budget, 2)) for _ in range(2)]
        await asyncio.gather(*many, *few)

    asyncio.run(work())

    assert max(index for index, guild in enumerate(order) if guild == 2) < 10


def test_the_class_of_a_call_is_that_of_its_block() -> None:
    assert present_class() is CallClass.RECONCILE
    with calling_as(CallClass.PEOPLE):
        assert present_class() is CallClass.PEOPLE
    assert present_class() is CallClass.RECONCILE
