"""Rooms of sockets, one a tenant: each entry of the log goes once and in order to whoever may hear it.

A socket is either *live* (it gets what the room reads), *behind* (it is catching up from its own cursor) or *slow*
(its buffer is full; when that has drained it gets one `resync` and is live again).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum

from aiohttp import web

from app.clients.live_bus.port import Ticket
from app.config import Settings
from app.contracts.live import CLOSE_UNAUTHORIZED, Cursor, CursorSeal, Entry, Page, Topic
from app.domain.errors import Unavailable
from app.domain.live.queries import beginning_of, listen, newest_heard, whole_page_after
from bot.database import DATABASE_AWAY, Domain
from bot.live.frames import Frames
from bot.live.listeners import Ears, ears_of, still_welcome

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""The log is read this often even where no wake-up came: one may be lost."""
CHECK_SECONDS = 2.0
"""Sessions and roles are checked this often; a socket that lost its right is closed within five seconds."""
EARS_SECONDS = 30.0
SLOW_LOOK_SECONDS = 0.25
SOCKETS_A_USER = 20
BUFFER_BYTES = 24 * 1024
"""About 256 events: more unsent bytes than these, and the client is slow."""
EVERYBODY_CHANGED = frozenset({"guild", "channels", "roles", "members"})


class State(Enum):
    BEHIND = 1
    LIVE = 2
    SLOW = 3


