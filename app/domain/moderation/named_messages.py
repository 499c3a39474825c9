"""Which messages a case names: links to them in its reason, here or on Discord."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.domain.moderation.models import Case
from app.extensions import db

_LINK = re.compile(r"https?://[^\s/]+/(?:channels/\d+/\d+|servers/\d+/messages)/(\d{15,19})(?!\d)")


def messages_named_by_case(number: int) -> frozenset[int] | None:
    """Ids of the messages that case `number` names; None where there is no such case."""
    reason = db.session.scalar(select(Case.reason).where(Case.number == number))
    return None if reason is None else frozenset(map(int, _LINK.findall(reason)))
