"""The log as Redis streams, shared by any number of processes. Redis may be flushed at any moment: readers resync.

Keys of a tenant: `live:<t>:head` (hash: epoch, last id), `live:<t>:log` (stream, newest thousand), one channel
`live:wake` that carries the tenant's id whenever its log grew.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.clients.errors import Unavailable
from app.clients.live_bus.port import Ticket
from app.contracts.live import LOG_LENGTH, Cursor, Entry, Page, Signal, Topic

log = logging.getLogger(__name__)

SOCKET_SECONDS = 0.25
"""A frozen Redis is worse than a dead one: nobody waits longer than this."""
LONGEST_PAUSE = 32.0
KEPT_SECONDS = 7 * 24 * 3600
"""A log that nobody wrote to for a week is forgotten; its readers resync."""
WAKE_CHANNEL = "live:wake"

PUBLISH = """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'last', '0')
end
for i = 4, #ARGV do
  local id = redis.call('HINCRBY', KEYS[1], 'last', 1)
  redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[2], id .. '-1', 's', ARGV[i])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return redis.call('HGET', KEYS[1], 'last')
"""

READ = """
local head = redis.call('HMGET', KEYS[1], 'epoch', 'last')
if not head[1] then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'last', '0')
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  head = {ARGV[1], '0'}
end
if ARGV[2] == '' then return {head[1], head[2], false, {}} end
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
local found = redis.call('XRANGE', KEYS[2], ARGV[2] .. '-2', '+', 'COUNT', ARGV[3])
return {head[1], head[2], oldest[1] and oldest[1][1] or false, found}
"""

FORGET_READERS = """
local found = redis.call('SMEMBERS', KEYS[1])
for i = 1, #found do redis.call('DEL', found[i]) end
redis.call('DEL', KEYS[1])
return #found
"""


class RedisLiveBus:
    """Safe to share between threads and forks' children (each opens its own connections)."""

    def __init__(self, url: str) -> None:
        self._redis: redis.Redis[str] = redis.Redis.from_url(  # type: ignore[type-arg]
            url,
            decode_responses=True,
            socket_timeout=SOCKET_SECONDS,
            socket_connect_timeout=SOCKET_SECONDS,
            # A connection that an idle Redis dropped is opened anew once; a timeout is not waited for twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            health_check_interval=0,
        )
        self._publish = self._redis.register_script(PUBLISH)
        self._read = self._redis.register_script(READ)
        self._forget = self._redis.register_script(FORGET_READERS)
        self._pause = _Pause()

    def publish(self, tenant_id: int, signals: Iterable[Signal]) -> None:
        packed = [_packed(signal) for signal in signals]
        if not packed:
            return
        arguments: list[str | int] = [secrets.token_hex(8), LOG_LENGTH, KEPT_SECONDS, *packed]
        with suppress(Unavailable):
            self._call(lambda: self._publish(keys=_keys(tenant_id), args=arguments))
            self._call(lambda: self._redis.publish(WAKE_CHANNEL, str(tenant_id)))

    def read(self, tenant_id: int, after: Cursor | None, limit: int = 256) -> Page:
        arguments = [secrets.token_hex(8), "" if after is None else after.id, limit, KEPT_SECONDS]
        epoch, last, oldest, found = self._call(lambda: self._read(keys=_keys(tenant_id), args=arguments))
        now = Cursor(epoch, int(last))
        if after is None:
            return Page(now)
        first_kept = int(oldest.partition("-")[0]) if oldest else now.id + 1
        if after.epoch != epoch or after.id > now.id or after.id < first_kept - 1:
            return Page(now, resync=True)
        entries = tuple(_entry(stream_id, fields) for stream_id, fields in found)
        return Page(Cursor(epoch, entries[-1].id if entries else after.id), entries)

    def listen(self, told: Callable[[int], None]) -> Callable[[], None]:
        listener = _Listener(self._redis, told)
        listener.start()
        return listener.stop

    def put_ticket(self, token: str, ticket: Ticket, seconds: int) -> None:
        packed = json.dumps([ticket.tenant_id, ticket.guild_id, ticket.user_id, ticket.session_id, ticket.origin])
        self._call(lambda: self._redis.set(f"live:ticket:{token}", packed, ex=seconds))

    def take_ticket(self, token: str) -> Ticket | None:
        packed = self._call(lambda: self._redis.getdel(f"live:ticket:{token}"))
        return Ticket(*json.loads(packed)) if packed else None

    def put_readable_channels(self, tenant_id: int, user_id: int, channel_ids: frozenset[int], seconds: float) -> None:
        key = f"live:{tenant_id}:reader:{user_id}"
        packed = json.dumps(sorted(channel_ids))

        def store() -> None:
            pipe = self._redis.pipeline(transaction=True)
            pipe.set(key, packed, px=max(1, int(seconds * 1000)))
            pipe.sadd(f"live:{tenant_id}:readers", key)
            pipe.expire(f"live:{tenant_id}:readers", KEPT_SECONDS)
            pipe.execute()

        self._call(store)

    def readable_channels(self, tenant_id: int, user_id: int) -> frozenset[int] | None:
        packed = self._call(lambda: self._redis.get(f"live:{tenant_id}:reader:{user_id}"))
        return None if packed is None else frozenset(json.loads(packed))

    def forget_readers(self, tenant_id: int) -> None:
        self._call(lambda: self._forget(keys=[f"live:{tenant_id}:readers"]))

    def _call(self, work: Callable[[], Any]) -> Any:
        self._pause.check()
        try:
            found = work()
        except redis.RedisError as error:
            self._pause.failed()
            raise Unavailable("live_unavailable", type(error).__name__, retry_after=self._pause.left()) from error
        self._pause.succeeded()
        return found


