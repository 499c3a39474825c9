"""What this installation gives out and takes back only unchanged: a seal under the first of SECRET_KEYS, known under each."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app

from app.config import Settings, SigningKey


class NoSigningKey(RuntimeError):
    """This process was started without SECRET_KEYS."""


def sealed(purpose: str, told: str) -> str:
    """A seal on `told`, good for this purpose alone. Raises `NoSigningKey`."""
    key = next(iter(_keys()), None)
    if key is None:
        raise NoSigningKey("SECRET_KEYS: is missing; what this gives out is signed with its first key.")
    return f"{key.kid}.{_mac(key, purpose, told)}"


def is_sealed(seal: str, purpose: str, told: str) -> bool:
    """True where `sealed` made it from the same words, under any key that is still held. Takes whatever somebody sent."""
    kid, _dot, mac = seal.rpartition(".")
    key = next((key for key in _keys() if key.kid == kid), None)
    return key is not None and hmac.compare_digest(mac.encode(), _mac(key, purpose, told).encode())


def sealed_until(until: int, purpose: str, told: str) -> str:
    """The same, carrying the unix second `until` which it is meant to hold."""
    return f"{until:x}.{sealed(purpose, _dated(told, until))}"


def end_of_seal(seal: str, purpose: str, told: str) -> int | None:
    """The second that a seal by `sealed_until` carries; None where it is none of ours. Whether that is over is the caller's."""
    word, _dot, rest = seal.partition(".")
    try:
        until = int(word, 16)
    except ValueError:
        return None
    return until if is_sealed(rest, purpose, _dated(told, until)) else None


def _dated(told: str, until: int) -> str:
    return f"{told}\n{until}"


def _mac(key: SigningKey, purpose: str, told: str) -> str:
    derived = hmac.digest(key.secret, purpose.encode(), hashlib.sha256)
    return hmac.new(derived, told.encode(), hashlib.sha256).hexdigest()


def _keys() -> tuple[SigningKey, ...]:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.secret_keys
