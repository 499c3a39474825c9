"""A community whose archive is on: the bot of `tests` is in it and reads all but one channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role, SystemActor
from app.domain.accounts.models import User
from app.domain.clock import DISCORD_EPOCH_MS, utcnow
from app.domain.coverage import service as coverage
from app.domain.coverage.readable import BotPlace
from app.domain.coverage.service import COVERAGE, Account, AskedPage, ClaimedGap, Missed
from app.domain.members.service import copy_guild, copy_members
from app.domain.messages.reader import Reader
from app.domain.staff.models import Membership
from app.domain.tenants.models import BotSettings, GuildPresence, Tenant
from app.extensions import db
from tests.app.browsing import NAMES, Town
from tests.servers.sandbox import ALICE, BOB, SERVER_A, VERA

BOT = 100000000000000001
GENERAL, STAFF_ROOM, BARRED = 400000000000000001, 400000000000000002, 400000000000000003
MODERATORS = 500000000000000001
VIEW, HISTORY = 1 << 10, 1 << 16
COPY = SystemActor("copy")
EVERYTHING = Reader(ALICE, frozenset(), sees_all=True)


@dataclass
class Archive:
    """Server A, and the bot's hand in its ledger."""

    town: Town
    tenant_id: int
    own: BotPlace

    def account(self, now_ms: int, missed: Missed | None = None) -> Account:
        with tenant_scope(self.tenant_id):
            return coverage.account_for_channels(COVERAGE, self.own, now_ms=now_ms, missed=missed)

    def claim(self) -> list[ClaimedGap]:
        """Every gap that is due."""
        return coverage.claim_gaps(COVERAGE, {self.tenant_id}, {self.tenant_id}, 10, 60.0)

    def asked(self, gap: ClaimedGap) -> AskedPage | None:
        with tenant_scope(self.tenant_id):
            return coverage.next_page(COVERAGE, gap.id, gap.token, 60.0)

    def take(self, gap: ClaimedGap, asked: AskedPage, page: list[dict[str, Any]]) -> AskedPage | None:
        with tenant_scope(self.tenant_id):
            return coverage.take_page(COVERAGE, gap.id, gap.token, asked, page, now_ms())

    def actor(self, user_id: int = ALICE, role: Role = Role.OWNER) -> Actor:
        return Actor(user_id, self.tenant_id, SERVER_A, role)

    def get(self, who: int, path: str, **query: Any) -> TestResponse:
        return self.town.signed_in(who).get(f"/servers/{SERVER_A}{path}", query_string=query)

    def post(self, who: int, path: str, **fields: Any) -> TestResponse:
        return self.town.signed_in(who).post(f"/servers/{SERVER_A}{path}", data=fields)


def now_ms() -> int:
    return round(utcnow().timestamp() * 1000)


def id_of(milliseconds: int) -> int:
    return (milliseconds - DISCORD_EPOCH_MS) << 22


def message(message_id: int, content: str = "hello", channel: int = GENERAL) -> dict[str, Any]:
    """A message object as REST lists it."""
    return {
        "id": str(message_id),
        "channel_id": str(channel),
        "author": {"id": str(VERA), "username": "vera", "global_name": None, "avatar": None},
        "content": content,
        "timestamp": "2026-11-01T08:00:00+00:00",
        "edited_timestamp": None,
        "mention_everyone": False,
        "mentions": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
    }


@pytest.fixture
def archive(app: Flask) -> Iterator[Archive]:
    with transaction():
        db.session.add_all(User(id=i, username=NAMES[i].lower(), display_name=NAMES[i]) for i in NAMES)
        db.session.flush()
        db.session.add(GuildPresence(guild_id=SERVER_A, name="Snowfall Village", owner_id=ALICE))
        tenant = Tenant(guild_id=SERVER_A, slug="a", name="Snowfall Village", owner_id=ALICE, state="active")
        db.session.add(tenant)
        db.session.flush()
        roles = ((ALICE, Role.OWNER), (BOB, Role.ADMIN), (VERA, Role.VIEWER))
        db.session.add_all(Membership(tenant_id=tenant.id, user_id=who, role=role) for who, role in roles)
        tenant_id = tenant.id
    with tenant_scope(tenant_id):
        with transaction():
            db.session.add(BotSettings(archive_enabled=True))
        copy_guild(COPY, {"id": str(SERVER_A)}, _channels(), _roles(), [])
        copy_members(COPY, [_member(one) for one in (ALICE, BOB, VERA, BOT)], complete=True)
    yield Archive(Town.of(app), tenant_id, BotPlace(BOT, (MODERATORS,)))


def _channels() -> list[dict[str, Any]]:
    staff_only = [
        {"id": str(SERVER_A), "type": 0, "allow": "0", "deny": str(VIEW)},
        {"id": str(MODERATORS), "type": 0, "allow": str(VIEW), "deny": "0"},
    ]
    without_bot = [{"id": str(BOT), "type": 1, "allow": "0", "deny": str(HISTORY)}]
    return [
        {"id": str(GENERAL), "type": 0, "name": "general", "position": 0, "permission_overwrites": []},
        {"id": str(STAFF_ROOM), "type": 0, "name": "staff-room", "position": 1, "permission_overwrites": staff_only},
        {"id": str(BARRED), "type": 0, "name": "barred", "position": 2, "permission_overwrites": without_bot},
    ]


def _roles() -> list[dict[str, Any]]:
    common = {"color": 0, "permissions": str(VIEW | HISTORY)}
    return [
        {"id": str(SERVER_A), "name": "@everyone", "position": 0, **common},
        {"id": str(MODERATORS), "name": "Moderators", "position": 1, **common},
    ]


def _member(user_id: int) -> dict[str, Any]:
    return {
        "user": {"id": str(user_id), "username": f"u{user_id % 100}", "global_name": None, "avatar": None},
        "nick": None,
        "roles": [str(MODERATORS)] if user_id in (BOB, BOT) else [],
        "joined_at": "2025-01-02T03:04:05.678000+00:00",
        "flags": 0,
    }
