"""What the overview shows, asked of each noun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _

from app.contracts.live import Topic
from app.domain.access import Actor, Permission
from app.domain.clock import utcnow
from app.domain.health import is_bot_here
from app.domain.members.queries import MemberFilter, Presence, count_members
from app.domain.messages.queries import count_since
from app.domain.messages.reader import reader_for
from app.domain.moderation.models import Case
from app.domain.moderation.queries import CaseFilter, count_cases, list_cases
from app.domain.tenants.models import Tenant, TenantState
from app.domain.tenants.queries import bot_settings, setup_progress
from app.domain.tenants.rights import refused_permissions

A_DAY = timedelta(hours=24)
COUNTED = 10_000
LAST_CASES = 5
TOPICS = " ".join((Topic.MEMBERS, Topic.MESSAGES, Topic.MODERATION))


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
    value: str
    url: str


@dataclass(frozen=True)
class OverviewPage:
    topics: str
    tenant: Tenant
    troubles: Sequence[Trouble]
    figures: Sequence[Figure]
    cases: Sequence[Case]
    """The last few acts, newest first."""


def read(tenant: Tenant, actor: Actor) -> OverviewPage:
    """The overview of this community for this person."""
    cases = list_cases(CaseFilter(), limit=LAST_CASES).cases if actor.may(Permission.VIEW_CASES) else ()
    return OverviewPage(TOPICS, tenant, _troubles(tenant, actor), _figures(tenant, actor), cases)


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
    else:
        found += _refused(tenant)
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


def _refused(tenant: Tenant) -> list[Trouble]:
    return [
        Trouble(
            _("The bot lacks %(permission)s", permission=asked.name),
            _("%(effect)s Allow it in the server's settings, under Roles.", effect=asked.without),
            "pending",
        )
        for asked in refused_permissions(tenant)
    ]


def _figures(tenant: Tenant, actor: Actor) -> list[Figure]:
    found = [
        Figure(
            _("Members"),
            str(count_members(MemberFilter(presence=Presence.HERE))),
            url_for("members.listing", guild_id=tenant.guild_id),
        )
    ]
    if actor.may(Permission.SEARCH_MESSAGES):
        written = count_since(reader_for(actor), utcnow() - A_DAY, up_to=COUNTED)
        found.append(
            Figure(
                _("Messages in 24 hours"),
                f"{written}+" if written >= COUNTED else str(written),
                url_for("messages.search", guild_id=tenant.guild_id),
            )
        )
    found.append(Figure(_("Cases"), str(count_cases(CaseFilter())), url_for("moderation.cases", guild_id=tenant.guild_id)))
    return found
