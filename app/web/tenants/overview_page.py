"""What the overview shows, asked of each noun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.domain.access import Actor, Permission
from app.domain.health import is_bot_here
from app.domain.members.queries import MemberFilter, Presence, count_members
from app.domain.tenants.models import Tenant, TenantState
from app.domain.tenants.queries import bot_settings, setup_progress


@dataclass(frozen=True)
class Trouble:
    """Something that is broken, and the way to mend it where this person may."""

    title: str
    text: str
    kind: str
    fix_label: str | None = None
    fix_url: str | None = None


@dataclass(frozen=True)
class Figure:
    name: str
    value: int
    url: str | None


@dataclass(frozen=True)
class OverviewPage:
    tenant: Tenant
    troubles: Sequence[Trouble]
    figures: Sequence[Figure]


def read(tenant: Tenant, actor: Actor) -> OverviewPage:
    """The overview of this community for this person."""
    return OverviewPage(tenant, _troubles(tenant, actor), _figures(tenant))


def _troubles(tenant: Tenant, actor: Actor) -> list[Trouble]:
    found = []
    may_set_up = actor.may(Permission.SET_UP)
    settings = bot_settings()
    if tenant.state == TenantState.DETACHED:
        found.append(_detached(tenant, may_set_up))
    elif not is_bot_here():
        found.append(
            Trouble(
                _("The bot is away"),
                _("You can read and search everything. Acts on Discord wait until it is back."),
                "failed",
            )
        )
    if settings.chosen_at is None:
        found.append(
            Trouble(
                _("Nothing is archived yet"),
                _("The owner first chooses what is kept and for how long."),
                "pending",
                *((_("Choose now"), url_for("tenants.set_up", guild_id=tenant.guild_id)) if may_set_up else (None, None)),
            )
        )
    is_unfinished = not setup_progress().is_complete or settings.channels_confirmed_at is None
    if is_unfinished and may_set_up:
        found.append(
            Trouble(
                _("Set-up is not finished"),
                _("A step is waiting for you, or still running."),
                "pending",
                _("Go on with the set-up"),
                url_for("tenants.set_up", guild_id=tenant.guild_id),
            )
        )
    return found


def _detached(tenant: Tenant, may_set_up: bool) -> Trouble:
    return Trouble(
        _("The bot was removed from the server"),
        _("What was kept stays readable. Nothing new arrives until the bot is installed again."),
        "failed",
        *((_("Install it again"), url_for("tenants.install", guild_id=tenant.guild_id)) if may_set_up else (None, None)),
    )


def _figures(tenant: Tenant) -> list[Figure]:
    return [Figure(_("Members"), count_members(MemberFilter(presence=Presence.HERE)), None)]
