"""What the overview shows, asked of each noun: is all well, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from app.contracts.live import Topic
from app.domain.access import Actor, Permission
from app.domain.clock import snowflake_time, utcnow
from app.domain.health import is_bot_here
from app.domain.members.models import GuildMember
from app.domain.members.queries import MemberFilter, Presence, count_members, newest_members
from app.domain.messages.queries import count_since
from app.domain.messages.reader import reader_for
from app.domain.moderation.models import Case, CaseStatus
from app.domain.moderation.queries import CaseFilter, count_cases, count_failed_since, list_cases
from app.domain.tenants.models import BotSettings, Tenant, TenantState
from app.domain.tenants.queries import bot_settings, setup_progress
from app.domain.tenants.rights import refused_permissions
from app.web.tenants.pulse import DAYS, ByDay, pulse_of

A_DAY = timedelta(hours=24)
A_WEEK = timedelta(days=7)
COUNTED = 10_000
LAST_CASES = 6
LAST_NEWCOMERS = 6
TOPICS = " ".join((Topic.MEMBERS, Topic.MESSAGES, Topic.MODERATION))


@dataclass(frozen=True)
class Need:
    """Something that is broken or waits, and the way on where this person may go it. `tone`: danger, warn or accent."""

    title: str
    text: str
    tone: str
    icon: str
    fix_label: str | None = None
    fix_url: str | None = None


@dataclass(frozen=True)
class Figure:
    """One number, a line about it, and the chart of its last days."""

    name: str
    value: str
    url: str
    note: str | None = None
    days: ByDay | None = None


@dataclass(frozen=True)
class Newcomer:
    """Somebody who joined lately; `is_new_to_discord` where the account itself is young."""

    member: GuildMember
    is_new_to_discord: bool


@dataclass(frozen=True)
class OverviewPage:
    topics: str
    tenant: Tenant
    needs: Sequence[Need]
    all_is_well: str
    """What is well, for when nothing needs anybody."""
    figures: Sequence[Figure]
    cases: Sequence[Case]
    """The last few acts, newest first."""
    newcomers: Sequence[Newcomer]


def read(tenant: Tenant, actor: Actor) -> OverviewPage:
    """The overview of this community for this person."""
    settings = bot_settings()
    return OverviewPage(
        topics=TOPICS,
        tenant=tenant,
        needs=[
            *_needs_of_the_bot(tenant, actor),
            *_needs_of_the_set_up(tenant, actor, settings),
            *_needs_of_cases(tenant, actor),
        ],
        all_is_well=_("The bot is connected, and what is written is kept.")
        if settings.archive_enabled
        else _("The bot is connected. Messages are not kept, as the owner chose."),
        figures=tuple(_figures(tenant, actor)),
        cases=list_cases(CaseFilter(), limit=LAST_CASES).cases if actor.may(Permission.VIEW_CASES) else (),
        newcomers=[_newcomer(member) for member in newest_members(LAST_NEWCOMERS)]
        if actor.may(Permission.VIEW_MEMBERS)
        else (),
    )


def _needs_of_the_bot(tenant: Tenant, actor: Actor) -> list[Need]:
    if tenant.state == TenantState.DETACHED:
        return [
            Need(
                _("The bot was removed from the server"),
                _("What was kept stays readable. Nothing new arrives until the bot is installed again."),
                "danger",
                "plug-connected-x",
                *_if(actor.may(Permission.SET_UP), _("Install it again"), "tenants.install", tenant),
            )
        ]
    if not is_bot_here():
        return [
            Need(
                _("The bot is away"),
                _("You can read and search everything. Acts on Discord wait until it is back."),
                "danger",
                "plug-connected-x",
            )
        ]
    return [
        Need(
            _("The bot lacks %(permission)s", permission=asked.name),
            _("%(effect)s Allow it in the server's settings, under Roles.", effect=asked.without),
            "warn",
            "lock",
        )
        for asked in refused_permissions(tenant)
    ]


def _needs_of_the_set_up(tenant: Tenant, actor: Actor, settings: BotSettings) -> Iterator[Need]:
    may_set_up = actor.may(Permission.SET_UP)
    if settings.chosen_at is None:
        yield Need(
            _("Nothing is archived yet"),
            _("The owner first chooses what is kept and for how long."),
            "accent",
            "archive",
            *_if(may_set_up, _("Choose now"), "tenants.set_up", tenant),
        )
    progress = setup_progress()
    if not may_set_up or (progress.is_complete and settings.channels_confirmed_at is not None):
        return
    if progress.is_complete:
        text = _("Confirm where the panel may post.")
    elif progress.is_running:
        text = _("The steps go on by themselves. This takes a moment.")
    else:
        text = _("A step could not be done. The set-up page says why.")
    label = _("Go on with the set-up")
    yield Need(_("Set-up is not finished"), text, "accent", "list", *_if(True, label, "tenants.set_up", tenant))


def _needs_of_cases(tenant: Tenant, actor: Actor) -> Iterator[Need]:
    if not actor.may(Permission.VIEW_CASES):
        return
    unsettled = count_cases(CaseFilter(status=CaseStatus.PENDING))
    if unsettled:
        yield Need(
            ngettext("One act waits for Discord's answer", "%(num)s acts wait for Discord's answer", unsettled),
            _("The panel asks again until it is known what happened."),
            "accent",
            "clock-pause",
            ngettext("See the case", "See the cases", unsettled),
            url_for("moderation.cases", guild_id=tenant.guild_id, status=CaseStatus.PENDING.value),
        )
    failed = count_failed_since(utcnow() - A_WEEK)
    if failed:
        yield Need(
            ngettext("One act did not happen", "%(num)s acts did not happen", failed),
            _("Asked for in the last seven days. The case says why."),
            "warn",
            "alert-triangle",
            ngettext("See the case", "See the cases", failed),
            url_for("moderation.cases", guild_id=tenant.guild_id, status=CaseStatus.FAILED.value),
        )


def _if(may: bool, label: str, endpoint: str, tenant: Tenant) -> tuple[str, str] | tuple[None, None]:
    return (label, url_for(endpoint, guild_id=tenant.guild_id)) if may else (None, None)


def _figures(tenant: Tenant, actor: Actor) -> Iterator[Figure]:
    pulse, guild_id = pulse_of(actor), tenant.guild_id
    joined = pulse.joined.number_of_last(7)
    yield Figure(
        _("Members"),
        format_decimal(count_members(MemberFilter(presence=Presence.HERE))),
        url_for("members.listing", guild_id=guild_id),
        ngettext("One joined in 7 days", "%(num)s joined in 7 days", joined),
        pulse.joined,
    )
    if pulse.written is not None:
        written = count_since(reader_for(actor), utcnow() - A_DAY, up_to=COUNTED)
        yield Figure(
            _("Messages in 24 hours"),
            f"{format_decimal(written)}+" if written >= COUNTED else format_decimal(written),
            url_for("messages.search", guild_id=guild_id),
            _("%(count)s in 14 days", count=pulse.written.of_last(DAYS)),
            pulse.written,
        )
    if pulse.cases is not None:
        yield Figure(
            _("Cases in 7 days"),
            pulse.cases.of_last(7),
            url_for("moderation.cases", guild_id=guild_id),
            _("%(count)s in all", count=format_decimal(count_cases(CaseFilter()))),
            pulse.cases,
        )


def _newcomer(member: GuildMember) -> Newcomer:
    age_at_joining = (member.joined_at or utcnow()) - snowflake_time(member.user_id)
    return Newcomer(member, age_at_joining < A_WEEK)
