"""One websocket: hello, heartbeats, and what the client says, until either side closes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import WSMessage, WSMsgType, web

from sandbox.discord.gateway.compression import Compression, ZlibPayloads
from sandbox.discord.gateway.limits import SendLimit
from sandbox.discord.gateway.opcodes import REASONS, CloseCode, GatewayClosure, InvalidSession, Opcode
from sandbox.discord.gateway.session import Session, encode

if TYPE_CHECKING:
    from sandbox.discord.gateway.hub import Gateway

MAX_PAYLOAD = 4096
MAX_WAITING = 50_000

# A client that closes with one of these says goodbye; any other code leaves the session open to RESUME.
_GOODBYE = (1000, 1001)


class Connection:
    """Speaks with one client. Payloads leave in the order in which they were handed to `send`."""

    def __init__(self, gateway: Gateway, request: web.Request, compression: Compression) -> None:
        self.gateway = gateway
        self.session: Session | None = None
        self.gateway_url = f"ws{gateway.world.public_url.removeprefix('http')}/gateway"
        self.acknowledges = True
        self._request = request
        self._compression = compression
        self._socket = web.WebSocketResponse(max_msg_size=0, compress=False, timeout=2)
        self._outgoing: asyncio.Queue[tuple[float, bytes | CloseCode | int]] = asyncio.Queue()
        self._sends = SendLimit()
        self._zombie_timer: asyncio.TimerHandle | None = None

    async def run(self) -> web.WebSocketResponse:
        """Serve the socket until it is closed."""
        await self._socket.prepare(self._request)
        self._greet()
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        code: int | None = None
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            code = writing.result() if writing.done() else None
            await _stop(reading, writing)
            if code is not None:
                # Only now that nobody reads any more, so that the client's own close frame is waited for.
                await self._close_socket(code)
        finally:
            self._stop_zombie_timer()
            self.gateway.forget_connection(self, said_goodbye=code is None and self._socket.close_code in _GOODBYE)
        return self._socket

    def send(self, payload: bytes) -> None:
        """Queue one payload; a client that lets too many pile up is cut off, as Discord does."""
        if self._outgoing.qsize() >= MAX_WAITING:
            self.abort()
            return
        self._put(payload)

    def send_operation(self, opcode: Opcode, data: Any) -> None:
        """Queue a payload that is no event."""
        self.send(encode({"t": None, "s": None, "op": opcode, "d": data}))

    def close(self, code: CloseCode | int) -> None:
        """Close with `code` once everything queued before is sent."""
        self._put(code)

    def abort(self) -> None:
        """Drop the TCP connection without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def compress_payloads(self) -> None:
        """From here on each payload is a zlib message of its own (`"compress": true` in IDENTIFY)."""
        if not self._compression.is_binary:
            self._compression = ZlibPayloads()

    def _put(self, item: bytes | CloseCode | int) -> None:
        self._outgoing.put_nowait((asyncio.get_running_loop().time() + self.gateway.latency, item))

    async def _next(self) -> bytes | CloseCode | int:
        due, item = await self._outgoing.get()
        wait = due - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)
        return item

    def _greet(self) -> None:
        if self._request.query.get("v", "10") != "10":
            self.close(CloseCode.INVALID_API_VERSION)
        elif self.gateway.refusals.take("op7"):
            self.send_operation(Opcode.RECONNECT, None)
        else:
            interval = self.gateway.heartbeat_interval
            self.send_operation(
                Opcode.HELLO, {"heartbeat_interval": int(interval * 1000), "_trace": ["gateway-sandbox"]}
            )
            self._expect_heartbeat()

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            try:
                self._handle(message)
            except GatewayClosure as closure:
                self.gateway.end_session_on(closure.code, self.session)
                self.close(closure.code)
            except InvalidSession as invalid:
                self.send_operation(Opcode.INVALID_SESSION, invalid.resumable)

    def _handle(self, message: WSMessage) -> None:
        if not self._sends.allows(asyncio.get_running_loop().time()):
            raise GatewayClosure(CloseCode.RATE_LIMITED)
        raw = message.data.encode() if isinstance(message.data, str) else bytes(message.data)
        payload = _decode(raw)
        self.gateway.saw("received", raw)
        self._handle_operation(payload["op"], payload.get("d"))

    def _handle_operation(self, opcode: Any, data: Any) -> None:
        if opcode == Opcode.HEARTBEAT:
            self._heartbeat(data)
        elif opcode in (Opcode.IDENTIFY, Opcode.RESUME):
            if self.session is not None:
                raise GatewayClosure(CloseCode.ALREADY_AUTHENTICATED)
            begin = self.gateway.identify if opcode == Opcode.IDENTIFY else self.gateway.resume
            begin(self, _object(data))
        elif opcode not in frozenset(Opcode):
            raise GatewayClosure(CloseCode.UNKNOWN_OPCODE)
        elif self.session is None:
            raise GatewayClosure(CloseCode.NOT_AUTHENTICATED)
        elif opcode == Opcode.REQUEST_GUILD_MEMBERS:
            self.gateway.request_members(self.session, _object(data))
        elif opcode not in (
            Opcode.PRESENCE_UPDATE,
            Opcode.VOICE_STATE_UPDATE,
            Opcode.REQUEST_SOUNDBOARD_SOUNDS,
            Opcode.REQUEST_CHANNEL_INFO,
        ):
            raise GatewayClosure(CloseCode.UNKNOWN_OPCODE)

    def _heartbeat(self, sequence: Any) -> None:
        if sequence is not None and not isinstance(sequence, int):
            raise GatewayClosure(CloseCode.DECODE_ERROR)
        self._expect_heartbeat()
        if self.acknowledges and not self.gateway.refusals.take("silence"):
            self.send_operation(Opcode.HEARTBEAT_ACK, None)

    def _expect_heartbeat(self) -> None:
        self._stop_zombie_timer()
        patience = self.gateway.heartbeat_interval * 1.5
        self._zombie_timer = asyncio.get_running_loop().call_later(patience, self.close, CloseCode.SESSION_TIMED_OUT)

    def _stop_zombie_timer(self) -> None:
        if self._zombie_timer is not None:
            self._zombie_timer.cancel()
            self._zombie_timer = None

    async def _write(self) -> int | None:
        """Sends what is queued; answers the code to close with, or None when the connection is lost."""
        with suppress(ConnectionError):
            while not isinstance(item := await self._next(), int):
                self.gateway.saw("sent", item)
                frame = self._compression.frame(item)
                if self._compression.is_binary:
                    await self._socket.send_bytes(frame)
                else:
                    await self._socket.send_str(frame.decode())
            return item
        return None

    async def _close_socket(self, code: int) -> None:
        reason = REASONS[CloseCode(code)] if code in frozenset(CloseCode) else ""
        await self._socket.close(code=code, message=reason.encode())


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


def _decode(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_PAYLOAD:
        raise GatewayClosure(CloseCode.DECODE_ERROR)
    try:
        payload = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise GatewayClosure(CloseCode.DECODE_ERROR) from None
    payload = _object(payload)
    if not isinstance(payload.get("op"), int):
        raise GatewayClosure(CloseCode.DECODE_ERROR)
    return payload


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GatewayClosure(CloseCode.DECODE_ERROR)
    return value