class Socket:
    """One open WebSocket."""

    __slots__ = ("cursor", "ears", "ears_until", "socket", "state", "ticket", "transport")

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport, ticket: Ticket, ears: Ears, cursor: Cursor
    ) -> None:
        self.socket = socket
        self.transport = transport
        self.ticket = ticket
        self.ears = ears
        self.ears_until = time.monotonic() + EARS_SECONDS
        self.cursor = cursor
        self.state = State.BEHIND

    @property
    def is_full(self) -> bool:
        return self.transport.get_write_buffer_size() > BUFFER_BYTES

    def write(self, whole_frames: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(whole_frames)


class _Room:
    """A tenant's sockets and how far its log has been read."""

    def __init__(self, now: Cursor) -> None:
        self.sockets: set[Socket] = set()
        self.cursor = now
        self.grew = asyncio.Event()
        self.reader: asyncio.Task[None] | None = None


class Hub:
    """Belongs to one event loop."""

    def __init__(self, domain: Domain) -> None:
        settings: Settings = domain.app.config["SETTINGS"]
        self._domain = domain
        self.seal = CursorSeal(settings.bot_api_secrets[0])
        self.frames = Frames(self.seal)
        self._rooms: dict[int, _Room] = {}
        self._of_user: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop_listening: Callable[[], None] | None = None
        self._closing = False
        self.delivered = 0

    async def start(self) -> None:
        """Begin to hear of changes and to check who is still welcome."""
        loop = asyncio.get_running_loop()
        self._stop_listening = await self._domain.run(listen, lambda tenant: _call_soon(loop, self._wake, tenant))
        self._begin(self._check_everybody(), "live: who is welcome")

    async def close(self) -> None:
        """Send everybody away with 1001: they come back to another process, or to the next start."""
        self._closing = True
        if self._stop_listening is not None:
            await asyncio.to_thread(self._stop_listening)
        await asyncio.gather(
            *(each.socket.close(code=1001, message=b"restarting") for each in self._everybody()), return_exceptions=True
        )
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def sockets(self) -> int:
        """How many are open."""
        return sum(len(room.sockets) for room in self._rooms.values())

    @contextmanager
    def place_for(self, user_id: int) -> Iterator[bool]:
        """A place among this person's sockets here, kept from the first check on; False where all are taken."""
        if self._of_user[user_id] >= SOCKETS_A_USER:
            yield False
            return
        self._of_user[user_id] += 1
        try:
            yield True
        finally:
            self._of_user[user_id] -= 1
            if not self._of_user[user_id]:
                del self._of_user[user_id]

    async def cursor_of(self, tenant_id: int) -> Cursor:
        """Where the tenant's log is now. Raises `Unavailable`."""
        return (await self._domain.run(whole_page_after, tenant_id, None)).cursor

    async def place_of(self, tenant_id: int, ears: Ears, now: Cursor) -> Cursor:
        """Where somebody with these ears is: what they may not hear of does not show in it. Raises `Unavailable`."""
        return await self._domain.run(newest_heard, tenant_id, now, ears.hears)

    def join(self, socket: Socket, now: Cursor) -> None:
        """Take a socket in; it is caught up from its own cursor first. `now` is what its hello said."""
        room = self._rooms.setdefault(socket.ticket.tenant_id, _Room(now))
        room.sockets.add(socket)
        if room.reader is None or room.reader.done():
            room.reader = self._begin(self._read(socket.ticket.tenant_id, room), "live: room")
        self._begin(self._catch_up(socket, room), "live: catching up")

    def leave(self, socket: Socket) -> None:
        """The socket is gone."""
        tenant_id = socket.ticket.tenant_id
        room = self._rooms.get(tenant_id)
        if room is None or socket not in room.sockets:
            return
        room.sockets.remove(socket)
        if not room.sockets:
            del self._rooms[tenant_id]
            room.grew.set()

    def _wake(self, tenant_id: int) -> None:
        room = self._rooms.get(tenant_id)
        if room is not None:
            room.grew.set()

    async def _read(self, tenant_id: int, room: _Room) -> None:
        while room.sockets and not self._closing:
            room.grew.clear()
            try:
                await self._read_all(tenant_id, room)
            except (Unavailable, *DATABASE_AWAY) as error:
                log.warning("live.cannot_read", extra={"tenant": tenant_id, "error": type(error).__name__})
                await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.wait_for(room.grew.wait(), LOOK_SECONDS)
            except TimeoutError:
                pass

    async def _read_all(self, tenant_id: int, room: _Room) -> None:
        while True:
            page = await self._domain.run(whole_page_after, tenant_id, room.cursor)
            if page.resync:
                room.cursor = page.cursor
                resync = self.frames.resync(beginning_of(page.cursor))
                for socket in room.sockets:
                    if socket.state is State.LIVE:
                        socket.cursor = page.cursor
                        socket.write(resync)
            if not page.entries:
                return
            self._drop_changed_ears(room, page.entries)
            await self._grow_ears(tenant_id, room.sockets, page.entries)
            room.cursor = page.cursor
            self._deliver([each for each in room.sockets if each.state is State.LIVE], page)

    def _deliver(self, sockets: Iterable[Socket], page: Page) -> None:
        """Write a page to each socket: one joined run of frames for all who hear the same."""
        built = [(entry, self.frames.event(page.cursor.epoch, entry)) for entry in page.entries]
        runs: dict[tuple[frozenset[int] | None, int], bytes] = {}
        for socket in sockets:
            if socket.is_full:
                socket.state = State.SLOW
                self._begin(self._wait_for_slow(socket), "live: slow client")
                continue
            ears, after = socket.ears, socket.cursor.id
            key = (ears.channels, after)
            run = runs.get(key)
            if run is None:
                run = runs[key] = b"".join(
                    whole for entry, whole in built if entry.id > after and ears.hears(entry.signal.channel_id)
                )
            socket.cursor = page.cursor
            if run:
                socket.write(run)
                self.delivered += 1

    async def _catch_up(self, socket: Socket, room: _Room) -> None:
        tenant_id = socket.ticket.tenant_id
        while socket in room.sockets:
            try:
                page = await self._domain.run(whole_page_after, tenant_id, socket.cursor)
                await self._grow_ears(tenant_id, [socket], page.entries)
                place = await self.place_of(tenant_id, socket.ears, page.cursor) if page.resync else page.cursor
            except (Unavailable, *DATABASE_AWAY):
                await asyncio.sleep(LOOK_SECONDS)
                continue
            if page.resync:
                socket.cursor = page.cursor
                socket.write(self.frames.resync(place))
            else:
                self._deliver([socket], page)
            if socket.state is State.SLOW:
                return
            # Nothing is awaited between this comparison and the change of state: no entry can slip through.
            if socket.cursor.epoch == room.cursor.epoch and socket.cursor.id >= room.cursor.id:
                socket.state = State.LIVE
                return

    async def _wait_for_slow(self, socket: Socket) -> None:
        while socket.transport.get_write_buffer_size() > 0:
            await asyncio.sleep(SLOW_LOOK_SECONDS)
            if socket.transport.is_closing():
                return
        room = self._rooms.get(socket.ticket.tenant_id)
        if room is None:
            return
        try:
            place = await self.place_of(socket.ticket.tenant_id, socket.ears, room.cursor)
        except (Unavailable, *DATABASE_AWAY):
            place = beginning_of(room.cursor)
        if socket not in room.sockets:
            return
        socket.cursor = room.cursor
        socket.write(self.frames.resync(place))
        socket.state = State.LIVE

    def _drop_changed_ears(self, room: _Room, entries: Iterable[Entry]) -> None:
        refs = {entry.signal.ref for entry in entries if entry.signal.topic is Topic.MEMBERS}
        if not refs:
            return
        everybody = bool(refs & EVERYBODY_CHANGED)
        for socket in room.sockets:
            if everybody or f"member:{socket.ticket.user_id}" in refs:
                socket.ears_until = 0.0

    async def _grow_ears(self, tenant_id: int, sockets: Iterable[Socket], entries: Iterable[Entry]) -> None:
        """Ask anew what people may hear, where that is needed for these entries and no longer known."""
        if all(entry.signal.channel_id is None for entry in entries):
            return
        now = time.monotonic()
        old = [socket for socket in sockets if socket.ears_until < now]
        if not old:
            return
        found = await self._domain.run(ears_of, tenant_id, {socket.ticket.user_id for socket in old})
        for socket in old:
            # Who may not listen any more hears of no channel until the next check closes the socket.
            socket.ears = found.get(socket.ticket.user_id) or Ears(socket.ears.role, frozenset())
            socket.ears_until = time.monotonic() + EARS_SECONDS

    async def _check_everybody(self) -> None:
        while not self._closing:
            await asyncio.sleep(CHECK_SECONDS)
            everybody = self._everybody()
            if not everybody:
                continue
            try:
                roles = await self._domain.run(still_welcome, {socket.ticket for socket in everybody})
            except Exception:
                # Whatever it was: nobody may stay unchecked because this task has ended.
                log.exception("live.cannot_check")
                continue
            for socket in everybody:
                role = roles.get(socket.ticket)
                if role is None:
                    self._begin(self._send_away(socket), "live: no longer welcome")
                elif socket.ears.role is not role:
                    socket.ears_until = 0.0

    async def _send_away(self, socket: Socket) -> None:
        self.leave(socket)
        await socket.socket.close(code=CLOSE_UNAUTHORIZED, message=b"no longer welcome")

    def _everybody(self) -> list[Socket]:
        found: dict[int, list[Socket]] = defaultdict(list)
        for tenant_id, room in self._rooms.items():
            found[tenant_id] = list(room.sockets)
        return [socket for sockets in found.values() for socket in sockets]

    def _begin(self, work: object, name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("live.task_failed", exc_info=task.exception(), extra={"task": task.get_name()})


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[int], None], tenant_id: int) -> None:
    try:
        loop.call_soon_threadsafe(callback, tenant_id)
    except RuntimeError:
        return  # the loop is closed: nobody listens any more
