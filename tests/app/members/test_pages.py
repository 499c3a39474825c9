"""The member list and a person's record, as people read them."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db.scope import tenant_scope
from app.domain.access import SystemActor
from app.domain.members.service import apply_event, copy_guild, copy_members
from app.domain.tenants.queries import tenant_of_guild
from app.extensions import db
from tests.app.browsing import Town
from tests.app.members.payloads import gone, member
from tests.servers.sandbox import ALICE, CHARLIE, SERVER_A, SERVER_B

BOT = SystemActor("gateway")
FIRST = 1_100_000_000_000_000_000
LISTING = f"/servers/{SERVER_A}/members"


@pytest.fixture
def alice(app: Flask) -> FlaskClient:
    """Alice's browser on her panel, with 60 members, two of them gone, one banned."""
    town = Town.of(app)
    town.install(ALICE, SERVER_A)
    town.install(CHARLIE, SERVER_B)
    role = {"id": "31", "name": "Artist", "color": 0xE91E63, "position": 3, "permissions": "0"}
    with tenant_scope(_tenant_id()):
        copy_guild(BOT, {}, [], [role, {"id": str(SERVER_A), "name": "@everyone", "position": 0}], [])
        people = [member(FIRST + number, f"user{number:02}", joined_at=_joined(number)) for number in range(60)]
        copy_members(BOT, people, complete=True)
        apply_event(BOT, "GUILD_MEMBER_UPDATE", member(FIRST, "user00", nick="Ana", roles=[31], joined_at=_joined(0)))
        apply_event(BOT, "GUILD_MEMBER_UPDATE", member(FIRST, "user00", nick="Bea", roles=[31], joined_at=_joined(0)))
        apply_event(BOT, "GUILD_MEMBER_REMOVE", gone(FIRST + 1, "user01"))
        apply_event(BOT, "GUILD_BAN_ADD", gone(FIRST + 2, "user02"))
    return town.signed_in(ALICE)


def _tenant_id() -> int:
    tenant = tenant_of_guild(SERVER_A)
    assert tenant is not None
    found = tenant.id
    db.session.rollback()
    return found


def _joined(number: int) -> str:
    return f"2025-01-{1 + number // 24:02}T{number % 24:02}:00:00+00:00"


def ids(page: TestResponse) -> list[int]:
    return [int(found) - FIRST for found in re.findall(r'id="member-(\d+)"', page.text)]


def neighbour(page: TestResponse, which: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{which}"', page.text)
    assert found is not None, f"no way to the {which} page"
    return html.unescape(found.group(1))


def seen(page: TestResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.mark.parametrize("order", ["name", "joined"])
def test_the_pages_of_the_list_show_everybody_once(alice: FlaskClient, order: str) -> None:
    found: list[int] = []
    address: str | None = f"{LISTING}?order={order}"
    while address:
        page = alice.get(address)
        assert page.status_code == 200
        found += ids(page)
        following = re.search(r'href="([^"]+)" rel="next"', page.text)
        address = html.unescape(following.group(1)) if following else None
    assert len(found) == 58
    assert sorted(found) == [0, *range(3, 60)]
    if order == "joined":
        assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("order", ["name", "joined"])
def test_one_comes_back_to_the_page_before(alice: FlaskClient, order: str) -> None:
    first = alice.get(f"{LISTING}?order={order}")
    assert 'rel="prev"' not in first.text
    second = alice.get(neighbour(first, "next"))
    assert ids(second) and not set(ids(second)) & set(ids(first))

    back = alice.get(neighbour(second, "prev"))

    assert ids(back) == ids(first)
    assert 'rel="prev"' not in back.text
    assert ids(alice.get(neighbour(back, "next"))) == ids(second)


def test_the_list_is_filtered_by_who_is_here_gone_or_banned(alice: FlaskClient) -> None:
    assert sorted(ids(alice.get(f"{LISTING}?presence=gone"))) == [1, 2]
    assert ids(alice.get(f"{LISTING}?presence=banned")) == [2]
    assert len(ids(alice.get(f"{LISTING}?presence=nonsense"))) == 50


def test_people_are_found_by_present_and_earlier_names_and_by_id(alice: FlaskClient) -> None:
    assert ids(alice.get(f"{LISTING}?name=bea")) == ids(alice.get(f"{LISTING}?name=ANA")) == [0]
    assert ids(alice.get(f"{LISTING}?name={FIRST + 7}")) == [7]
    page = alice.get(f"{LISTING}?name=nobody-at-all")
    assert "Nobody fits" in seen(page)
    assert "presence=all" in page.text


def test_an_id_that_nobody_here_has_can_still_be_banned(alice: FlaskClient) -> None:
    page = alice.get(f"{LISTING}?name=799000000000000001")
    assert f"{LISTING}/799000000000000001/bans/new" in page.text
    assert alice.get(f"{LISTING}/799000000000000001/bans/new").status_code == 200


def test_strange_addresses_of_the_list_are_the_list(alice: FlaskClient) -> None:
    for query in (
        "after=x",
        f"after={'9' * 19}",
        "after=999999999999999999",
        "before=x",
        f"before={'9' * 19}",
        "name=%00",
        f"name={'x' * 500}",
        "order=up",
    ):
        assert alice.get(f"{LISTING}?{query}").status_code == 200, query


def test_a_record_shows_names_roles_and_what_may_be_done(alice: FlaskClient) -> None:
    page = alice.get(f"{LISTING}/{FIRST}")
    words = seen(page)
    for expected in ("Bea", "@user00", "Ana", "@Artist", str(FIRST), "No cases", "Time out", "Kick", "Ban"):
        assert expected in words
    assert 'data-color="#e91e63"' in page.text


def test_the_record_of_who_left_stays_with_the_roles_they_had(alice: FlaskClient) -> None:
    with tenant_scope(_tenant_id()):
        apply_event(BOT, "GUILD_MEMBER_REMOVE", gone(FIRST, "user00"))
    page = alice.get(f"{LISTING}/{FIRST}")
    assert "Roles when they left" in seen(page)
    assert "@Artist" in seen(page)
    assert f"{LISTING}/{FIRST}/kicks/new" not in page.text
    assert f"{LISTING}/{FIRST}/bans/new" in page.text


def test_who_is_banned_is_offered_the_way_back(alice: FlaskClient) -> None:
    page = alice.get(f"{LISTING}/{FIRST + 2}")
    assert f"{LISTING}/{FIRST + 2}/unbans/new" in page.text
    assert f"{LISTING}/{FIRST + 2}/bans/new" not in page.text


def test_an_unknown_person_and_another_communitys_are_the_same_missing_page(alice: FlaskClient, app: Flask) -> None:
    other = tenant_of_guild(SERVER_B)
    assert other is not None
    other_id = other.id
    db.session.rollback()
    with tenant_scope(other_id):
        copy_members(BOT, [member(FIRST + 500, "elsewhere")], complete=True)
    foreign = alice.get(f"{LISTING}/{FIRST + 500}")
    missing = alice.get(f"{LISTING}/{FIRST + 501}")
    assert foreign.status_code == missing.status_code == 404
    assert "elsewhere" not in alice.get(f"{LISTING}?presence=all&name=elsewhere").text.replace(
        'value="elsewhere"', ""
    ).replace("name=elsewhere", "")


def test_the_list_keeps_itself_up_to_date(alice: FlaskClient) -> None:
    page = alice.get(LISTING).text
    assert 'data-live="members"' in page
    assert "data-live-rows" in page
    assert 'id="member-list-pager" data-live-part' in page
