"""Acts on Discord, in the bot: checked when they happen, recorded before and after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from app.clients.errors import Refused, Unavailable
from app.contracts.bot_api import Act
from app.domain import errors
from app.domain.access import Actor, Permission, requires
from app.domain.clock import utcnow
from app.domain.discord import acts_on_discord, discord_guild
from app.domain.members.queries import member_of, names_of
from app.domain.moderation.commands import (
    LONGEST_TIMEOUT,
    BanMember,
    Command,
    KickMember,
    TimeoutMember,
    UnbanMember,
    UntimeoutMember,
    act_of,
    check_command,
)
from app.domain.moderation.models import Case
from app.domain.moderation.queries import case_with_key
from app.domain.moderation.ranks import Person, Scene, refusal
from app.domain.moderation.reasons import audit_reason
from app.domain.moderation.records import Intent, Opened, Outcome, open_case, record_outcome, refuse_foreign_key
from app.domain.moderation.wording import RULE_PREFIX, why_failed, why_refused
from app.domain.staff.queries import actor_for
from app.domain.tenants.queries import tenant_of_guild

CLOCK_TOLERANCE = timedelta(seconds=60)
"""The longest timeout ends this much early, so that clocks that disagree do not make Discord refuse it."""


@requires(Permission.BAN_MEMBERS)
@acts_on_discord
def ban_member(actor: Actor, command: BanMember) -> Case:
    """Ban somebody, member or not. Raises what every act raises (see `_perform`)."""
    return _perform(actor, command)


@requires(Permission.BAN_MEMBERS)
@acts_on_discord
def unban_member(actor: Actor, command: UnbanMember) -> Case:
    """Lift a ban, and the case that made it."""
    return _perform(actor, command)


@requires(Permission.KICK_MEMBERS)
@acts_on_discord
def kick_member(actor: Actor, command: KickMember) -> Case:
    """Show a member out."""
    return _perform(actor, command)


@requires(Permission.TIMEOUT_MEMBERS)
@acts_on_discord
def timeout_member(actor: Actor, command: TimeoutMember) -> Case:
    """Let a member only look on for a while; replaces a timeout that runs."""
    return _perform(actor, command)


@requires(Permission.TIMEOUT_MEMBERS)
@acts_on_discord
def untimeout_member(actor: Actor, command: UntimeoutMember) -> Case:
    """End a timeout, and the case that made it."""
    return _perform(actor, command)


@requires(Permission.VIEW_CASES)
def perform(actor: Actor, command: Command) -> Case:
    """The verb for whatever the command asks for; that verb checks the act's own permission and names it."""
    verbs: dict[type[Command], Callable[[Actor, Any], Case]] = {
        BanMember: ban_member,
        UnbanMember: unban_member,
        KickMember: kick_member,
        TimeoutMember: timeout_member,
        UntimeoutMember: untimeout_member,
    }
    return verbs[type(command)](actor, command)


def _perform(actor: Actor, command: Command) -> Case:
    """The case, as settled as it can be now: applied, failed, or pending while the outcome is unknown.

    Raises `Invalid`, `Forbidden` (the code names the rule), `Conflict` (it is so already, or is happening), `Refused` or
    `Unavailable` when Discord cannot even be asked; then nothing was recorded. The same key again gives the same case.
    """
    check_command(command)
    act = act_of(command)
    earlier = case_with_key(command.idempotency_key) if command.idempotency_key else None
    if earlier is not None:
        refuse_foreign_key(earlier, actor, act, command)
        return earlier
    scene, target_name = _look(actor, act, command)
    rule = refusal(scene)
    if rule is not None:
        raise errors.Forbidden(why_refused(rule, act), code=f"{RULE_PREFIX}{rule}")
    _refuse_what_is_so_already(scene)
    assert scene.actor.member is not None  # the rules refuse an absent actor
    name = scene.actor.member.display_name
    ends_at = _ends_at(command, scene.now)
    opened = open_case(Intent(actor, act, command, name[:64], target_name[:64], ends_at, decided_at=scene.now))
    return opened.case if opened.lease_token is None else _carry_out(actor.guild_id, opened)


