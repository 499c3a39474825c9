"""Who may act on whom: the panel role met with Discord's live rights and ranks, for the human and for the bot. Pure.

Discord's rules (Permissions: "Permission Hierarchy", "Permissions for Timed Out Members"; Modify Guild Member): the owner
stands above all, a member's rank is their highest role, of two roles on one position the older one is higher, equals cannot
act on each other, administrators and the owner cannot be timed out, and whoever is timed out may only look on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.clients.discord_guild.port import LiveGuild, LiveMember
from app.contracts.bot_api import Act
from app.domain.access import Role

KICK_MEMBERS = 1 << 1
BAN_MEMBERS = 1 << 2
ADMINISTRATOR = 1 << 3
VIEW_CHANNEL = 1 << 10
READ_MESSAGE_HISTORY = 1 << 16
MODERATE_MEMBERS = 1 << 40
EVERYTHING = (1 << 63) - 1
WHILE_TIMED_OUT = VIEW_CHANNEL | READ_MESSAGE_HISTORY

NEEDED_RIGHT: dict[Act, int] = {
    Act.BAN: BAN_MEMBERS,
    Act.UNBAN: BAN_MEMBERS,
    Act.KICK: KICK_MEMBERS,
    Act.TIMEOUT: MODERATE_MEMBERS,
    Act.UNTIMEOUT: MODERATE_MEMBERS,
}
NEEDS_A_MEMBER = frozenset({Act.KICK, Act.TIMEOUT, Act.UNTIMEOUT})
TAKES_SOMETHING_AWAY = frozenset({Act.BAN, Act.KICK, Act.TIMEOUT})


class Rule(StrEnum):
    """Every reason to refuse, in the order in which they are tried."""

    TARGET_IS_YOURSELF = "target_is_yourself"
    TARGET_IS_THIS_BOT = "target_is_this_bot"
    TARGET_IS_OWNER = "target_is_owner"
    ACTOR_NOT_IN_SERVER = "actor_not_in_server"
    ACTOR_TIMED_OUT = "actor_timed_out"
    ACTOR_LACKS_RIGHT = "actor_lacks_right"
    TARGET_NOT_IN_SERVER = "target_not_in_server"
    TARGET_NOT_BELOW_ACTOR = "target_not_below_actor"
    TARGET_IS_PROTECTED_STAFF = "target_is_protected_staff"
    TARGET_IS_ADMINISTRATOR = "target_is_administrator"
    BOT_LACKS_RIGHT = "bot_lacks_right"
    TARGET_NOT_BELOW_BOT = "target_not_below_bot"


@dataclass(frozen=True)
class Person:
    """Somebody in a scene: their id, their membership (None where they are not in the guild), their panel role."""

    user_id: int
    member: LiveMember | None
    panel_role: Role | None = None


@dataclass(frozen=True)
class Scene:
    """Everything that a decision rests on, at one moment."""

    act: Act
    guild: LiveGuild
    actor: Person
    target: Person
    bot: LiveMember | None
    now: datetime


def refusal(scene: Scene) -> Rule | None:
    """The first rule that forbids the act; None where it is allowed. The actor's panel permission is checked before."""
    return _about_target(scene) or _about_actor(scene) or _between_them(scene) or _about_bot(scene)


def rights_of(guild: LiveGuild, member: LiveMember, now: datetime) -> int:
    """The permission bits that a member has in the guild at this moment."""
    if member.user_id == guild.owner_id:
        return EVERYTHING
    bits = 0
    for role in guild.roles:
        if role.id == guild.id or role.id in member.role_ids:
            bits |= role.permissions
    if bits & ADMINISTRATOR:
        return EVERYTHING
    is_timed_out = member.timed_out_until is not None and member.timed_out_until > now
    return bits & WHILE_TIMED_OUT if is_timed_out else bits


def rank_of(guild: LiveGuild, member: LiveMember) -> tuple[int, int]:
    """Larger is higher. @everyone, which all have, is the lowest place; the owner's is above every role."""
    if member.user_id == guild.owner_id:
        return (1 << 62, 0)
    return max(
        ((role.position, -role.id) for role in guild.roles if role.id in member.role_ids), default=(0, -guild.id)
    )


def _about_target(scene: Scene) -> Rule | None:
    target_id = scene.target.user_id
    if target_id == scene.actor.user_id:
        return Rule.TARGET_IS_YOURSELF
    if target_id == scene.guild.bot_user_id:
        return Rule.TARGET_IS_THIS_BOT
    if target_id == scene.guild.owner_id:
        return Rule.TARGET_IS_OWNER
    return None


def _about_actor(scene: Scene) -> Rule | None:
    actor = scene.actor.member
    if actor is None:
        return Rule.ACTOR_NOT_IN_SERVER
    if rights_of(scene.guild, actor, scene.now) & NEEDED_RIGHT[scene.act]:
        return None
    is_timed_out = actor.timed_out_until is not None and actor.timed_out_until > scene.now
    return Rule.ACTOR_TIMED_OUT if is_timed_out else Rule.ACTOR_LACKS_RIGHT


def _between_them(scene: Scene) -> Rule | None:
    target, actor = scene.target.member, scene.actor.member
    if target is None and scene.act in NEEDS_A_MEMBER:
        return Rule.TARGET_NOT_IN_SERVER
    if target is not None and actor is not None and rank_of(scene.guild, actor) <= rank_of(scene.guild, target):
        return Rule.TARGET_NOT_BELOW_ACTOR
    if scene.act not in TAKES_SOMETHING_AWAY:
        return None
    ours, theirs = scene.actor.panel_role, scene.target.panel_role
    if theirs is not None and (ours is None or theirs >= ours):
        return Rule.TARGET_IS_PROTECTED_STAFF
    if scene.act is Act.TIMEOUT and target is not None and rights_of(scene.guild, target, scene.now) & ADMINISTRATOR:
        return Rule.TARGET_IS_ADMINISTRATOR
    return None


def _about_bot(scene: Scene) -> Rule | None:
    bot, target = scene.bot, scene.target.member
    if bot is None or not rights_of(scene.guild, bot, scene.now) & NEEDED_RIGHT[scene.act]:
        return Rule.BOT_LACKS_RIGHT
    if target is not None and rank_of(scene.guild, bot) <= rank_of(scene.guild, target):
        return Rule.TARGET_NOT_BELOW_BOT
    return None
