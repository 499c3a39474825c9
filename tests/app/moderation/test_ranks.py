"""Every question of rank, answered a second time by an oracle written from Discord's documentation alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clients.discord_guild.port import LiveGuild, LiveMember, LiveRole
from app.contracts.bot_api import Act
from app.domain.access import Role
from app.domain.moderation.ranks import Person, Rule, Scene, refusal

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
GUILD, OWNER, ACTOR, TARGET, BOT = 1000, 1, 2, 3, 4
DISCORDS_WORDS = {
    "KICK_MEMBERS": 0x2,
    "BAN_MEMBERS": 0x4,
    "ADMINISTRATOR": 0x8,
    "VIEW_CHANNEL": 0x400,
    "MODERATE_MEMBERS": 0x10000000000,
}
NEEDS = {
    Act.BAN: "BAN_MEMBERS",
    Act.UNBAN: "BAN_MEMBERS",
    Act.KICK: "KICK_MEMBERS",
    Act.TIMEOUT: "MODERATE_MEMBERS",
    Act.UNTIMEOUT: "MODERATE_MEMBERS",
}


class Oracle:
    """Discord's documented rules, said slowly: sets of names and a sorted ladder instead of bits and tuples."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        others = [role for role in scene.guild.roles if role.id != scene.guild.id]
        self.ladder = [role.id for role in sorted(others, key=lambda role: (role.position, -role.id))]

    def allows(self) -> bool:
        scene = self.scene
        actor, target, bot = scene.actor.member, scene.target.member, scene.bot
        untouchable = {scene.actor.user_id, scene.guild.owner_id, scene.guild.bot_user_id}
        if scene.target.user_id in untouchable or actor is None or bot is None:
            return False
        if not all(NEEDS[scene.act] in self.rights(one) for one in (actor, bot)):
            return False
        if target is None:
            if scene.act not in (Act.BAN, Act.UNBAN):
                return False
        elif not all(self.step(one) > self.step(target) for one in (actor, bot)):
            return False
        if scene.act in (Act.BAN, Act.KICK, Act.TIMEOUT) and scene.target.panel_role is not None:
            ladder = [None, Role.VIEWER, Role.MODERATOR, Role.ADMIN, Role.OWNER]
            if ladder.index(scene.target.panel_role) >= ladder.index(scene.actor.panel_role):
                return False
        return not (scene.act is Act.TIMEOUT and target is not None and "ADMINISTRATOR" in self.rights(target))

    def rights(self, member: LiveMember) -> set[str]:
        if member.user_id == self.scene.guild.owner_id:
            return set(DISCORDS_WORDS)
        held = [role for role in self.scene.guild.roles if role.id == self.scene.guild.id or role.id in member.role_ids]
        names = {name for role in held for name, bit in DISCORDS_WORDS.items() if role.permissions & bit}
        if "ADMINISTRATOR" in names:
            return set(DISCORDS_WORDS)
        if member.timed_out_until is not None and member.timed_out_until > self.scene.now:
            return names & {"VIEW_CHANNEL"}
        return names

    def step(self, member: LiveMember) -> int:
        if member.user_id == self.scene.guild.owner_id:
            return len(self.ladder)
        return max((self.ladder.index(role) for role in member.role_ids if role in self.ladder), default=-1)


def _member(user_id: int, draw: Any, role_ids: list[int]) -> LiveMember | None:
    if draw(st.integers(0, 24)) == 24:
        return None
    held = frozenset(draw(st.lists(st.sampled_from([*role_ids, 9999]), max_size=3)))
    until = draw(st.sampled_from([None] * 6 + [NOW - timedelta(seconds=1), NOW + timedelta(hours=1)]))
    return LiveMember(user_id, f"u{user_id}", f"U{user_id}", held, False, until)


@st.composite
def scenes(draw: Any) -> Scene:
    role_ids = draw(st.lists(st.integers(10, 30), min_size=1, max_size=5, unique=True))
    permissions = st.sets(st.sampled_from(sorted(DISCORDS_WORDS.values()))).map(sum)
    roles = [LiveRole(role_id, draw(st.integers(1, 4)), draw(permissions)) for role_id in role_ids]
    roles.append(LiveRole(GUILD, 0, draw(st.sampled_from([0x10000000406, 0x10000000406, 0x406, 0x400, 0]))))
    target_id = draw(st.sampled_from([TARGET] * 9 + [ACTOR, OWNER, BOT]))
    owner_id = draw(st.sampled_from([OWNER] * 6 + [ACTOR, TARGET, BOT]))
    ladder = st.sampled_from([None, None, None, Role.VIEWER, Role.MODERATOR, Role.ADMIN, Role.OWNER])
    return Scene(
        act=draw(st.sampled_from(list(Act))),
        guild=LiveGuild(GUILD, "g", owner_id, tuple(roles), BOT),
        actor=Person(
            ACTOR, _member(ACTOR, draw, role_ids), draw(st.sampled_from([Role.MODERATOR, Role.ADMIN, Role.OWNER]))
        ),
        target=Person(target_id, _member(target_id, draw, role_ids), draw(ladder)),
        bot=_member(BOT, draw, role_ids),
        now=NOW,
    )


