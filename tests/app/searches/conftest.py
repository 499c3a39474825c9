"""Two communities with an archive, and the people of A in their roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.clients.bot_api.fake import FakeBotApi
from app.clients.bot_api.port import Answer
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role
from app.domain.accounts.models import User
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.names import search_names
from app.domain.messages import service as archive_service
from app.domain.messages.postings import KnownWords
from app.domain.searches import watching
from app.domain.staff.models import Membership
from app.extensions import db
from tests.app.messages.conftest import ALICE, BOB, GENERAL, RANDOM, STAFF_ROOM, VERA, A, B, archive, migrated_app

__all__ = ["archive", "migrated_app"]

GUILD = 300000000000000001
THREAD = 400000000000000009
VIEW = 1 << 10 | 1 << 16
STAFF_ROLE = 500000000000000001
OWNER = Actor(ALICE, A, GUILD, Role.OWNER)
MODERATOR = Actor(BOB, A, GUILD, Role.MODERATOR)
VIEWER = Actor(VERA, A, GUILD, Role.VIEWER)


@pytest.fixture
def community(archive: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Everybody sees general and random; the staff room is for whoever has the staff role: Bob."""
    monkeypatch.setattr(archive_service, "KNOWN_WORDS", KnownWords())
    watching.forget_compiled()
    with transaction():
        db.session.add_all(User(id=i, username=n, display_name=n.title()) for i, n in ((BOB, "bob"), (VERA, "vera")))
    for tenant in (A, B):
        with tenant_scope(tenant), transaction():
            people: list[tuple[int, str, list[str]]] = [(ALICE, "alice", []), (VERA, "vera", [])]
            for user_id, name, roles in [*people, (BOB, "bob", [str(STAFF_ROLE)])]:
                db.session.add(
                    GuildMember(user_id=user_id, username=name, search_names=search_names([name]), role_ids=roles)
                )
            db.session.add(GuildRole(id=300000000000000000 + tenant, name="@everyone", permissions=VIEW))
            db.session.add(GuildRole(id=STAFF_ROLE, name="Staff", position=2, permissions=0))
            for channel_id, name in ((GENERAL, "general"), (RANDOM, "random"), (STAFF_ROOM, "staff room")):
                overwrites: list[dict[str, Any]] = []
                if channel_id == STAFF_ROOM:
                    overwrites = [
                        {"id": str(300000000000000000 + tenant), "type": 0, "allow": "0", "deny": str(VIEW)},
                        {"id": str(STAFF_ROLE), "type": 0, "allow": str(VIEW), "deny": "0"},
                    ]
                db.session.add(GuildChannel(id=channel_id, name=name, kind=0, overwrites=overwrites))
            db.session.add(GuildChannel(id=THREAD, name="Sled help", kind=11, parent_id=GENERAL, overwrites=[]))
    with transaction():
        for user_id, role in ((ALICE, Role.OWNER), (BOB, Role.MODERATOR), (VERA, Role.VIEWER)):
            db.session.add(Membership(tenant_id=A, user_id=user_id, role=role))
    yield archive
    watching.forget_compiled()


@pytest.fixture
def bot(community: Flask) -> FakeBotApi:
    """The bot as the worker calls it; it posts what it is given."""
    fake = community.extensions["clients"].bot_api
    assert isinstance(fake, FakeBotApi)
    fake.answers["POST", "/webhooks/messages"] = Answer(200, {"id": "1", "channel_id": str(RANDOM)})
    return fake
