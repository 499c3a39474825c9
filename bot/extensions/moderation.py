"""`/ban /unban /kick /timeout /untimeout`: the same acts as on the panel, asked for in Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hikari
import lightbulb
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.config import Settings
from app.contracts.bot_api import Act
from app.db.scope import tenant_scope
from app.domain.access import Actor
from app.domain.errors import DomainError, Forbidden, NotFound
from app.domain.moderation.choices import deletion_choices, timeout_choices
from app.domain.moderation.commands import (
    LONGEST_REASON,
    BanMember,
    Command,
    KickMember,
    TimeoutMember,
    UnbanMember,
    UntimeoutMember,
)
from app.domain.moderation.models import Case, CaseSource, CaseStatus
from app.domain.moderation.service import perform
from app.domain.moderation.wording import what_happened, why_failed
from app.domain.staff.queries import actor_for
from app.domain.tenants.queries import tenant_of_guild
from bot.budget import CallClass, calling_as
from bot.database import DATABASE_AWAY, Domain

IN_SERVERS = (hikari.ApplicationContextType.GUILD,)
REASON_WORDS = str(_l("Kept in the case and in Discord's audit log"))


@dataclass(frozen=True)
class Asked:
    """Who asks, where."""

    guild_id: int
    user_id: int
    panel_url: str


def register(client: lightbulb.Client) -> None:
    """Give `client` every command of this file."""
    for command in (Ban, Unban, Kick, Timeout, Untimeout):
        client.register(command)


class Ban(
    lightbulb.SlashCommand,
    name="ban",
    description=str(_l("Ban somebody from this server")),
    contexts=IN_SERVERS,
    default_member_permissions=hikari.Permissions.BAN_MEMBERS,
):
    user = lightbulb.user("user", str(_l("Whom to ban; an id works for people who are not here")))
    reason = lightbulb.string("reason", REASON_WORDS, max_length=LONGEST_REASON, default="")
    delete_messages = lightbulb.integer(
        "delete_messages",
        str(_l("How far back their messages go with them")),
        choices=[lightbulb.Choice(str(words), seconds) for seconds, words in deletion_choices()],
        default=0,
    )

    @lightbulb.invoke
    async def invoke(self, context: lightbulb.Context, domain: Domain, settings: Settings) -> None:
        more: dict[str, Any] = {"delete_message_seconds": self.delete_messages}
        await _answer(context, domain, settings, BanMember(**_target(self.user, self.reason, context), **more))


class Unban(
    lightbulb.SlashCommand,
    name="unban",
    description=str(_l("Let somebody who is banned join again")),
    contexts=IN_SERVERS,
    default_member_permissions=hikari.Permissions.BAN_MEMBERS,
):
    user = lightbulb.user("user", str(_l("Whose ban to lift; paste their id")))
    reason = lightbulb.string("reason", REASON_WORDS, max_length=LONGEST_REASON, default="")

    @lightbulb.invoke
    async def invoke(self, context: lightbulb.Context, domain: Domain, settings: Settings) -> None:
        await _answer(context, domain, settings, UnbanMember(**_target(self.user, self.reason, context)))


class Kick(
    lightbulb.SlashCommand,
    name="kick",
    description=str(_l("Show somebody out; they may come back")),
    contexts=IN_SERVERS,
    default_member_permissions=hikari.Permissions.KICK_MEMBERS,
):
    user = lightbulb.user("user", str(_l("Whom to kick")))
    reason = lightbulb.string("reason", REASON_WORDS, max_length=LONGEST_REASON, default="")

    @lightbulb.invoke
    async def invoke(self, context: lightbulb.Context, domain: Domain, settings: Settings) -> None:
        await _answer(context, domain, settings, KickMember(**_target(self.user, self.reason, context)))


class Timeout(
    lightbulb.SlashCommand,
    name="timeout",
    description=str(_l("Let somebody only look on for a while")),
    contexts=IN_SERVERS,
    default_member_permissions=hikari.Permissions.MODERATE_MEMBERS,
):
    user = lightbulb.user("user", str(_l("Whom to time out")))
    duration = lightbulb.integer(
        "duration",
        str(_l("For how long")),
        choices=[lightbulb.Choice(str(words), seconds) for seconds, words in timeout_choices()],
    )
    reason = lightbulb.string("reason", REASON_WORDS, max_length=LONGEST_REASON, default="")

    @lightbulb.invoke
    async def invoke(self, context: lightbulb.Context, domain: Domain, settings: Settings) -> None:
        more: dict[str, Any] = {"seconds": self.duration}
        await _answer(context, domain, settings, TimeoutMember(**_target(self.user, self.reason, context), **more))


class Untimeout(
    lightbulb.SlashCommand,
    name="untimeout",
    description=str(_l("End somebody's timeout now")),
    contexts=IN_SERVERS,
    default_member_permissions=hikari.Permissions.MODERATE_MEMBERS,
):
    user = lightbulb.user("user", str(_l("Whose timeout to end")))
    reason = lightbulb.string("reason", REASON_WORDS, max_length=LONGEST_REASON, default="")

    @lightbulb.invoke
    async def invoke(self, context: lightbulb.Context, domain: Domain, settings: Settings) -> None:
        await _answer(context, domain, settings, UntimeoutMember(**_target(self.user, self.reason, context)))


def _target(user: hikari.User, reason: str, context: lightbulb.Context) -> dict[str, Any]:
    return {
        "target_id": int(user.id),
        "target_name": user.global_name or user.username,
        "reason": reason.strip(),
        "idempotency_key": f"interaction:{int(context.interaction.id)}",
        "source": CaseSource.SLASH,
    }


async def _answer(context: lightbulb.Context, domain: Domain, settings: Settings, command: Command) -> None:
    """Discord waits three seconds for a word: it gets one at once, the outcome follows. Only the asker sees either."""
    await context.defer(ephemeral=True)
    asked = Asked(int(context.guild_id or 0), int(context.user.id), settings.public_url)
    try:
        with calling_as(CallClass.PEOPLE):
            text = await domain.run(moderate, asked, command)
    except DATABASE_AWAY:
        text = _("The panel cannot reach its database at this moment. Nothing was done; try again shortly.")
    await context.interaction.edit_initial_response(
        text, mentions_everyone=False, user_mentions=False, role_mentions=False
    )


def moderate(asked: Asked, command: Command) -> str:
    """Do it for whoever asked, with the panel role that they have now; the sentence to answer with."""
    try:
        actor = _actor(asked)
        with tenant_scope(actor.tenant_id):
            return _told(asked, perform(actor, command))
    except DomainError as error:
        return _refused(error)


def _actor(asked: Asked) -> Actor:
    """Raises `NotFound` for a server without a panel, `Forbidden` for somebody who is not staff there."""
    tenant = tenant_of_guild(asked.guild_id)
    if tenant is None:
        raise NotFound(_("This server has no panel yet. Its owner can set one up at %(url)s.", url=asked.panel_url))
    actor = actor_for(tenant, asked.user_id)
    if actor is None:
        url = f"{asked.panel_url}/servers/{asked.guild_id}/settings/staff"
        sentence = _(
            "You are not on the staff of this server's panel. Ask an admin to invite you, or to map your role, at %(url)s.",
            url=url,
        )
        raise Forbidden(sentence, code="not_staff")
    return actor


def _told(asked: Asked, case: Case) -> str:
    url = f"{asked.panel_url}/servers/{asked.guild_id}/cases/{case.number}"
    link = _("[Case %(number)s](<%(url)s>)", number=case.number, url=url)
    person = f"<@{case.target_id}>"
    if case.status == CaseStatus.PENDING:
        return str(
            _("⏳ Discord has not said yet whether it happened to %(person)s. %(link)s will.", person=person, link=link)
        )
    if case.status == CaseStatus.FAILED:
        return f"❌ {why_failed(case.failure_code or '')} {person} · {link}"
    return f"✅ {what_happened(Act(case.kind))} {person} · {link}"


def _refused(error: DomainError) -> str:
    fields = " ".join(error.fields.values())
    return f"⛔ {error.message} {fields}".strip()
