"""Addresses of attachments that open for one viewer, for a day at most."""

from __future__ import annotations

from app.domain.clock import utcnow
from app.domain.seals import end_of_seal, sealed_until

STABLE_SECONDS = 12 * 3600
"""The same address within this long, so that browsers know a picture again; it opens for up to twice as long."""
PURPOSE = "attachment addresses v1"


def sign_attachment(guild_id: int, attachment_id: int, viewer_id: int) -> str:
    """What the address of an attachment carries, so that it opens for this viewer."""
    until = (int(utcnow().timestamp()) // STABLE_SECONDS + 2) * STABLE_SECONDS
    return sealed_until(until, PURPOSE, _told(guild_id, attachment_id, viewer_id))


def is_signed_for(signature: str, guild_id: int, attachment_id: int, viewer_id: int) -> bool:
    """True where `sign_attachment` gave it out to this viewer for this attachment, and its time is not over."""
    until = end_of_seal(signature, PURPOSE, _told(guild_id, attachment_id, viewer_id))
    return until is not None and until > utcnow().timestamp()


def _told(guild_id: int, attachment_id: int, viewer_id: int) -> str:
    return f"{guild_id}\n{attachment_id}\n{viewer_id}"
