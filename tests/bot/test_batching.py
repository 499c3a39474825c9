"""The queue between wire and archive: bounded, in order, patient with the database, and strict with bad events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import IntegrityError, OperationalError

from bot.batching import LARGEST_BATCH, MessageBatcher, Received
from bot.database import ARCHIVE_LANES

Writer = Callable[[list[Received]], Awaitable[object]]


def written_by(
    write_of: Callable[[list[list[int]]], Writer],
    put: Callable[[MessageBatcher], Awaitable[None] | None],
    capacity: int = 10_000,
) -> tuple[list[list[int]], MessageBatcher]:
    batches: list[list[int]] = []

    async def work() -> MessageBatcher:
        batcher = MessageBatcher(write_of(batches), capacity=capacity)
        batcher.start()
        waiting = put(batcher)
        if waiting is not None:
            await waiting
        await batcher.drain()
        return batcher

    batcher = asyncio.run(work())
    return batches, batcher


def numbers(batch: list[Received]) -> list[int]:
    return [int(each.payload["id"]) for each in batch]


def put_many(count: int) -> Callable[[MessageBatcher], None]:
    def put(batcher: MessageBatcher) -> None:
        for number in range(count):
            batcher.put("MESSAGE_CREATE", {"id": str(number)})

    return put


def plain(batches: list[list[int]]) -> Writer:
    async def write(batch: list[Received]) -> None:
        batches.append(numbers(batch))

    return write


def test_batches_are_whole_in_order_and_never_too_large() -> None:
    batches, batcher = written_by(plain, put_many(3 * LARGEST_BATCH + 7))

    assert [number for batch in batches for number in batch] == list(range(3 * LARGEST_BATCH + 7))
    assert max(map(len, batches)) == LARGEST_BATCH
    assert batcher.written == 3 * LARGEST_BATCH + 7 and batcher.dropped == 0
    assert not batcher.has_dropped_lately


def test_while_one_batch_is_written_the_next_is_prepared_and_no_more() -> None:
    running = 0
    most = 0

    def slow(batches: list[list[int]]) -> Writer:
        async def write(batch: list[Received]) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            batches.append(numbers(batch))

        return write

    batches, _batcher = written_by(slow, put_many(5 * LARGEST_BATCH - 1))

    assert most == ARCHIVE_LANES
    assert sorted(number for batch in batches for number in batch) == list(range(5 * LARGEST_BATCH - 1))


def test_a_full_queue_drops_what_comes_and_counts_it() -> None:
    batches, batcher = written_by(plain, put_many(150), capacity=100)

    assert batcher.dropped == 50 and batcher.has_dropped_lately
    assert [number for batch in batches for number in batch] == list(range(100))


def test_who_wants_to_know_is_told_what_was_dropped() -> None:
    told: list[tuple[int, int, int]] = []

    async def work() -> None:
        batcher = MessageBatcher(plain([]), capacity=1, on_dropped=lambda *dropped: told.append(dropped))
        batcher.put("MESSAGE_CREATE", {"id": "1", "channel_id": "7"})
        batcher.put("MESSAGE_CREATE", {"id": "2", "channel_id": "7"})
        batcher.put("MESSAGE_DELETE_BULK", {"ids": ["3", "4"], "channel_id": "8"})
        batcher.put("MESSAGE_CREATE", {"id": "no number", "channel_id": None})
        batcher.start()
        await batcher.drain()
        assert batcher.dropped == 3

    asyncio.run(work())

    assert [dropped[:2] for dropped in told] == [(7, 2), (8, 3), (8, 4)]
    assert all(dropped[2] > 0 for dropped in told)


def test_what_was_received_before_a_moment_is_settled_only_when_it_is_written() -> None:
    async def work() -> None:
        first_may_end = asyncio.Event()

        async def write(batch: list[Received]) -> None:
            if batch[0].payload["id"] == "0":
                await first_may_end.wait()

        batcher = MessageBatcher(write)
        batcher.start()
        batcher.put("MESSAGE_CREATE", {"id": "0"})
        received_ms = batcher.settled_until_ms
        await asyncio.sleep(0.1)
        batcher.put("MESSAGE_CREATE", {"id": "1"})  # is written first
        await asyncio.sleep(0.1)
        assert batcher.written == 1 and batcher.settled_until_ms == received_ms

        first_may_end.set()
        await batcher.drain()
        assert batcher.written == 2 and batcher.settled_until_ms > received_ms

    asyncio.run(work())


def test_a_database_that_is_away_holds_the_batch_back() -> None:
    failures = 2

    def failing(batches: list[list[int]]) -> Writer:
        async def write(batch: list[Received]) -> None:
            nonlocal failures
            if failures:
                failures -= 1
                raise OperationalError("insert", {}, Exception("server has gone away"))
            batches.append(numbers(batch))

        return write

    batches, batcher = written_by(failing, put_many(10))

    assert batches == [list(range(10))] and batcher.set_aside == 0


def test_an_event_that_cannot_be_written_is_set_aside_and_takes_nobody_with_it() -> None:
    def picky(batches: list[list[int]]) -> Writer:
        async def write(batch: list[Received]) -> None:
            if 37 in numbers(batch):
                raise IntegrityError("insert", {}, Exception("strange"))
            batches.append(numbers(batch))

        return write

    batches, batcher = written_by(picky, put_many(100))

    assert sorted(number for batch in batches for number in batch) == [number for number in range(100) if number != 37]
    assert batcher.set_aside == 1


def test_the_lag_is_that_of_the_oldest_waiting_event() -> None:
    async def work() -> tuple[float, float]:
        batcher = MessageBatcher(plain([]))
        before = batcher.lag_seconds
        batcher.put("MESSAGE_CREATE", {"id": "1"})
        await asyncio.sleep(0.05)
        batcher.put("MESSAGE_CREATE", {"id": "2"})
        return before, batcher.lag_seconds

    before, after = asyncio.run(work())

    assert before == 0 and 0.03 < after < 5
