"""Addresses of attachments that open for one viewer, for a day at most."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app

from app.config import Settings, SigningKey
from app.domain.clock import utcnow

STABLE_SECONDS = 12 * 3600
"""The same address within this long, so that browsers know a picture again; it opens for up to twice as long."""


def sign_attachment(guild_id: int, attachment_id: int, viewer_id: int) -> str:
    """What the address of an attachment carries, so that it opens for this viewer."""
    until = (int(utcnow().timestamp()) // STABLE_SECONDS + 2) * STABLE_SECONDS
    key = _settings().secret_keys[0]
    return f"{key.kid}.{until:x}.{_mac(key, guild_id, attachment_id, viewer_id, until)}"


def is_signed_for(signature: str, guild_id: int, attachment_id: int, viewer_id: int) -> bool:
    """True where `sign_attachment` gave it out to this viewer for this attachment, and its time is not over."""
    parts = signature.rsplit(".", 2)
    if len(parts) != 3:
        return False
    kid, word, mac = parts
    try:
        until = int(word, 16)
    except ValueError:
        return False
    key = next((key for key in _settings().secret_keys if key.kid == kid), None)
    if key is None or until <= utcnow().timestamp():
        return False
    return hmac.compare_digest(mac.encode(), _mac(key, guild_id, attachment_id, viewer_id, until).encode())


def _mac(key: SigningKey, guild_id: int, attachment_id: int, viewer_id: int, until: int) -> str:
    derived = hmac.digest(key.secret, b"attachment addresses v1", hashlib.sha256)
    return hmac.new(derived, f"{guild_id}\n{attachment_id}\n{viewer_id}\n{until}".encode(), hashlib.sha256).hexdigest()


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
