"""The copy of channels, threads and roles."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.clients import clients
from app.domain.access import SystemActor
from app.domain.members.models import GuildChannel
from app.domain.members.queries import all_roles, member_of
from app.domain.members.service import apply_event, copy_guild, copy_members
from app.domain.tenants.models import Tenant
from app.extensions import db
from tests.app.members.payloads import JOINED, REJOINED, gone, member

BOT = SystemActor("gateway")
ANA = 71


def channel(channel_id: int, name: str = "general", **more: Any) -> dict[str, Any]:
    overwrites = [{"id": "9", "type": 0, "allow": "1024", "deny": "0"}]
    return {"id": str(channel_id), "type": 0, "name": name, "position": 1, "permission_overwrites": overwrites, **more}


def role(role_id: int, name: str = "Mod", **more: Any) -> dict[str, Any]:
    return {"id": str(role_id), "name": name, "color": 255, "position": 3, "permissions": str(1 << 40), **more}


def found(channel_id: int) -> GuildChannel:
    row = db.session.scalar(
        select(GuildChannel).where(GuildChannel.id == channel_id).execution_options(populate_existing=True)
    )
    assert row is not None
    return row


def apply(name: str, payload: dict[str, Any]) -> None:
    apply_event(BOT, name, payload)


def test_a_channel_is_copied_with_its_overwrites(tenant: Tenant) -> None:
    apply("CHANNEL_CREATE", channel(1, topic="Talk", nsfw=True, parent_id="7"))
    row = found(1)
    assert (row.name, row.topic, row.is_nsfw, row.parent_id) == ("general", "Talk", True, 7)
    assert row.overwrites == [{"id": "9", "type": 0, "allow": "1024", "deny": "0"}]


def test_a_deleted_channel_stays_with_its_last_overwrites_and_a_late_update_does_not_revive_it(tenant: Tenant) -> None:
    apply("CHANNEL_CREATE", channel(1))
    apply("CHANNEL_DELETE", channel(1))
    deleted_at = found(1).deleted_at
    apply("CHANNEL_UPDATE", channel(1, "renamed"))
    assert found(1).deleted_at == deleted_at is not None
    assert found(1).overwrites[0]["allow"] == "1024"


def test_a_deletion_that_comes_before_its_creation_stays_a_deletion(tenant: Tenant) -> None:
    apply("THREAD_DELETE", {"id": "5", "type": 11, "parent_id": "1"})
    apply("THREAD_CREATE", channel(5, "late", type=11, parent_id="1"))
    assert found(5).deleted_at is not None
    assert found(5).name == "late"


def test_a_snapshot_deletes_missing_channels_keeps_archived_threads_and_revives_what_is_there(tenant: Tenant) -> None:
    for channel_id in (1, 2):
        apply("CHANNEL_CREATE", channel(channel_id))
    apply("THREAD_CREATE", channel(5, type=11, parent_id="1"))
    apply("CHANNEL_DELETE", channel(2))
    apply("GUILD_ROLE_CREATE", {"role": role(30)})
    copy_guild(BOT, {}, [channel(2), channel(3)], [role(31)], [])
    assert found(1).deleted_at is not None
    assert found(2).deleted_at is None
    assert found(3).deleted_at is None
    assert found(5).deleted_at is None
    assert [one.id for one in all_roles()] == [31]


def test_roles_change_and_go_and_come_highest_first(tenant: Tenant) -> None:
    for role_id, position in ((30, 1), (31, 5), (32, 5)):
        apply("GUILD_ROLE_CREATE", {"role": role(role_id, position=position)})
    apply("GUILD_ROLE_UPDATE", {"role": role(30, "Boss", position=9, permissions="8")})
    apply("GUILD_ROLE_DELETE", {"role_id": "32"})
    assert [(one.id, one.name, one.permissions) for one in all_roles()] == [(30, "Boss", 8), (31, "Mod", 1 << 40)]


def test_a_private_thread_knows_who_is_in_it(tenant: Tenant) -> None:
    apply("THREAD_CREATE", channel(5, type=12, parent_id="1", owner_id="70"))
    apply(
        "THREAD_MEMBERS_UPDATE", {"id": "5", "added_members": [{"user_id": "71"}, {"user_id": "72"}, {"user_id": None}]}
    )
    apply("THREAD_MEMBERS_UPDATE", {"id": "5", "removed_member_ids": ["71"]})
    apply("THREAD_UPDATE", channel(5, "renamed", type=12, parent_id="1", owner_id="70"))
    assert found(5).thread_member_ids == ["70", "72"]
    assert found(5).name == "renamed"


def test_readers_are_forgotten_when_channels_or_roles_change(tenant: Tenant) -> None:
    bus = clients().live_bus
    for name, payload in (
        ("CHANNEL_UPDATE", channel(1)),
        ("CHANNEL_DELETE", channel(1)),
        ("THREAD_LIST_SYNC", {"threads": [channel(6, type=11)]}),
        ("GUILD_ROLE_UPDATE", {"role": role(30)}),
        ("GUILD_ROLE_DELETE", {"role_id": "30"}),
    ):
        bus.put_readable_channels(1, 70, frozenset({1}), 60)
        apply(name, payload)
        assert bus.readable_channels(1, 70) is None, name


def test_hopeless_payloads_change_nothing(tenant: Tenant) -> None:
    for name in (
        "CHANNEL_CREATE",
        "CHANNEL_DELETE",
        "THREAD_LIST_SYNC",
        "THREAD_MEMBERS_UPDATE",
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_DELETE",
        "PRESENCE_UPDATE",
    ):
        for payload in ({}, {"id": "x", "role": 5, "role_id": [], "threads": "many"}):
            apply(name, payload)
    assert db.session.scalars(select(GuildChannel)).all() == []
    assert all_roles() == []


CLOSED = [{"id": "9", "type": 0, "allow": "0", "deny": "1024"}]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"permission_overwrites": None},
        {"permission_overwrites": "none"},
        {"permission_overwrites": [{"id": "x", "type": 0, "allow": "0", "deny": "1024"}]},
        {"permission_overwrites": [{"id": "9", "type": 0, "allow": "0"}]},
        {"permission_overwrites": [{"id": "9", "type": 0, "allow": "0", "deny": "much"}]},
        {"permission_overwrites": [{"id": "9", "type": 7, "allow": "0", "deny": "1024"}]},
        {"permission_overwrites": ["9"]},
    ],
)
@pytest.mark.parametrize("name", ["CHANNEL_UPDATE", "CHANNEL_CREATE", "GUILD_CREATE"])
def test_t41_what_does_not_tell_a_channels_overwrites_opens_nothing(
    tenant: Tenant, name: str, told: dict[str, Any]
) -> None:
    apply("CHANNEL_CREATE", channel(1, permission_overwrites=CLOSED))
    payloads = [{"id": str(one), "type": 0, "name": "renamed", "position": 1, **told} for one in (1, 2)]

    if name == "GUILD_CREATE":
        copy_guild(BOT, {}, payloads, [], [])
    else:
        for payload in payloads:
            apply(name, payload)

    assert (found(1).name, found(1).overwrites, found(1).deleted_at) == ("renamed", CLOSED, None)
    assert db.session.scalars(select(GuildChannel.id)).all() == [1], "one of which nothing is known is no open one"


def test_t41_a_thread_whose_kind_is_not_told_stays_private(tenant: Tenant) -> None:
    apply("THREAD_CREATE", channel(5, type=12, parent_id="1", owner_id="70"))
    apply("THREAD_UPDATE", {"id": "5", "name": "renamed", "parent_id": "1"})
    apply("THREAD_UPDATE", {"id": "6", "name": "new", "parent_id": "1"})
    assert (found(5).name, found(5).kind) == ("renamed", 12)
    assert db.session.scalars(select(GuildChannel.id)).all() == [5]


def test_t41_permissions_of_more_bits_than_we_keep_still_deny(tenant: Tenant) -> None:
    many = str((1 << 70) | (1 << 10))
    apply("CHANNEL_CREATE", channel(1, permission_overwrites=[{"id": "9", "type": 0, "allow": "0", "deny": many}]))
    assert found(1).overwrites == CLOSED


def test_a_role_whose_permissions_are_not_told_keeps_them(tenant: Tenant) -> None:
    apply("GUILD_ROLE_CREATE", {"role": role(30, permissions="8")})
    apply("GUILD_ROLE_UPDATE", {"role": {"id": "30", "name": "Boss", "position": 2}})
    apply("GUILD_ROLE_CREATE", {"role": {"id": "31", "name": "New", "position": 1}})
    assert [(one.id, one.name, one.permissions) for one in all_roles()] == [(30, "Boss", 8), (31, "New", 0)]


LEAVING = {
    "leaves": lambda: apply("GUILD_MEMBER_REMOVE", gone(ANA)),
    "is banned": lambda: apply("GUILD_BAN_ADD", gone(ANA)),
    "is missing in the whole list": lambda: copy_members(BOT, [], complete=True),
    "joined anew, unseen": lambda: apply("GUILD_MEMBER_ADD", member(ANA, joined_at=REJOINED)),
    "joined anew, in the list": lambda: copy_members(BOT, [member(ANA, joined_at=REJOINED)], complete=True),
}


@pytest.mark.parametrize("how", LEAVING)
def test_t41_who_leaves_the_server_has_left_its_private_threads(tenant: Tenant, how: str) -> None:
    apply("GUILD_MEMBER_ADD", member(ANA))
    apply("GUILD_MEMBER_ADD", member(ANA * 10, "noise"))
    for thread_id in (5, 6):
        apply("THREAD_CREATE", channel(thread_id, type=12, parent_id="1", owner_id=str(ANA * 10)))
    apply("THREAD_MEMBERS_UPDATE", {"id": "5", "added_members": [{"user_id": str(ANA)}]})

    LEAVING[how]()
    apply("GUILD_MEMBER_ADD", member(ANA, joined_at=REJOINED))

    expected = [] if "whole list" in how or "in the list" in how else [str(ANA * 10)]
    assert found(5).thread_member_ids == expected
    assert found(6).thread_member_ids == expected
    apply("THREAD_MEMBERS_UPDATE", {"id": "5", "added_members": [{"user_id": str(ANA)}]})
    apply("GUILD_MEMBER_ADD", member(ANA, joined_at=REJOINED))
    copy_members(BOT, [member(ANA, joined_at=REJOINED)], complete=False)
    assert found(5).thread_member_ids == [*expected, str(ANA)], "whoever was taken in again stays"


def test_t41_a_member_whose_roles_are_not_told_keeps_them(tenant: Tenant) -> None:
    apply("GUILD_MEMBER_ADD", member(ANA, roles=[30]))
    apply("GUILD_MEMBER_UPDATE", {"user": {"id": str(ANA), "username": "ana"}, "nick": "A", "joined_at": JOINED})
    known = member_of(ANA)
    assert known is not None and (known.nick, known.role_ids) == ("A", ["30"])
