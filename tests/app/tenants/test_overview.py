"""The first page of a community."""

from __future__ import annotations

import pytest
from flask import Flask

from app.clients.bot_api.port import Answer
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.members.models import GuildMember
from app.domain.moderation.models import Case
from app.domain.tenants.permissions import INSTALL_PERMISSIONS
from app.domain.tenants.queries import tenant_of_guild
from app.extensions import db
from tests.app.browsing import Town
from tests.servers.sandbox import ALICE, SERVER_A

PAGE = f"/servers/{SERVER_A}"
BAN_MEMBERS = 1 << 2


@pytest.fixture
def town(app: Flask) -> Town:
    town = Town.of(app)
    town.install(ALICE, SERVER_A)
    return town


def test_a_new_community_is_told_what_to_do_next(town: Town) -> None:
    page = town.signed_in(ALICE).get(PAGE).text

    assert "Nothing is archived yet" in page and "Set-up is not finished" in page
    assert f'href="{PAGE}/set-up"' in page


def test_members_here_and_the_last_acts_are_shown_and_those_who_left_are_not_counted(town: Town) -> None:
    from app.domain.clock import utcnow

    with tenant_scope(tenant_of_guild(SERVER_A).id), transaction():
        for number in range(3):
            db.session.add(GuildMember(user_id=700 + number, username=f"member{number}"))
        db.session.add(GuildMember(user_id=710, username="gone", left_at=utcnow()))
        db.session.add(
            Case(
                number=41,
                kind="ban",
                source="panel",
                status="applied",
                target_id=700,
                target_name="member0",
                actor_id=ALICE,
            )
        )

    page = town.signed_in(ALICE).get(PAGE).text

    assert ">3</a>" in page
    assert "#41" in page and "member0" in page


def test_a_permission_that_was_refused_is_named_with_what_stays_off(town: Town) -> None:
    town.bot.answers[("GET", "/permissions")] = Answer(200, {"permissions": str(INSTALL_PERMISSIONS & ~BAN_MEMBERS)})

    page = town.signed_in(ALICE).get(PAGE).text

    assert "The bot lacks Ban Members" in page and "Bans from the panel are switched off." in page
    assert "The bot lacks Kick Members" not in page
    town.signed_in(ALICE).get(PAGE)
    asked = [path for _caller, _method, path, _body in town.bot.calls if path == "/permissions"]
    assert len(asked) == 1, "remembered for a minute"


def test_an_administrator_lacks_nothing(town: Town) -> None:
    town.bot.answers[("GET", "/permissions")] = Answer(200, {"permissions": "8"})

    assert "The bot lacks" not in town.signed_in(ALICE).get(PAGE).text