@settings(max_examples=600, deadline=None)
@given(scenes())
def test_the_rules_agree_with_discords_documentation(scene: Scene) -> None:
    assert (refusal(scene) is None) == Oracle(scene).allows(), refusal(scene)


def allowed_scene(act: Act = Act.BAN) -> Scene:
    """Everything as it must be; each case below breaks one thing."""
    everything = 0x2 | 0x4 | 0x10000000000
    roles = (
        LiveRole(GUILD, 0, 0x400),
        LiveRole(10, 5, everything),
        LiveRole(11, 3, 0),
        LiveRole(12, 9, everything),
        LiveRole(13, 1, 0x8),
        LiveRole(14, 5, 0),
    )
    return Scene(
        act=act,
        guild=LiveGuild(GUILD, "g", OWNER, roles, BOT),
        actor=Person(ACTOR, LiveMember(ACTOR, "actor", "Actor", frozenset({10}), False, None), Role.MODERATOR),
        target=Person(TARGET, LiveMember(TARGET, "target", "Target", frozenset({11}), False, None), None),
        bot=LiveMember(BOT, "bot", "Bot", frozenset({12}), True, None),
        now=NOW,
    )


def _with_roles(member: LiveMember | None, *roles: int) -> LiveMember:
    assert member is not None
    return replace(member, role_ids=frozenset(roles))


def _broken(rule: Rule) -> Scene:
    fine = allowed_scene(Act.TIMEOUT)
    actor, target = fine.actor, fine.target
    assert actor.member is not None
    timed_out = replace(actor.member, timed_out_until=NOW + timedelta(minutes=1))
    changes: dict[Rule, dict[str, Any]] = {
        Rule.TARGET_IS_YOURSELF: {"target": Person(ACTOR, actor.member)},
        Rule.TARGET_IS_THIS_BOT: {"target": Person(BOT, fine.bot)},
        Rule.TARGET_IS_OWNER: {"target": Person(OWNER, _with_roles(target.member))},
        Rule.ACTOR_NOT_IN_SERVER: {"actor": replace(actor, member=None)},
        Rule.ACTOR_TIMED_OUT: {"actor": replace(actor, member=timed_out)},
        Rule.ACTOR_LACKS_RIGHT: {"actor": replace(actor, member=_with_roles(actor.member, 14))},
        Rule.TARGET_NOT_IN_SERVER: {"target": replace(target, member=None)},
        Rule.TARGET_NOT_BELOW_ACTOR: {"target": replace(target, member=_with_roles(target.member, 10))},
        Rule.TARGET_IS_PROTECTED_STAFF: {"target": replace(target, panel_role=Role.MODERATOR)},
        Rule.TARGET_IS_ADMINISTRATOR: {"target": replace(target, member=_with_roles(target.member, 13))},
        Rule.BOT_LACKS_RIGHT: {"bot": _with_roles(fine.bot, 14)},
        Rule.TARGET_NOT_BELOW_BOT: {"bot": _with_roles(fine.bot, 11), "guild": _everyone_moderates(fine.guild)},
    }
    return replace(fine, **changes[rule])


def _everyone_moderates(guild: LiveGuild) -> LiveGuild:
    return replace(guild, roles=(LiveRole(GUILD, 0, 0x10000000000), *guild.roles[1:]))


@pytest.mark.parametrize("act", list(Act))
def test_a_moderator_above_the_target_with_a_bot_above_both_may_act(act: Act) -> None:
    assert refusal(allowed_scene(act)) is None


@pytest.mark.parametrize("rule", list(Rule))
def test_every_rule_is_named_when_it_alone_is_broken(rule: Rule) -> None:
    assert refusal(_broken(rule)) is rule


def test_of_two_roles_on_one_position_the_older_stands_higher() -> None:
    fine = allowed_scene()
    younger = replace(fine, target=replace(fine.target, member=_with_roles(fine.target.member, 14)))
    assert refusal(younger) is None
    older = replace(
        fine,
        actor=replace(fine.actor, member=_with_roles(fine.actor.member, 14, 13)),
        target=replace(fine.target, member=_with_roles(fine.target.member, 10)),
    )
    assert refusal(older) is Rule.TARGET_NOT_BELOW_ACTOR


@pytest.mark.parametrize("act", [Act.BAN, Act.UNBAN])
def test_bans_reach_people_who_are_not_in_the_server(act: Act) -> None:
    fine = allowed_scene(act)
    assert refusal(replace(fine, target=replace(fine.target, member=None))) is None


@pytest.mark.parametrize("act", [Act.UNBAN, Act.UNTIMEOUT])
def test_what_gives_back_is_not_stopped_by_a_role_on_the_panel(act: Act) -> None:
    fine = allowed_scene(act)
    assert refusal(replace(fine, target=replace(fine.target, panel_role=Role.OWNER))) is None
