"""A running bot in server A of the sandbox, and staff on the panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.contracts.bot_api import Act
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role
from app.domain.accounts.models import User
from app.domain.members.models import GuildMember
from app.domain.moderation.models import Case
from app.domain.staff.models import Membership
from app.extensions import db
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot, eventually
from tests.servers.sandbox import ALICE, BOB, SERVER_A, VERA, Sandbox


@pytest.fixture
def discord() -> Iterator[Sandbox]:
    """A Discord of this test's own: people are banned from it for good."""
    server = Sandbox("--scenario", "small", "--installed", "A,B")
    yield server
    server.stop()


@dataclass
class Server:
    """Server A with its panel: Alice owns, Bob moderates, Vera only looks on."""

    discord: Sandbox
    bot: RunningBot
    tenant_id: int

    def ask(self, act: Act, actor: int = BOB, **body: Any) -> tuple[int, dict[str, Any]]:
        """The website's signed call."""
        import json

        answer = self.bot.call(
            "POST",
            f"/moderation/{act}",
            tenant=self.tenant_id,
            guild=SERVER_A,
            actor=str(actor),
            body=json.dumps(body).encode(),
        )
        return answer.status_code, answer.json()

    def cases(self) -> list[Case]:
        db.session.rollback()
        with tenant_scope(self.tenant_id):
            found = list(
                db.session.scalars(select(Case).order_by(Case.number).execution_options(populate_existing=True))
            )
            db.session.expunge_all()
        return found

    @property
    def bot_user_id(self) -> int:
        return int(self.discord.credentials["client_id"])

    def roles_of(self, user_id: int) -> list[str]:
        """The roles that somebody holds on Discord now."""
        members = self.discord.get(f"/sandbox/state/{SERVER_A}")["members"]
        return next(list(one["roles"]) for one in members if one["user"]["id"] == str(user_id))

    def plain_member(self) -> int:
        """Somebody without a role, who is in the copy."""
        known = (ALICE, BOB, VERA)
        with tenant_scope(self.tenant_id):
            rows = db.session.execute(
                select(GuildMember.user_id, GuildMember.role_ids).where(
                    GuildMember.left_at.is_(None), GuildMember.is_bot.is_(False)
                )
            ).all()
        db.session.rollback()
        return next(user_id for user_id, roles in rows if user_id not in known and not roles)

    def confirmed(self, number: int) -> Case:
        """The case, once Discord's audit log has confirmed it."""
        eventually(lambda: self.cases()[number - 1].discord_audit_entry_id is not None)
        return self.cases()[number - 1]


@pytest.fixture
def server(discord: Sandbox, bot_of: Callable[..., RunningBot]) -> Server:
    tenant_id = make_tenant()
    with transaction():
        db.session.add_all(
            User(id=user_id, username=name, display_name=name.title())
            for user_id, name in ((BOB, "bob"), (VERA, "vera"))
        )
        db.session.flush()
        db.session.add(Membership(tenant_id=tenant_id, user_id=BOB, role=int(Role.MODERATOR)))
        db.session.add(Membership(tenant_id=tenant_id, user_id=VERA, role=int(Role.VIEWER)))
    bot = bot_of(discord, TIME_SCALE="10").wait_until_connected()
    found = Server(discord, bot, tenant_id)
    eventually(lambda: _members(tenant_id) > 5)
    return found


def _members(tenant_id: int) -> int:
    db.session.rollback()
    with tenant_scope(tenant_id):
        return len(db.session.scalars(select(GuildMember.user_id)).all())
