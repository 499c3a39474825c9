"""Alice's community with staff on the panel and ranks on Discord, the latter a fake that keeps a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from app.clients import clients
from app.clients.discord_guild.fake import FakeDiscordGuild, FakeGuild
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role
from app.domain.accounts.models import User
from app.domain.members.models import GuildMember
from app.domain.moderation.ranks import BAN_MEMBERS, KICK_MEMBERS, MODERATE_MEMBERS
from app.domain.staff.models import Membership
from app.domain.tenants.models import Tenant
from app.extensions import db
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, VERA

BOT_USER = 100_000_000_000_000_001
MALLORY, UMA, PAT, ROBOT = (
    700_000_000_000_000_001,
    700_000_000_000_000_002,
    700_000_000_000_000_003,
    700_000_000_000_000_009,
)
MODERATORS, COUNCIL = 31, 32
ALL_RIGHTS = BAN_MEMBERS | KICK_MEMBERS | MODERATE_MEMBERS


@dataclass
class Community:
    """Tenant 1. Bob moderates on both sides, Uma stands above him on Discord, Pat is fellow staff, Mallory is plain."""

    discord: FakeDiscordGuild
    guild: FakeGuild

    def actor(self, user_id: int, role: Role = Role.MODERATOR) -> Actor:
        return Actor(user_id, 1, SERVER_A, role)

    @property
    def bob(self) -> Actor:
        return self.actor(BOB)

    def acts(self) -> list[tuple[str, int | None]]:
        """What reached Discord and changed something."""
        verbs = ("ban", "unban", "kick", "timeout")
        return [(method, target) for method, _guild, target, _reason in self.discord.calls if method in verbs]

    def reasons(self) -> list[str]:
        return [
            reason
            for method, _guild, _target, reason in self.discord.calls
            if method in ("ban", "kick", "timeout", "unban")
        ]


@pytest.fixture
def community(app: Flask) -> Iterator[Community]:
    _fill_the_panel()
    discord = clients().discord_guild
    assert isinstance(discord, FakeDiscordGuild)
    guild = discord.add_guild(SERVER_A, owner_id=ALICE, bot_user_id=BOT_USER)
    discord.add_role(SERVER_A, MODERATORS, position=10, permissions=ALL_RIGHTS)
    discord.add_role(SERVER_A, COUNCIL, position=20, permissions=0)
    discord.add_member(SERVER_A, BOB, "bob", role_ids=frozenset({MODERATORS}))
    discord.add_member(SERVER_A, UMA, "uma", role_ids=frozenset({COUNCIL}))
    for user_id, name in ((MALLORY, "mallory"), (PAT, "pat"), (VERA, "vera")):
        discord.add_member(SERVER_A, user_id, name)
    discord.add_member(SERVER_A, ROBOT, "robot", is_bot=True)
    with tenant_scope(1):
        yield Community(discord, guild)


def _fill_the_panel() -> None:
    people = {ALICE: "alice", BOB: "bob", VERA: "vera", CHARLIE: "charlie", PAT: "pat"}
    with transaction():
        db.session.add_all(
            User(id=user_id, username=name, display_name=name.title()) for user_id, name in people.items()
        )
        db.session.flush()
        db.session.add(Tenant(id=1, guild_id=SERVER_A, slug="a", name="A", owner_id=ALICE))
        db.session.add(Tenant(id=2, guild_id=SERVER_B, slug="b", name="B", owner_id=CHARLIE))
        db.session.flush()
        staff = ((ALICE, Role.OWNER), (BOB, Role.MODERATOR), (VERA, Role.VIEWER), (PAT, Role.MODERATOR))
        db.session.add_all(Membership(tenant_id=1, user_id=user_id, role=int(role)) for user_id, role in staff)
        db.session.add(Membership(tenant_id=2, user_id=CHARLIE, role=int(Role.OWNER)))
    with tenant_scope(1), transaction():
        for user_id, name in ((MALLORY, "mallory"), (BOB, "bob"), (ROBOT, "robot")):
            db.session.add(
                GuildMember(user_id=user_id, username=name, global_name=name.title(), is_bot=user_id == ROBOT)
            )
