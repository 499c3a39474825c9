"""What may be asked for on one person, from where they stand and what the reader's panel role allows."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.contracts.bot_api import Act
from app.domain.clock import utcnow
from app.domain.members.models import GuildMember
from app.domain.moderation.service import PERMISSION_FOR
from app.web.tenant_guard import actor

LOOKS: dict[Act, tuple[str, bool]] = {
    Act.BAN: ("ban", True),
    Act.KICK: ("user-minus", True),
    Act.TIMEOUT: ("clock-pause", False),
    Act.UNBAN: ("lock-open", False),
    Act.UNTIMEOUT: ("lock-open", False),
}


@dataclass(frozen=True)
class Offer:
    """One act that the page offers; `is_grave` for what puts somebody out."""

    act: Act
    label: str
    url: str
    icon: str
    is_grave: bool


def offered(member: GuildMember) -> list[Offer]:
    """The acts that make sense on this person now. Whether they are allowed is decided when they happen."""
    if member.banned_at is not None:
        acts = [Act.UNBAN]
    elif not member.is_here:
        acts = [Act.BAN]
    else:
        acts = [Act.UNTIMEOUT] if is_timed_out(member) else []
        acts += [Act.TIMEOUT, Act.KICK, Act.BAN]
    return _offers(acts, member.user_id)


def offers_by_id(user_id: int) -> list[Offer]:
    """The acts that work on somebody who was never seen here."""
    return _offers([Act.BAN, Act.UNBAN], user_id)


def is_timed_out(member: GuildMember) -> bool:
    """True while they may only look on."""
    return member.timed_out_until is not None and member.timed_out_until > utcnow()


def state_of(member: GuildMember) -> tuple[str, str, str] | None:
    """The badge of who is not simply here: words, tone, icon."""
    if member.banned_at is not None:
        return _("Banned"), "danger", "ban"
    if not member.is_here:
        return _("Gone"), "", "logout"
    if is_timed_out(member):
        return _("Timed out"), "warn", "clock-pause"
    return None


def _offers(acts: list[Act], user_id: int) -> list[Offer]:
    labels = {
        Act.BAN: _("Ban"),
        Act.KICK: _("Kick"),
        Act.TIMEOUT: _("Time out"),
        Act.UNBAN: _("Lift the ban"),
        Act.UNTIMEOUT: _("End the timeout"),
    }
    guild_id = actor().guild_id
    return [
        Offer(act, labels[act], url_for(f"moderation.ask_{act}", guild_id=guild_id, user_id=user_id), *LOOKS[act])
        for act in acts
        if actor().may(PERMISSION_FOR[act])
    ]
