"""What both logs promise: the ring in one process, and Redis between processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from app.clients.errors import Unavailable
from app.clients.live_bus.port import LiveBus, Ticket
from app.clients.live_bus.redis_streams import RedisLiveBus
from app.clients.live_bus.ring import RingLiveBus
from app.contracts.live import LOG_LENGTH, Cursor, Signal, Topic
from tests.servers.redis import Redis

TICKET = Ticket(tenant_id=1, guild_id=300, user_id=200, session_id=7, origin="https://panel.test")


def signal(number: int, channel_id: int | None = None) -> Signal:
    return Signal(Topic.MESSAGES, f"message:{number}", channel_id)


@pytest.fixture(params=["ring", "redis"])
def bus(request: pytest.FixtureRequest) -> Iterator[LiveBus]:
    if request.param == "ring":
        yield RingLiveBus()
        return
    server: Redis = request.getfixturevalue("redis_server")
    found = RedisLiveBus(server.url)
    found._redis.flushall()
    yield found


def test_entries_arrive_once_and_in_order_after_the_cursor(bus: LiveBus) -> None:
    start = bus.read(1, None).cursor
    bus.publish(1, [signal(1), signal(2, channel_id=5)])
    bus.publish(1, [Signal(Topic.MODERATION, "case:4")])

    page = bus.read(1, start)

    assert [entry.signal for entry in page.entries] == [signal(1), signal(2, 5), Signal(Topic.MODERATION, "case:4")]
    assert not page.resync
    assert [entry.id for entry in page.entries] == [start.id + 1, start.id + 2, start.id + 3]
    assert bus.read(1, page.cursor).entries == ()


def test_a_page_ends_at_its_limit_and_the_next_goes_on_there(bus: LiveBus) -> None:
    start = bus.read(1, None).cursor
    bus.publish(1, [signal(number) for number in range(10)])

    first = bus.read(1, start, limit=4)
    rest = bus.read(1, first.cursor, limit=100)

    assert [entry.signal for entry in (*first.entries, *rest.entries)] == [signal(number) for number in range(10)]


def test_a_log_belongs_to_its_tenant(bus: LiveBus) -> None:
    own, other = bus.read(1, None).cursor, bus.read(2, None).cursor
    bus.publish(1, [signal(1)])

    assert len(bus.read(1, own).entries) == 1
    assert bus.read(2, other).entries == ()


def test_a_cursor_from_before_the_log_asks_for_everything_again(bus: LiveBus) -> None:
    start = bus.read(1, None).cursor
    bus.publish(1, [signal(number) for number in range(LOG_LENGTH + 5)])

    lost = bus.read(1, start)
    kept = bus.read(1, Cursor(start.epoch, start.id + 5), limit=LOG_LENGTH)

    assert lost.resync and lost.entries == ()
    assert lost.cursor.id == start.id + LOG_LENGTH + 5
    assert not kept.resync and len(kept.entries) == LOG_LENGTH


@pytest.mark.parametrize("number", [0, 10**9])
def test_a_cursor_of_another_epoch_or_from_the_future_asks_for_everything_again(bus: LiveBus, number: int) -> None:
    start = bus.read(1, None).cursor
    bus.publish(1, [signal(1)])

    strange = Cursor("0123456789abcdef", start.id) if number == 0 else Cursor(start.epoch, number)

    assert bus.read(1, strange).resync


def test_a_ticket_opens_once(bus: LiveBus) -> None:
    bus.put_ticket("token", TICKET, 60)

    assert bus.take_ticket("token") == TICKET
    assert bus.take_ticket("token") is None
    assert bus.take_ticket("another") is None


def test_of_many_who_take_one_ticket_at_once_one_gets_it(bus: LiveBus) -> None:
    bus.put_ticket("token", TICKET, 60)
    taken: list[Ticket | None] = []
    threads = [threading.Thread(target=lambda: taken.append(bus.take_ticket("token"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [ticket for ticket in taken if ticket] == [TICKET]


def test_a_ticket_runs_out(bus: LiveBus) -> None:
    bus.put_ticket("token", TICKET, 1)
    time.sleep(1.2)

    assert bus.take_ticket("token") is None


def test_a_readers_channels_are_remembered_until_forgotten_or_run_out(bus: LiveBus) -> None:
    bus.put_readable_channels(1, 200, frozenset({5, 6}), 60)
    bus.put_readable_channels(1, 201, frozenset(), 60)
    bus.put_readable_channels(2, 200, frozenset({9}), 60)
    bus.put_readable_channels(3, 200, frozenset({9}), 0.05)

    assert bus.readable_channels(1, 200) == frozenset({5, 6})
    assert bus.readable_channels(1, 201) == frozenset()
    bus.forget_readers(1)
    assert bus.readable_channels(1, 200) is None
    assert bus.readable_channels(1, 201) is None
    assert bus.readable_channels(2, 200) == frozenset({9})
    time.sleep(0.1)
    assert bus.readable_channels(3, 200) is None


def test_whoever_listens_is_told_which_log_grew(bus: LiveBus) -> None:
    told: list[int] = []
    heard = threading.Event()

    def hear(tenant_id: int) -> None:
        told.append(tenant_id)
        heard.set()

    stop = bus.listen(hear)
    for _attempt in range(50):
        bus.publish(7, [signal(1)])
        if heard.wait(0.1):
            break
    stop()
    before = len(told)
    bus.publish(7, [signal(2)])

    assert set(told) == {7}
    assert len(told) == before


def test_processes_that_share_redis_share_the_log(redis_server: Redis) -> None:
    writer, reader = RedisLiveBus(redis_server.url), RedisLiveBus(redis_server.url)
    writer._redis.flushall()
    start = reader.read(1, None).cursor

    writer.publish(1, [signal(1)])

    assert [entry.signal for entry in reader.read(1, start).entries] == [signal(1)]


def test_a_flushed_redis_begins_a_new_epoch(redis_server: Redis) -> None:
    bus = RedisLiveBus(redis_server.url)
    bus.publish(1, [signal(1)])
    before = bus.read(1, None).cursor
    bus._redis.flushall()
    bus.publish(1, [signal(2)])

    page = bus.read(1, before)

    assert page.resync and page.cursor.epoch != before.epoch


def test_a_dead_redis_is_unavailable_and_publishing_into_it_raises_nothing() -> None:
    server = Redis()
    bus = RedisLiveBus(server.url)
    bus.publish(1, [signal(1)])
    server.stop()

    bus.publish(1, [signal(2)])

    with pytest.raises(Unavailable) as error:
        bus.read(1, None)
    assert error.value.code == "live_unavailable"
    assert error.value.retry_after is not None
