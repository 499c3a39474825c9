"""Addresses of exports that open for one person, for a quarter of an hour: the page signs them anew."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app

from app.config import Settings, SigningKey
from app.domain.clock import utcnow
from app.domain.exports.models import Export

OPEN_SECONDS = 900


def sign_export(export: Export, viewer_id: int) -> str:
    """What the address of an export carries, so that it opens for this person."""
    key = _settings().secret_keys[0]
    until = int(utcnow().timestamp()) + OPEN_SECONDS
    return f"{key.kid}.{until:x}.{_mac(key, export, viewer_id, until)}"


def opens_until(signature: str, export: Export, viewer_id: int) -> int | None:
    """The unix second until which `signature` opens this file for this person; None where it was not given out for that."""
    parts = signature.rsplit(".", 2)
    if len(parts) != 3:
        return None
    kid, word, mac = parts
    try:
        until = int(word, 16)
    except ValueError:
        return None
    key = next((key for key in _settings().secret_keys if key.kid == kid), None)
    if key is None or not hmac.compare_digest(mac.encode(), _mac(key, export, viewer_id, until).encode()):
        return None
    return until


def _mac(key: SigningKey, export: Export, viewer_id: int, until: int) -> str:
    derived = hmac.digest(key.secret, b"export addresses v1", hashlib.sha256)
    told = f"{export.tenant_id}\n{export.id}\n{export.file_name}\n{viewer_id}\n{until}"
    return hmac.new(derived, told.encode(), hashlib.sha256).hexdigest()


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
