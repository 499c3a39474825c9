"""The numbers of Gateway v10: operations and close codes."""

from __future__ import annotations

from enum import IntEnum


class Opcode(IntEnum):
    """What a gateway payload is for (`op`)."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11
    REQUEST_SOUNDBOARD_SOUNDS = 31
    REQUEST_CHANNEL_INFO = 43


class CloseCode(IntEnum):
    """Why the gateway closed the socket."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


REASONS: dict[CloseCode, str] = {
    CloseCode.UNKNOWN_ERROR: "Unknown error.",
    CloseCode.UNKNOWN_OPCODE: "Unknown opcode.",
    CloseCode.DECODE_ERROR: "Error while decoding payload.",
    CloseCode.NOT_AUTHENTICATED: "Not authenticated.",
    CloseCode.AUTHENTICATION_FAILED: "Authentication failed.",
    CloseCode.ALREADY_AUTHENTICATED: "Already authenticated.",
    CloseCode.INVALID_SEQ: "Invalid seq.",
    CloseCode.RATE_LIMITED: "Rate limited.",
    CloseCode.SESSION_TIMED_OUT: "Session timed out.",
    CloseCode.INVALID_SHARD: "Invalid shard.",
    CloseCode.SHARDING_REQUIRED: "Sharding required.",
    CloseCode.INVALID_API_VERSION: "Invalid API version.",
    CloseCode.INVALID_INTENTS: "Invalid intent(s).",
    CloseCode.DISALLOWED_INTENTS: "Disallowed intent(s).",
}

# After these the session is gone for good; after the others a RESUME is welcome.
ENDS_SESSION = frozenset(CloseCode) - {
    CloseCode.UNKNOWN_ERROR,
    CloseCode.DECODE_ERROR,
    CloseCode.RATE_LIMITED,
    CloseCode.SESSION_TIMED_OUT,
}


class GatewayClosure(Exception):
    """Ends a connection from within: closed with `code`, or with op 9 first where `invalid_session` is set."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(REASONS[code])
        self.code = code


class InvalidSession(Exception):
    """Answer op 9: the session cannot go on here; `resumable` says whether to try RESUME again."""

    def __init__(self, *, resumable: bool) -> None:
        super().__init__("invalid session")
        self.resumable = resumable
