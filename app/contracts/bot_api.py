"""How website and bot speak to each other: headers, signature, acts, error codes (design sections 4 and 7)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

TENANT_HEADER = "x-tenant-id"
GUILD_HEADER = "x-guild-id"
ACTOR_HEADER = "x-actor-id"
REQUEST_HEADER = "x-request-id"
TIMESTAMP_HEADER = "x-timestamp"
SECRET_HEADER = "x-bot-secret"
SIGNATURE_HEADER = "x-signature"
SIGNED_HEADERS = (
    TENANT_HEADER,
    GUILD_HEADER,
    ACTOR_HEADER,
    REQUEST_HEADER,
    TIMESTAMP_HEADER,
    SECRET_HEADER,
    SIGNATURE_HEADER,
)
MAXIMUM_CLOCK_SKEW = 60
MAXIMUM_ANSWER_BYTES = 1024 * 1024
NO_TENANT = 0
"""`x-tenant-id` and `x-guild-id` of a call that speaks for no tenant (membership reports, health)."""


class Direction(StrEnum):
    TO_BOT = "to-bot"
    TO_WEB = "to-web"


class Act(StrEnum):
    """Every moderation act. The same words name case kinds, permissions, slash commands and API operations."""

    TIMEOUT = "timeout"
    UNTIMEOUT = "untimeout"
    KICK = "kick"
    BAN = "ban"
    UNBAN = "unban"


class Code(StrEnum):
    """Error codes of both APIs; an outsider's own codes are passed on beside these."""

    BAD_HEADERS = "bad_headers"
    BAD_SIGNATURE = "bad_signature"
    WRONG_PAIR = "wrong_pair"
    BOT_UNREACHABLE = "bot_unreachable"
    BOT_NOT_READY = "bot_not_ready"
    BOT_TIMEOUT = "bot_timeout"
    BOT_CIRCUIT_OPEN = "bot_circuit_open"


@dataclass(frozen=True)
class Call:
    """What a signature covers. `target` is the path with its query string, exactly as sent."""

    direction: Direction
    method: str
    target: str
    tenant_id: int
    guild_id: int
    actor: str
    timestamp: int
    body: bytes = b""


def string_to_sign(call: Call) -> bytes:
    """The one place that builds it: nine lines, version first, the body by its SHA-256."""
    return "\n".join(
        (
            "v1",
            call.direction,
            call.method.upper(),
            call.target,
            str(call.tenant_id),
            str(call.guild_id),
            call.actor,
            str(call.timestamp),
            hashlib.sha256(call.body).hexdigest(),
        )
    ).encode()


def sign(call: Call, secret: str) -> str:
    """Hex HMAC-SHA256 under a key derived from the shared secret."""
    key = hmac.new(secret.encode(), b"snowflake-panel bot api signature v1", hashlib.sha256).digest()
    return hmac.new(key, string_to_sign(call), hashlib.sha256).hexdigest()


def signed_headers(call: Call, secret: str, request_id: str) -> dict[str, str]:
    """Every header that the other side demands."""
    return {
        TENANT_HEADER: str(call.tenant_id),
        GUILD_HEADER: str(call.guild_id),
        ACTOR_HEADER: call.actor,
        REQUEST_HEADER: request_id,
        TIMESTAMP_HEADER: str(call.timestamp),
        SECRET_HEADER: secret,
        SIGNATURE_HEADER: sign(call, secret),
    }


@dataclass(frozen=True)
class Rejection:
    """Why a signed call is not accepted: HTTP status and code."""

    status: int
    code: Code


@dataclass(frozen=True)
class Accepted:
    """A verified caller."""

    tenant_id: int
    guild_id: int
    actor: str
    request_id: str


def verify(
    *,
    direction: Direction,
    method: str,
    target: str,
    body: bytes,
    headers: Sequence[tuple[str, str]],
    secrets: Sequence[str],
    now: int,
) -> Accepted | Rejection:
    """Check a received call. `headers` as they came, in any case, repeats included.

    400 for a header twice, absent or malformed; 401 for a wrong secret, signature or time (± 60 s).
    """
    values: dict[str, list[str]] = {name: [] for name in SIGNED_HEADERS}
    for name, value in headers:
        folded = name.lower().replace("_", "-")
        if folded in values:
            values[folded].append(value)
    if any(len(found) != 1 or not _is_plain(found[0]) for found in values.values()):
        return Rejection(400, Code.BAD_HEADERS)
    one = {name: found[0] for name, found in values.items()}
    numbers = (one[TENANT_HEADER], one[GUILD_HEADER], one[TIMESTAMP_HEADER])
    if not all(word.isascii() and word.isdigit() and len(word) <= 20 for word in numbers) or not _is_actor(
        one[ACTOR_HEADER]
    ):
        return Rejection(400, Code.BAD_HEADERS)
    call = Call(direction, method, target, int(numbers[0]), int(numbers[1]), one[ACTOR_HEADER], int(numbers[2]), body)
    secret_ok = signature_ok = False
    for secret in secrets:
        matches = hmac.compare_digest(secret.encode(), one[SECRET_HEADER].encode())
        signed = hmac.compare_digest(sign(call, secret).encode(), one[SIGNATURE_HEADER].encode())
        secret_ok, signature_ok = secret_ok | matches, signature_ok | (matches & signed)
    if not secret_ok or not signature_ok or abs(now - call.timestamp) > MAXIMUM_CLOCK_SKEW:
        return Rejection(401, Code.BAD_SIGNATURE)
    return Accepted(call.tenant_id, call.guild_id, call.actor, one[REQUEST_HEADER])


def _is_plain(word: str) -> bool:
    """True for visible ASCII. Bytes that are no text arrive as surrogates, which no comparison below could encode."""
    return bool(word) and word.isascii() and word.isprintable()


def _is_actor(word: str) -> bool:
    kind, colon, job = word.partition(":")
    if colon:
        return kind == "system" and job.replace("_", "").replace(".", "").isalnum() and job.isascii()
    return word.isascii() and word.isdigit() and len(word) <= 20
