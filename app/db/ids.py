"""Ids of our own rows."""

from __future__ import annotations

import hashlib
import secrets
import time

EPOCH_MS = 1_704_067_200_000
"""2024-01-01T00:00:00Z."""

RANDOM_BITS = 21


def new_id() -> int:
    """A 63-bit number that grows with time: milliseconds since 2024 << 21 | random.

    It is made before the row is written, so nothing needs to be read back (MySQL has no RETURNING).
    """
    milliseconds = time.time_ns() // 1_000_000 - EPOCH_MS
    return (milliseconds << RANDOM_BITS) | secrets.randbits(RANDOM_BITS)


def new_token() -> str:
    """An unguessable 128-bit token for what opens something by being known. Store `token_hash` of it."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    """The 64 hex digits under which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_salt() -> str:
    """128 random bits as hex digits."""
    return secrets.token_hex(16)
