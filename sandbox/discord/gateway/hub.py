"""The gateway as a whole: its sessions, what flows to them, and how it can be made to fail."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

from sandbox.discord import payloads
from sandbox.discord.gateway import handshake
from sandbox.discord.gateway.compression import compression_for
from sandbox.discord.gateway.connection import Connection
from sandbox.discord.gateway.intents import Intent
from sandbox.discord.gateway.limits import IdentifySpacing, SessionStarts
from sandbox.discord.gateway.members import member_chunks
from sandbox.discord.gateway.opcodes import ENDS_SESSION, CloseCode, GatewayClosure, InvalidSession, Opcode
from sandbox.discord.gateway.refusals import Refusals
from sandbox.discord.gateway.session import REPLAY_EVENTS, Session, encode
from sandbox.discord.gateway.visibility import guild_create, reaches, tailored
from sandbox.discord.models import Dispatch

if TYPE_CHECKING:
    from sandbox.discord.world import World

Direction = Literal["sent", "received"]
Witness = Callable[[Direction, bytes], None]


@dataclass
class GatewayCounters:
    """What happened at the gateway since it started."""

    connections: int = 0
    identifies: int = 0
    resumes: int = 0
    replayed_events: int = 0
    dropped_events: int = 0


class Gateway:
    """Serves `/gateway`. Every change of the world that a session may see reaches it in order.

    `heartbeat_interval` and `identify_spacing` are seconds; `resume_seconds` is how long, by the world's clock,
    a session waits for its client to come back. `latency` is how many seconds everything takes to a client.
    `max_guilds_a_shard` above makes sharding required.
    """

    def __init__(
        self,
        world: World,
        *,
        heartbeat_interval: float = 41.25,
        identify_spacing: float = 5.0,
        resume_seconds: float = 180.0,
        replay_events: int = REPLAY_EVENTS,
    ) -> None:
        self.world = world
        self.heartbeat_interval = heartbeat_interval
        self.resume_seconds = resume_seconds
        self.replay_events = replay_events
        self.latency = 0.0
        self.guilds_a_shard = handshake.GUILDS_A_SHARD
        self.application_flags = handshake.APPLICATION_FLAGS
        self.starts = SessionStarts(lambda: int(world.clock.timestamp() * 1000))
        self.spacing = IdentifySpacing(identify_spacing)
        self.refusals = Refusals()
        self.counters = GatewayCounters()
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        self._witnesses: list[Witness] = []
        self._to_drop = 0
        world.subscribe(self._on_dispatch)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The websocket's request handler."""
        compression = compression_for(request.query.get("compress"))
        if self.refusals.take("http"):
            return web.Response(status=503, text="upstream connect error")
        if compression is None or request.query.get("encoding", "json") != "json":
            return web.Response(status=400, text="unknown encoding or compression")
        connection = Connection(self, request, compression)
        self._connections.add(connection)
        self.counters.connections += 1
        return await connection.run()

    # What connections ask for

    def identify(self, connection: Connection, data: dict[str, Any]) -> None:
        """Begin a session: READY, then a GUILD_CREATE for each guild of its shard."""
        handshake.check_token(self.world, data)
        self._count_start()
        self._refuse_if_ordered()
        session = handshake.session_for(
            self.world,
            data,
            application_flags=self.application_flags,
            guilds_a_shard=self.guilds_a_shard,
            replay_events=self.replay_events,
        )
        if not self.spacing.allows(session.shard[0] % self.starts.max_concurrency, get_running_loop().time()):
            raise InvalidSession(resumable=False)
        if data.get("compress") is True:
            connection.compress_payloads()
        self._begin(session, connection)

    def resume(self, connection: Connection, data: dict[str, Any]) -> None:
        """Continue a session: everything after `seq`, then RESUMED; op 9 where that is no longer possible."""
        handshake.check_token(self.world, data)
        self.counters.resumes += 1
        self._refuse_if_ordered()
        self._expire_sessions()
        sequence = data.get("seq")
        session = self._sessions.get(str(data.get("session_id")))
        if session is None:
            raise InvalidSession(resumable=False)
        if not isinstance(sequence, int) or sequence > session.sequence:
            self._sessions.pop(session.id)
            raise GatewayClosure(CloseCode.INVALID_SEQ)
        missed = session.missed_after(sequence)
        if session.connection is not None:
            session.connection.session = None
            session.connection.close(CloseCode.SESSION_TIMED_OUT)
        connection.session = session
        session.attach(connection)
        self.counters.replayed_events += len(missed)
        for payload in missed:
            connection.send(payload)
        session.dispatch("RESUMED", encode({"_trace": ["gateway-sandbox"]}))

    def request_members(self, session: Session, request: dict[str, Any]) -> None:
        """Op 8: answer with GUILD_MEMBERS_CHUNK events; an unknown guild gets no answer."""
        guild_id = request.get("guild_id")
        guild = self.world.guilds.get(int(guild_id)) if str(guild_id).isdecimal() else None
        if guild is None or self.world.bot_user.id not in guild.members or not session.serves(guild.id):
            return
        for chunk in member_chunks(guild, session, request):
            session.dispatch("GUILD_MEMBERS_CHUNK", encode(chunk))

    def forget_connection(self, connection: Connection, *, said_goodbye: bool) -> None:
        """A socket is gone. Its session waits for RESUME, unless the client said goodbye."""
        self._connections.discard(connection)
        session = connection.session
        if session is None:
            return
        session.detach(connection, self.world.clock.timestamp())
        if said_goodbye:
            self._sessions.pop(session.id, None)

    def end_session_on(self, code: CloseCode, session: Session | None) -> None:
        """Forget the session if the close code leaves nothing to resume."""
        if session is not None and code in ENDS_SESSION:
            self._sessions.pop(session.id, None)

    def saw(self, direction: Direction, payload: bytes) -> None:
        """Tell the witnesses about one payload on the wire."""
        for witness in self._witnesses:
            witness(direction, payload)

    # What the controls and tests ask for

    def watch(self, witness: Witness) -> None:
        """Call `witness` with each payload sent to and received from clients, before compression."""
        self._witnesses.append(witness)

    def cut(self, how: str) -> int:
        """End every connection and say how many there were.

        `how`: `tcp`, `op7`, `op9`, `op9_resumable`, `expire` (a lost connection whose session is forgotten too),
        or a close code such as `4009`. Raises ValueError for anything else.
        """
        connections = [connection for connection in self._connections if connection.session is not None]
        for connection in connections:
            self._cut_one(connection, how)
        if how == "expire":
            self._sessions.clear()
        return len(connections)

    def drop(self, count: int) -> None:
        """Lose the next `count` events: no session ever hears of them, sequence numbers show no hole."""
        self._to_drop = count

    def state(self) -> dict[str, Any]:
        """What the controls show: counters, sessions, what is ordered, and the session start limit."""
        return asdict(self.counters) | {
            "connected": sum(session.connection is not None for session in self._sessions.values()),
            "sessions": [
                {
                    "session_id": session.id,
                    "shard": list(session.shard),
                    "intents": session.intents,
                    "seq": session.sequence,
                    "connected": session.connection is not None,
                }
                for session in self._sessions.values()
            ],
            "refusals": self.refusals.pending(),
            "to_drop": self._to_drop,
            "session_start_limit": self.starts.payload(),
            "heartbeat_interval": self.heartbeat_interval,
            "identify_spacing": self.spacing.seconds,
        }

    async def close(self) -> None:
        """Tell every client to come back later, and let go of the sockets."""
        for connection in list(self._connections):
            connection.close(1012)

    def _begin(self, session: Session, connection: Connection) -> None:
        self._sessions[session.id] = session
        connection.session = session
        session.attach(connection)
        greeting = handshake.ready(self.world, session, connection.gateway_url, self.application_flags)
        session.dispatch("READY", encode(greeting))
        if self.refusals.take("ready_then_op9"):
            self._sessions.pop(session.id)
            connection.session = None
            raise InvalidSession(resumable=False)
        for guild_id in handshake.guild_ids(self.world):
            if session.serves(guild_id):
                self._introduce(session, guild_id)

    def _introduce(self, session: Session, guild_id: int) -> None:
        session.guild_ids.add(guild_id)
        if session.intents & Intent.GUILDS:
            own_id = self.world.bot_user.id
            whole = payloads.guild_create(self.world, self.world.guilds[guild_id], own_id)
            session.dispatch("GUILD_CREATE", encode(guild_create(whole, session, str(own_id))))

    def _refuse_if_ordered(self) -> None:
        code = self.refusals.take_close_code()
        if code is not None:
            raise GatewayClosure(code)
        if self.refusals.take("op9_resumable"):
            raise InvalidSession(resumable=True)
        if self.refusals.take("op9"):
            raise InvalidSession(resumable=False)

    def _count_start(self) -> None:
        self.counters.identifies += 1
        if not self.starts.take():
            # As Discord does: the token of an application that went over the limit is reset.
            self.world.application.bot_token = f"{self.world.application.bot_token}.reset"
            raise GatewayClosure(CloseCode.AUTHENTICATION_FAILED)

    def _cut_one(self, connection: Connection, how: str) -> None:
        if how in ("tcp", "expire"):
            connection.abort()
        elif how == "op7":
            connection.send_operation(Opcode.RECONNECT, None)
        elif how == "op9_resumable":
            connection.send_operation(Opcode.INVALID_SESSION, True)
        elif how == "op9":
            self.end_session_on(CloseCode.INVALID_SEQ, connection.session)
            connection.session = None
            connection.send_operation(Opcode.INVALID_SESSION, False)
        else:
            code = _close_code(how)
            self.end_session_on(code, connection.session)
            connection.close(code)

    def _on_dispatch(self, dispatch: Dispatch) -> None:
        encoded: bytes | None = None
        is_counted = False
        for session in list(self._sessions.values()):
            is_reached = reaches(self.world, session, dispatch)
            session.note_guild(dispatch.name, dispatch.guild_id)
            if not is_reached:
                continue
            if self._to_drop and not is_counted:
                self._to_drop -= 1
                self.counters.dropped_events += 1
                return
            is_counted = True
            data = tailored(self.world, session, dispatch)
            if data is not dispatch.data:
                session.dispatch(dispatch.name, encode(data))
                continue
            encoded = encoded if encoded is not None else encode(data)
            session.dispatch(dispatch.name, encoded)

    def _expire_sessions(self) -> None:
        oldest = self.world.clock.timestamp() - self.resume_seconds
        for session in list(self._sessions.values()):
            if session.detached_at is not None and session.detached_at < oldest:
                self._sessions.pop(session.id)


def _close_code(how: str) -> CloseCode:
    with suppress(ValueError):
        return CloseCode(int(how))
    raise ValueError(f"unknown way to cut {how!r}: tcp, op7, op9, op9_resumable, expire, or a close code from 4000")
