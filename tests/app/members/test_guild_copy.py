"""The copy of channels, threads and roles."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.clients import clients
from app.domain.access import SystemActor
from app.domain.members.models import GuildChannel
from app.domain.members.queries import all_roles
from app.domain.members.service import apply_event, copy_guild
from app.domain.tenants.models import Tenant
from app.extensions import db

BOT = SystemActor("gateway")


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
