"""Addresses of exports that open for one person, for a quarter of an hour: the page signs them anew."""

from __future__ import annotations

from app.domain.clock import utcnow
from app.domain.exports.models import Export
from app.domain.seals import end_of_seal, sealed_until

OPEN_SECONDS = 900
PURPOSE = "export addresses v1"


def sign_export(export: Export, viewer_id: int) -> str:
    """What the address of an export carries, so that it opens for this person."""
    return sealed_until(int(utcnow().timestamp()) + OPEN_SECONDS, PURPOSE, _told(export, viewer_id))


def opens_until(signature: str, export: Export, viewer_id: int) -> int | None:
    """The unix second until which `signature` opens this file for this person; None where it was not given out for that."""
    return end_of_seal(signature, PURPOSE, _told(export, viewer_id))


def _told(export: Export, viewer_id: int) -> str:
    return f"{export.tenant_id}\n{export.id}\n{export.file_name}\n{viewer_id}"