class _Pause:
    """After a failure nobody asks for 1, 2, 4 … 32 seconds, so that a frozen Redis costs its timeout once."""

    def __init__(self) -> None:
        self._length = 0.0
        self._until = 0.0

    def check(self) -> None:
        if time.monotonic() < self._until:
            raise Unavailable("live_unavailable", "paused", retry_after=self.left())

    def failed(self) -> None:
        self._length = min(LONGEST_PAUSE, max(1.0, self._length * 2))
        self._until = time.monotonic() + self._length

    def succeeded(self) -> None:
        self._length = 0.0

    def left(self) -> float:
        return max(1.0, self._until - time.monotonic())


class _Listener(threading.Thread):
    """Waits for wake-ups on a connection of its own. What is missed while Redis is away, readers find by looking."""

    def __init__(self, client: Any, told: Callable[[int], None]) -> None:
        super().__init__(name="live bus listener", daemon=True)
        self._client = client
        self._told = told
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._client.pubsub(ignore_subscribe_messages=True) as subscription:
                    subscription.subscribe(WAKE_CHANNEL)
                    self._hear(subscription)
            except redis.RedisError as error:
                log.warning("live.listener_lost", extra={"error": type(error).__name__})
                self._stopping.wait(1.0)

    def _hear(self, subscription: Any) -> None:
        while not self._stopping.is_set():
            message = subscription.get_message(timeout=0.2)
            if message is not None and str(message["data"]).isdigit():
                self._told(int(message["data"]))

    def stop(self) -> None:
        self._stopping.set()
        self.join(2)


def _keys(tenant_id: int) -> list[str]:
    return [f"live:{tenant_id}:head", f"live:{tenant_id}:log"]


def _packed(signal: Signal) -> str:
    return json.dumps([signal.topic.value, signal.ref, signal.channel_id])


def _entry(stream_id: str, fields: Any) -> Entry:
    values = fields if isinstance(fields, dict) else dict(zip(fields[::2], fields[1::2], strict=True))
    topic, ref, channel_id = json.loads(values["s"])
    return Entry(int(stream_id.partition("-")[0]), Signal(Topic(topic), ref, channel_id))
