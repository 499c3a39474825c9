"""The copy of members: whatever the order and repetition, it says what Discord says."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from app.clients import clients
from app.contracts.live import Cursor
from app.db.scope import tenant_scope
from app.domain.access import Actor, Role, SystemActor
from app.domain.errors import Forbidden
from app.domain.members.queries import MemberFilter, Order, Presence, count_members, list_members, member_of, names_of
from app.domain.members.service import apply_event, copy_guild, copy_members
from app.domain.tenants.models import Tenant
from tests.app.members.payloads import REJOINED, gone, member

BOT = SystemActor("gateway")
ANA = 700_000_000_000_000_001

JOIN = ("GUILD_MEMBER_ADD", member(ANA))
RENAME = ("GUILD_MEMBER_UPDATE", member(ANA, nick="Annie", roles=[5]))
LEAVE = ("GUILD_MEMBER_REMOVE", gone(ANA))
BAN = ("GUILD_BAN_ADD", gone(ANA))
UNBAN = ("GUILD_BAN_REMOVE", gone(ANA))
RETURN = ("GUILD_MEMBER_ADD", member(ANA, joined_at=REJOINED))


def state() -> tuple[Any, ...]:
    found = member_of(ANA)
    assert found is not None
    return found.display_name, found.is_here, found.banned_at is not None, found.role_ids


def apply(*events: tuple[str, dict[str, Any]]) -> None:
    for name, payload in events:
        apply_event(BOT, name, payload)


def test_a_member_who_joins_is_here_with_names_and_roles(tenant: Tenant) -> None:
    apply(("GUILD_MEMBER_ADD", member(ANA, "ana", global_name="Ana Sousa", roles=[5, 6], bot=True)))
    found = member_of(ANA)
    assert found is not None
    assert (found.username, found.display_name, found.role_ids, found.is_here) == ("ana", "Ana Sousa", ["5", "6"], True)
    assert found.is_bot
    assert found.joined_at is not None and found.joined_at.isoformat() == "2025-01-02T03:04:05.678000+00:00"


def test_earlier_names_are_kept_once_and_in_order(tenant: Tenant) -> None:
    for nick in ("Annie", "Anita", "Annie", None):
        apply(("GUILD_MEMBER_UPDATE", member(ANA, nick=nick)))
    apply(("GUILD_MEMBER_UPDATE", member(ANA, "ana.sousa")))
    found = member_of(ANA)
    assert found is not None
    assert sorted(found.earlier_names) == ["Anita", "Annie", "ana"]
    assert found.earlier_names[-1] == "ana"


@pytest.mark.parametrize("late", [JOIN, RENAME], ids=["join", "update"])
def test_a_late_event_of_an_ended_stay_does_not_bring_a_member_back(
    tenant: Tenant, late: tuple[str, dict[str, Any]]
) -> None:
    apply(JOIN, RENAME, LEAVE)
    before = state()
    apply(late)
    assert state() == before
    assert not before[1]


def test_a_join_that_arrives_after_its_own_leave_leaves_the_member_gone(tenant: Tenant) -> None:
    apply(LEAVE, JOIN)
    assert state()[1] is False


def test_who_comes_back_is_here_whatever_of_the_old_stay_arrives_late(tenant: Tenant) -> None:
    apply(JOIN, BAN, LEAVE, UNBAN, RETURN)
    here = state()
    assert here[1:3] == (True, False)
    apply(JOIN, RENAME)
    assert state() == here


def test_every_event_may_be_told_twice(tenant: Tenant) -> None:
    story = [JOIN, RENAME, BAN, LEAVE, UNBAN]
    apply(*story)
    once = state()
    apply(*itertools.chain.from_iterable((event, event) for event in story))
    assert state() == once


def test_a_ban_and_its_leave_give_the_same_in_either_order(tenant: Tenant) -> None:
    apply(JOIN, BAN, LEAVE)
    first = state()
    apply(UNBAN, RETURN, LEAVE, BAN)
    assert state()[1:3] == first[1:3] == (False, True)


def test_a_ban_of_somebody_unknown_is_kept_without_calling_them_here(tenant: Tenant) -> None:
    apply(BAN)
    assert state()[1:3] == (False, True)


def test_a_timeout_is_known_until_it_ends(tenant: Tenant) -> None:
    apply(JOIN, ("GUILD_MEMBER_UPDATE", member(ANA, communication_disabled_until="2030-01-01T00:00:00+00:00")))
    found = member_of(ANA)
    assert found is not None and found.timed_out_until is not None and found.timed_out_until.year == 2030
    apply(("GUILD_MEMBER_UPDATE", member(ANA)))
    again = member_of(ANA)
    assert again is not None and again.timed_out_until is None


def test_the_whole_list_marks_who_is_missing_as_gone_and_brings_back_who_is_there(tenant: Tenant) -> None:
    apply(JOIN, ("GUILD_MEMBER_ADD", member(ANA + 1, "ben")), ("GUILD_MEMBER_REMOVE", gone(ANA + 1, "ben")))
    copy_members(BOT, [member(ANA + 1, "ben"), member(ANA + 2, "cleo")], complete=True)
    assert not state()[1]
    assert [row.username for row in list_members(MemberFilter()).members] == ["ben", "cleo"]


def test_a_part_of_the_list_marks_nobody_as_gone(tenant: Tenant) -> None:
    apply(JOIN)
    copy_members(BOT, [member(ANA + 2, "cleo")], complete=False)
    assert state()[1]


def test_a_large_guild_is_copied_whole_and_again(tenant: Tenant) -> None:
    people = [member(ANA + number, f"user{number:05}") for number in range(2500)]
    copy_members(BOT, people, complete=True)
    copy_members(BOT, people[:2400], complete=True)
    assert count_members(MemberFilter()) == 2400
    assert count_members(MemberFilter(presence=Presence.GONE)) == 100


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"user": None},
        {"user": {"id": "x"}},
        {"user": {"id": "-1"}},
        {"user": {"id": str(2**64)}},
        {"user": {"id": True}},
    ],
)
@pytest.mark.parametrize("name", ["GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE", "GUILD_BAN_ADD"])
def test_a_payload_without_a_user_changes_nothing(tenant: Tenant, name: str, payload: dict[str, Any]) -> None:
    apply((name, payload))
    assert count_members(MemberFilter(presence=Presence.ALL)) == 0


def test_strange_values_are_kept_as_far_as_a_database_can(tenant: Tenant) -> None:
    strange = member(ANA, "a\x00\ud800" + "🦊" * 40, nick="‮مرحبا", joined_at="soon", roles=["x", -1, 7])
    apply(("GUILD_MEMBER_ADD", strange))
    found = member_of(ANA)
    assert found is not None
    assert found.username == "a?" + "🦊" * 30
    assert found.nick == "‮مرحبا"
    assert (found.role_ids, found.joined_at) == (["7"], None)


def test_lists_are_filtered_by_any_name_in_any_case_and_paged_without_gap_or_repetition(tenant: Tenant) -> None:
    copy_members(
        BOT,
        [
            member(ANA + n, f"user{n}", nick=nick)
            for n, nick in enumerate(["Ärger", "Straße", "100%_wow", "Zoë", "ärger"])
        ],
        complete=True,
    )
    apply(("GUILD_MEMBER_UPDATE", member(ANA, "user0", nick="Neu")))
    assert {row.user_id - ANA for row in list_members(MemberFilter(name="ÄRGER")).members} == {0, 4}
    assert [row.user_id - ANA for row in list_members(MemberFilter(name="STRASSE")).members] == [1]
    assert [row.user_id - ANA for row in list_members(MemberFilter(name="%_")).members] == [2]
    assert [row.user_id - ANA for row in list_members(MemberFilter(name=str(ANA + 3))).members] == [3]
    assert list_members(MemberFilter(name="9" * 19)).members == []
    for order in Order:
        wanted, found, after = MemberFilter(order=order), [], None
        while True:
            page = list_members(wanted, after, limit=2)
            found += [row.user_id for row in page.members]
            after = page.following
            if after is None:
                break
        assert found == [row.user_id for row in list_members(wanted).members]
        back, before = page.members, page.preceding
        while before is not None:
            page = list_members(wanted, before=before, limit=2)
            back, before = [*page.members, *back], page.preceding
        assert [row.user_id for row in back] == found
        assert sorted(found) == [ANA + n for n in range(5)]


def test_the_copy_of_one_community_is_not_seen_in_another(tenant: Tenant) -> None:
    apply(JOIN)
    with tenant_scope(2):
        assert member_of(ANA) is None
        assert names_of([ANA]) == {}
    assert names_of([ANA]) == {ANA: "ana"}


def test_who_watches_is_told_and_readers_are_forgotten_only_when_rights_change(tenant: Tenant) -> None:
    bus = clients().live_bus
    start = bus.read(1, None).cursor
    apply(JOIN)
    bus.put_readable_channels(1, ANA, frozenset({1}), 60)
    apply(("GUILD_MEMBER_UPDATE", member(ANA, nick="Annie")))
    assert bus.readable_channels(1, ANA) == frozenset({1})
    apply(RENAME)
    assert bus.readable_channels(1, ANA) is None
    told = [entry.signal.ref for entry in bus.read(1, Cursor(start.epoch, start.id)).entries]
    assert told == [f"member:{ANA}"] * 3


def test_a_repeated_event_is_not_told_again(tenant: Tenant) -> None:
    apply(JOIN)
    start = clients().live_bus.read(1, None).cursor
    apply(JOIN)
    assert clients().live_bus.read(1, start).entries == ()


def test_people_cannot_write_the_copy(tenant: Tenant) -> None:
    actor = Actor(ANA, 1, tenant.guild_id, Role.OWNER)
    for verb in (
        lambda: apply_event(actor, *JOIN),
        lambda: copy_members(actor, [], complete=True),
        lambda: copy_guild(actor, {}, [], [], []),
    ):  # type: ignore[arg-type]
        with pytest.raises(Forbidden):
            verb()
    assert count_members(MemberFilter(presence=Presence.ALL)) == 0


def test_a_member_whom_nobody_ever_banned_has_no_ban(tenant: Tenant) -> None:
    apply(JOIN, UNBAN)
    found = member_of(ANA)
    assert found is not None
    assert found.banned_at is None
    assert found.is_here
