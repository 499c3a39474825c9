"""A gateway session: what one shard was sent, kept for a while so that it can resume."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import orjson

from sandbox.discord.gateway.opcodes import InvalidSession

if TYPE_CHECKING:
    from sandbox.discord.gateway.connection import Connection

REPLAY_EVENTS = 10_000


class Session:
    """One IDENTIFY's life. It outlives its connection: events that come while none is attached wait for RESUME.

    At most `replay_events` are kept; a client that missed more must identify anew.
    """

    def __init__(
        self, session_id: str, shard: tuple[int, int], intents: int, large_threshold: int, replay_events: int
    ) -> None:
        self.id = session_id
        self.shard = shard
        self.intents = intents
        self.large_threshold = large_threshold
        self.sequence = 0
        self.guild_ids: set[int] = set()
        self.connection: Connection | None = None
        self.detached_at: float | None = None
        self._replay: deque[tuple[int, bytes]] = deque(maxlen=replay_events)

    def serves(self, guild_id: int | None) -> bool:
        """True if events of that guild belong to this shard; events outside guilds belong to shard 0."""
        number, count = self.shard
        return ((guild_id >> 22) % count if guild_id is not None else 0) == number

    def dispatch(self, event: str, encoded_data: bytes) -> None:
        """Number one event, keep it for a replay, and send it if somebody is connected."""
        self.sequence += 1
        payload = b'{"t":"%b","s":%d,"op":0,"d":%b}' % (event.encode(), self.sequence, encoded_data)
        self._replay.append((self.sequence, payload))
        if self.connection is not None:
            self.connection.send(payload)

    def note_guild(self, event: str, guild_id: int | None) -> None:
        """Remember which guilds the client was told of: it hears nothing about others."""
        if event == "GUILD_CREATE" and guild_id is not None:
            self.guild_ids.add(guild_id)
        elif event == "GUILD_DELETE" and guild_id is not None:
            self.guild_ids.discard(guild_id)

    def attach(self, connection: Connection) -> None:
        """Let events flow to `connection` from now on."""
        self.connection = connection
        self.detached_at = None

    def detach(self, connection: Connection, now: float) -> None:
        """Forget `connection` if it is still the one that is served; `now` starts the time to resume."""
        if self.connection is connection:
            self.connection = None
            self.detached_at = now

    def missed_after(self, sequence: int) -> list[bytes]:
        """All payloads after `sequence`, in order; raises InvalidSession if some are no longer kept."""
        if sequence < self.sequence and (not self._replay or self._replay[0][0] > sequence + 1):
            raise InvalidSession(resumable=False)
        return [payload for number, payload in self._replay if number > sequence]


def encode(value: object) -> bytes:
    """JSON as it goes over the wire."""
    return orjson.dumps(value)