def _look(actor: Actor, act: Act, command: Command) -> tuple[Scene, str]:
    """Everything the decision rests on, as Discord and the panel have it now; and the target's name."""
    now = utcnow()
    tenant = tenant_of_guild(actor.guild_id)
    panel = actor_for(tenant, command.target_id) if tenant is not None else None
    known_name = names_of([command.target_id]).get(command.target_id) or command.target_name
    discord, guild_id = discord_guild(), actor.guild_id
    try:
        guild = discord.guild(guild_id)
        ours = discord.member(guild_id, actor.user_id)
        target = discord.member(guild_id, command.target_id)
        bot = discord.member(guild_id, guild.bot_user_id)
    except Refused as error:
        raise errors.Refused(why_failed(error.code), code=error.code) from error
    except Unavailable as error:
        raise _away(error) from error
    role = panel.role if panel is not None else None
    people = (Person(actor.user_id, ours, actor.role), Person(command.target_id, target, role))
    return Scene(act, guild, *people, bot, now), target.display_name if target is not None else known_name


def _refuse_what_is_so_already(scene: Scene) -> None:
    target = scene.target
    known = member_of(target.user_id) if scene.act is Act.BAN else None
    try:
        if known is not None and known.banned_at is not None and _is_banned(scene):
            raise errors.Conflict(_("They are banned already."), code="already_banned")
        if scene.act is Act.UNBAN and not _is_banned(scene):
            raise errors.Conflict(_("They are not banned."), code="not_banned")
    except Unavailable as error:
        raise _away(error) from error
    if scene.act is Act.UNTIMEOUT and target.member is not None:
        until = target.member.timed_out_until
        if until is None or until <= scene.now:
            raise errors.Conflict(_("They are not timed out."), code="not_timed_out")


def _is_banned(scene: Scene) -> bool:
    return discord_guild().is_banned(scene.guild.id, scene.target.user_id)


def _ends_at(command: Command, now: datetime) -> datetime | None:
    if not isinstance(command, TimeoutMember):
        return None
    longest = timedelta(seconds=LONGEST_TIMEOUT) - CLOCK_TOLERANCE
    until = now + min(timedelta(seconds=command.seconds), longest)
    return until.replace(microsecond=until.microsecond // 1000 * 1000)


def _carry_out(guild_id: int, opened: Opened) -> Case:
    case = opened.case
    try:
        _ask_discord(guild_id, case)
    except Refused as error:
        return record_outcome(case.id, Outcome.FAILED, error.code, lease_token=opened.lease_token)
    except Unavailable as error:
        return record_outcome(case.id, Outcome.UNKNOWN, error.code, lease_token=opened.lease_token)
    return record_outcome(case.id, Outcome.APPLIED, lease_token=opened.lease_token)


def _ask_discord(guild_id: int, case: Case) -> None:
    discord, target = discord_guild(), case.target_id
    reason = audit_reason(case.reason, case.actor_name, case.number)
    match Act(case.kind):
        case Act.BAN:
            discord.ban(guild_id, target, reason=reason, delete_message_seconds=case.delete_message_seconds or 0)
        case Act.UNBAN:
            discord.unban(guild_id, target, reason=reason)
        case Act.KICK:
            discord.kick(guild_id, target, reason=reason)
        case Act.TIMEOUT:
            discord.timeout(guild_id, target, until=case.expires_at, reason=reason)
        case Act.UNTIMEOUT:
            discord.timeout(guild_id, target, until=None, reason=reason)


def _away(error: Unavailable) -> errors.Unavailable:
    sentence = _("Discord cannot be reached at this moment. Nothing was done; try again shortly.")
    return errors.Unavailable(sentence, code=error.code, retry_after=error.retry_after)
