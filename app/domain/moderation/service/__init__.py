"""Acts of moderation. In the bot: `ban_member` and its kin. At every other door: `request_act`."""

from app.domain.moderation.service.acts import (
    ban_member,
    kick_member,
    perform,
    timeout_member,
    unban_member,
    untimeout_member,
)
from app.domain.moderation.service.echoes import record_audit_entry
from app.domain.moderation.service.requests import LIFTED_BY, PERMISSION_FOR, ActAnswer, request_act, request_lifting
from app.domain.moderation.service.settling import expire_timeouts, settle_unknown_outcomes

__all__ = [
    "LIFTED_BY",
    "PERMISSION_FOR",
    "ActAnswer",
    "ban_member",
    "expire_timeouts",
    "kick_member",
    "perform",
    "record_audit_entry",
    "request_act",
    "request_lifting",
    "settle_unknown_outcomes",
    "timeout_member",
    "unban_member",
    "untimeout_member",
]
