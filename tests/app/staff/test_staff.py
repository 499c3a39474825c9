"""Staff: invitations, Discord roles that give a panel role, changes that are in force at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role, SystemActor
from app.domain.audit.models import AuditEntry
from app.domain.clock import frozen, utcnow
from app.domain.errors import Forbidden
from app.domain.members.models import GuildMember, GuildRole
from app.domain.members.service import apply_event
from app.domain.staff import service
from app.domain.staff.models import Invitation, Membership, RoleGrant
from app.domain.tenants.models import Tenant
from app.domain.tenants.queries import tenant_of_guild
from app.extensions import db
from tests.app.browsing import Town
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN, VERA

STAFF = f"/servers/{SERVER_A}/settings/staff"
OVERVIEW = f"/servers/{SERVER_A}"
MODS, BOT_ROLE = 601, 602


@pytest.fixture
def town(app: Flask) -> Town:
    """Alice has connected A, Charlie B."""
    town = Town.of(app)
    town.install(ALICE, SERVER_A)
    town.install(CHARLIE, SERVER_B)
    return town


def _tenant() -> Tenant:
    tenant = tenant_of_guild(SERVER_A)
    assert tenant is not None
    return tenant


def _link(browser: FlaskClient, role: str = "moderator", **fields: str) -> str:
    """The path of a fresh invitation, read off the staff page as a person would."""
    answer = browser.post(f"{STAFF}/invitations", data={"role": role, "days": "7", **fields})
    assert answer.status_code == 303, answer.text
    page = browser.get(answer.headers["Location"]).text
    found = re.search(r"/invitations/[A-Za-z0-9_-]+", page)
    assert found is not None
    return found.group()


def _accept(browser: FlaskClient, link: str) -> int:
    return browser.post(f"{link}/acceptance").status_code


def _employed(town: Town, user_id: int, role: str) -> FlaskClient:
    browser = town.signed_in(user_id)
    assert _accept(browser, _link(town.signed_in(ALICE), role)) == 303
    return browser


def _role_of(user_id: int) -> Role | None:
    db.session.rollback()
    membership = db.session.get(Membership, (_tenant().id, user_id), populate_existing=True)
    return Role(membership.role) if membership else None


def _discord_knows(user_id: int, *role_ids: int) -> None:
    """The bot's copy: two roles, and which of them this person has."""
    with tenant_scope(_tenant().id), transaction():
        for role_id, name, managed in (
            (MODS, "Mods", False),
            (BOT_ROLE, "Some Bot", True),
            (SERVER_A, "@everyone", False),
        ):
            if db.session.scalar(select(GuildRole).where(GuildRole.id == role_id)) is None:
                db.session.add(GuildRole(id=role_id, name=name, is_managed=managed))
        member = db.session.scalar(select(GuildMember).where(GuildMember.user_id == user_id))
        if member is None:
            member = GuildMember(user_id=user_id, username="someone")
            db.session.add(member)
        member.role_ids = [str(role_id) for role_id in role_ids]


def test_whoever_opens_an_invitation_works_here_with_its_role(town: Town) -> None:
    link = _link(town.signed_in(ALICE))
    bob = town.signed_in(BOB)
    assert bob.get(OVERVIEW).status_code == 404
    offer = bob.get(link)
    assert offer.status_code == 200 and "Moderator" in offer.text and "Snowfall Village" in offer.text

    answer = bob.post(f"{link}/acceptance")

    assert (answer.status_code, answer.headers["Location"]) == (303, OVERVIEW)
    assert "You work here as Moderator" in bob.get(OVERVIEW).text
    assert "Snowfall Village" in bob.get("/servers").text


def test_the_link_is_shown_once_and_its_token_is_stored_nowhere(town: Town) -> None:
    alice = town.signed_in(ALICE)
    link = _link(alice)

    assert link not in alice.get(STAFF).text
    stored = db.session.scalars(select(Invitation)).one()
    assert link.rpartition("/")[2] not in (stored.token_hash, str(stored.id))


@pytest.mark.parametrize("roles_are_mapped", [False, True])
def test_an_invitation_works_once(town: Town, roles_are_mapped: bool) -> None:
    """T39"""
    if roles_are_mapped:
        _discord_knows(VERA)
        town.signed_in(ALICE).post(f"{STAFF}/role-grants", data={"discord_role_id": str(MODS), "role": "moderator"})
    link = _link(town.signed_in(ALICE))
    assert _accept(town.signed_in(BOB), link) == 303

    assert _accept(town.signed_in(STAN), link) == 410
    assert town.signed_in(STAN).get(link).status_code == 410
    assert _role_of(STAN) is None


def test_an_invitation_runs_out(town: Town) -> None:
    """T39"""
    link = _link(town.signed_in(ALICE))
    bob = town.signed_in(BOB)

    with frozen(utcnow() + timedelta(days=7, seconds=1)):
        town.sign_in(bob, BOB)
        assert _accept(bob, link) == 410
    assert _role_of(BOB) is None


def test_a_guessed_link_does_not_exist(town: Town) -> None:
    """T39"""
    assert town.signed_in(STAN).get("/invitations/" + "x" * 22).status_code == 404
    assert _accept(town.signed_in(STAN), "/invitations/" + "x" * 22) == 404


def test_an_invitation_that_was_taken_back_is_useless(town: Town) -> None:
    alice = town.signed_in(ALICE)
    link = _link(alice)
    invitation = db.session.scalars(select(Invitation)).one()

    assert alice.post(f"{STAFF}/invitations/{invitation.id}/revocation").status_code == 303

    assert _accept(town.signed_in(BOB), link) == 410


def test_another_communitys_invitation_cannot_be_touched(town: Town) -> None:
    """T39"""
    _link(town.signed_in(ALICE))
    invitation = db.session.scalars(select(Invitation)).one()

    answer = town.signed_in(CHARLIE).post(f"/servers/{SERVER_B}/settings/staff/invitations/{invitation.id}/revocation")

    assert answer.status_code == 404
    db.session.rollback()
    assert db.session.get(Invitation, invitation.id).revoked_at is None


def test_an_invitation_is_worth_no_more_than_its_makers_right(town: Town) -> None:
    """An admin who was removed leaves no way back in behind."""
    admin = _employed(town, BOB, "admin")
    link = _link(admin)
    town.signed_in(ALICE).post(f"{STAFF}/members/{BOB}/removal")

    assert _accept(admin, link) == 410
    assert _accept(town.signed_in(STAN), link) == 410


def test_a_link_below_ones_own_role_lowers_nobody_and_stays_good(town: Town) -> None:
    admin = _employed(town, BOB, "admin")
    link = _link(town.signed_in(ALICE), "viewer")

    assert _accept(admin, link) == 409
    assert _role_of(BOB) is Role.ADMIN
    assert _accept(town.signed_in(STAN), link) == 303


def test_a_link_that_gives_nothing_more_leads_into_the_community_and_offers_no_acceptance(town: Town) -> None:
    alice = town.signed_in(ALICE)
    link = _link(alice, role="moderator")

    owner, stranger = alice.get(link).text, town.signed_in(STAN).get(link).text

    assert "You work here already, as Owner." in owner and f"{link}/acceptance" not in owner
    assert f'href="/servers/{SERVER_A}"' in owner
    assert "You work here already" not in stranger and f"{link}/acceptance" in stranger


@pytest.mark.parametrize("role", ["viewer", "moderator"])
def test_nobody_below_an_admin_manages_staff_or_raises_themselves(town: Town, role: str) -> None:
    """T39"""
    browser = _employed(town, BOB, role)

    for path, fields in (
        (f"members/{BOB}/role", {"role": "admin"}),
        ("invitations", {"role": "admin", "days": "7"}),
        ("role-grants", {"discord_role_id": str(MODS), "role": "admin"}),
        (f"members/{ALICE}/removal", {}),
    ):
        assert browser.post(f"{STAFF}/{path}", data=fields).status_code == 403, path
    assert browser.get(STAFF).status_code == 403
    assert _role_of(BOB) is Role.from_slug(role)


def test_an_admin_manages_moderators_and_viewers_and_only_the_owner_makes_admins(town: Town) -> None:
    admin = _employed(town, BOB, "admin")
    _employed(town, VERA, "viewer")
    assert admin.post(f"{STAFF}/members/{VERA}/role", data={"role": "moderator"}).status_code == 303
    assert _role_of(VERA) is Role.MODERATOR

    assert admin.post(f"{STAFF}/members/{VERA}/role", data={"role": "admin"}).status_code == 403
    assert admin.post(f"{STAFF}/invitations", data={"role": "admin", "days": "1"}).status_code == 403
    _discord_knows(STAN)
    assert admin.post(f"{STAFF}/role-grants", data={"discord_role_id": MODS, "role": "admin"}).status_code == 403
    assert town.signed_in(ALICE).post(f"{STAFF}/members/{VERA}/role", data={"role": "admin"}).status_code == 303
    assert admin.post(f"{STAFF}/members/{VERA}/removal").status_code == 403, "an admin does not remove another"


@pytest.mark.parametrize("act", ["role", "removal"])
def test_the_owner_cannot_be_lowered_or_removed(town: Town, act: str) -> None:
    admin = _employed(town, BOB, "admin")

    for browser in (admin, town.signed_in(ALICE)):
        assert browser.post(f"{STAFF}/members/{ALICE}/{act}", data={"role": "viewer"}).status_code == 403
    assert _role_of(ALICE) is Role.OWNER


@pytest.mark.parametrize("word", ["owner", "OWNER", "", "root", "40"])
def test_what_is_no_role_to_give_is_told_beside_the_field(town: Town, word: str) -> None:
    answer = town.signed_in(ALICE).post(f"{STAFF}/invitations", data={"role": word, "days": "12"})

    assert answer.status_code == 422 and "Choose one of these." in answer.text
    assert 'value="12"' in answer.text, "what was typed stays"
    assert db.session.scalars(select(Invitation)).all() == []


@pytest.mark.parametrize("days", ["0", "31", "", "-1", "a week", "9" * 30])
def test_a_link_lasts_one_to_thirty_days(town: Town, days: str) -> None:
    answer = town.signed_in(ALICE).post(f"{STAFF}/invitations", data={"role": "viewer", "days": days})

    assert answer.status_code == 422 and "Choose 1 to 30 days." in answer.text


def test_a_removed_person_is_out_with_their_next_click(town: Town) -> None:
    """T09"""
    bob = _employed(town, BOB, "moderator")
    assert bob.get(OVERVIEW).status_code == 200

    town.signed_in(ALICE).post(f"{STAFF}/members/{BOB}/removal")

    assert bob.get(OVERVIEW).status_code == 404
    assert bob.get(STAFF).status_code == 404


def test_a_lowered_person_may_do_less_with_their_next_click(town: Town) -> None:
    """T09"""
    bob = _employed(town, BOB, "admin")
    assert bob.get(STAFF).status_code == 200

    town.signed_in(ALICE).post(f"{STAFF}/members/{BOB}/role", data={"role": "viewer"})

    assert bob.get(STAFF).status_code == 403
    assert bob.get(OVERVIEW).status_code == 200


def test_whoever_has_a_mapped_discord_role_is_in_and_whoever_loses_it_is_out(town: Town) -> None:
    _discord_knows(VERA, MODS)
    vera = town.signed_in(VERA)
    assert vera.get(OVERVIEW).status_code == 404
    answer = town.signed_in(ALICE).post(
        f"{STAFF}/role-grants", data={"discord_role_id": str(MODS), "role": "moderator"}
    )
    assert answer.status_code == 303
    assert vera.get(OVERVIEW).status_code == 200
    assert "Snowfall Village" in vera.get("/servers").text

    _discord_knows(VERA)
    assert vera.get(OVERVIEW).status_code == 404


def test_somebody_who_left_the_server_loses_what_its_roles_gave(town: Town) -> None:
    """T09"""
    _discord_knows(VERA, MODS)
    town.signed_in(ALICE).post(f"{STAFF}/role-grants", data={"discord_role_id": str(MODS), "role": "moderator"})
    vera = town.signed_in(VERA)
    assert vera.get(OVERVIEW).status_code == 200

    with tenant_scope(_tenant().id), transaction():
        db.session.scalar(select(GuildMember).where(GuildMember.user_id == VERA)).left_at = utcnow()

    assert vera.get(OVERVIEW).status_code == 404


def test_t09_a_discord_role_that_was_deleted_gives_the_panel_to_nobody(town: Town) -> None:
    """Discord sends no update for each member who had it: our copy of them still names the role."""
    _discord_knows(VERA, MODS)
    town.signed_in(ALICE).post(f"{STAFF}/role-grants", data={"discord_role_id": str(MODS), "role": "moderator"})
    vera = town.signed_in(VERA)
    assert vera.get(OVERVIEW).status_code == 200

    with tenant_scope(_tenant().id):
        apply_event(SystemActor("gateway"), "GUILD_ROLE_DELETE", {"guild_id": str(SERVER_A), "role_id": str(MODS)})

    assert vera.get(OVERVIEW).status_code == 404
    assert "Snowfall Village" not in vera.get("/servers").text


@pytest.mark.parametrize("role_id", [SERVER_A, BOT_ROLE, 12345, "x", ""])
def test_neither_everyone_nor_a_bots_role_nor_an_unknown_one_gives_a_panel_role(town: Town, role_id: object) -> None:
    _discord_knows(VERA)

    answer = town.signed_in(ALICE).post(
        f"{STAFF}/role-grants", data={"discord_role_id": str(role_id), "role": "viewer"}
    )

    assert answer.status_code == 422 and "Choose one of the server" in answer.text
    assert db.session.scalars(select(RoleGrant)).all() == []


def test_a_mapping_is_changed_and_ended(town: Town) -> None:
    _discord_knows(VERA, MODS)
    alice, vera = town.signed_in(ALICE), town.signed_in(VERA)
    for role in ("viewer", "admin"):
        alice.post(f"{STAFF}/role-grants", data={"discord_role_id": str(MODS), "role": role})
    assert vera.get(STAFF).status_code == 200

    assert alice.post(f"{STAFF}/role-grants/{MODS}/removal").status_code == 303

    assert vera.get(OVERVIEW).status_code == 404
    assert alice.post(f"{STAFF}/role-grants/{MODS}/removal").status_code == 404


def test_an_admin_does_not_touch_a_mapping_that_makes_admins(town: Town) -> None:
    _discord_knows(VERA, MODS)
    town.signed_in(ALICE).post(f"{STAFF}/role-grants", data={"discord_role_id": str(MODS), "role": "admin"})
    admin = _employed(town, BOB, "admin")

    assert admin.post(f"{STAFF}/role-grants/{MODS}/removal").status_code == 403
    assert admin.post(f"{STAFF}/role-grants", data={"discord_role_id": str(MODS), "role": "viewer"}).status_code == 403


def test_each_change_is_in_the_activity_log(town: Town) -> None:
    _discord_knows(VERA, MODS)
    alice = town.signed_in(ALICE)
    _employed(town, BOB, "viewer")
    alice.post(f"{STAFF}/members/{BOB}/role", data={"role": "moderator", "may_publish": "1"})
    alice.post(f"{STAFF}/members/{BOB}/removal")
    alice.post(f"{STAFF}/role-grants", data={"discord_role_id": str(MODS), "role": "viewer"})

    with tenant_scope(_tenant().id):
        entries = {entry.kind: entry for entry in db.session.scalars(select(AuditEntry))}
    assert {"staff.invited", "staff.joined", "staff.changed", "staff.removed", "staff.role_mapped"} <= set(entries)
    changed = entries["staff.changed"]
    assert changed.actor_id == ALICE and changed.object_id == str(BOB)
    assert changed.before == {"role": "viewer", "may_publish": False}
    assert changed.after == {"role": "moderator", "may_publish": True}


def test_the_staff_of_another_community_is_nobodys_business(town: Town) -> None:
    charlie = town.signed_in(CHARLIE)

    assert charlie.get(STAFF).status_code == 404
    assert charlie.post(f"{STAFF}/members/{ALICE}/removal").status_code == 404
    assert charlie.post(f"/servers/{SERVER_B}/settings/staff/members/{ALICE}/removal").status_code == 404
    assert _role_of(ALICE) is Role.OWNER


def test_htmx_gets_the_form_back_with_its_error_and_otherwise_a_way_on(town: Town) -> None:
    alice = town.signed_in(ALICE)
    headers = {"HX-Request": "true"}

    wrong = alice.post(f"{STAFF}/invitations", data={"role": "moderator", "days": "99"}, headers=headers)
    right = alice.post(f"{STAFF}/invitations", data={"role": "moderator", "days": "9"}, headers=headers)

    assert wrong.status_code == 422 and wrong.text.lstrip().startswith("<form") and 'value="99"' in wrong.text
    assert (right.status_code, right.headers["HX-Redirect"]) == (200, STAFF)


def test_hostile_names_stay_text(town: Town) -> None:
    """T15"""
    from dataclasses import replace

    person = town.person(BOB)
    town.person = lambda user_id: replace(person, display_name='<img src=x onerror="alert(1)" hx-get=/x>')  # type: ignore[method-assign]
    _employed(town, BOB, "viewer")

    page = town.signed_in(ALICE).get(STAFF).text

    assert "<img src=x" not in page and "&lt;img src=x" in page


def _leaves(user_id: int) -> None:
    gone = {"guild_id": str(SERVER_A), "user": {"id": str(user_id), "username": "someone"}}
    with tenant_scope(_tenant().id):
        apply_event(SystemActor("gateway"), "GUILD_MEMBER_REMOVE", gone)


def _comes_back(user_id: int) -> None:
    user = {"id": str(user_id), "username": "someone"}
    joined = {"guild_id": str(SERVER_A), "user": user, "roles": [], "joined_at": "2035-01-01T00:00:00+00:00"}
    with tenant_scope(_tenant().id):
        apply_event(SystemActor("gateway"), "GUILD_MEMBER_ADD", joined)


def test_t09_whoever_left_the_server_is_out_with_their_own_role_too_until_they_are_back(town: Town) -> None:
    bob = _employed(town, BOB, "admin")
    _discord_knows(BOB)
    link = _link(bob)
    assert bob.get(OVERVIEW).status_code == 200

    _leaves(BOB)

    for page in (OVERVIEW, f"{OVERVIEW}/members", f"{OVERVIEW}/cases", f"{OVERVIEW}/messages", STAFF):
        assert bob.get(page).status_code == 404, page
    assert "Snowfall Village" not in bob.get("/servers").text
    assert _accept(town.signed_in(STAN), link) == 410, "their invitations are worth nothing either"
    assert "Left the server: no access" in town.signed_in(ALICE).get(STAFF).text
    _comes_back(BOB)
    assert bob.get(STAFF).status_code == 200
    assert "Left the server: no access" not in town.signed_in(ALICE).get(STAFF).text


def test_an_owner_who_left_the_server_keeps_the_panel(town: Town) -> None:
    alice = town.signed_in(ALICE)
    _discord_knows(ALICE)

    _leaves(ALICE)

    assert alice.get(STAFF).status_code == 200
    assert "Snowfall Village" in alice.get("/servers").text


def test_somebody_who_left_the_server_comes_back_before_they_take_a_role(town: Town) -> None:
    link = _link(town.signed_in(ALICE))
    vera = town.signed_in(VERA)
    _discord_knows(VERA)
    _leaves(VERA)

    assert _accept(vera, link) == 409
    _comes_back(VERA)
    assert _accept(vera, link) == 303


ACTS_OF_AN_ADMIN: dict[str, Callable[[Actor, int], object]] = {
    "invite": lambda bob, _one: service.invite(bob, service.InviteStaff("moderator", 7)),
    "take an invitation back": lambda bob, one: service.revoke_invitation(bob, one),
    "raise somebody": lambda bob, _one: service.change_member(bob, service.ChangeStaff(VERA, "moderator")),
    "remove somebody": lambda bob, _one: service.remove_member(bob, VERA),
    "map a role": lambda bob, _one: service.map_role(bob, service.MapRole(MODS + 2, "moderator")),
    "end a mapping": lambda bob, _one: service.unmap_role(bob, MODS),
}


@pytest.mark.parametrize("act", ACTS_OF_AN_ADMIN)
def test_t09_an_admin_who_is_lowered_in_the_same_moment_changes_nothing_any_more(
    town: Town, app: Flask, act: str
) -> None:
    _employed(town, BOB, "admin")
    _employed(town, VERA, "viewer")
    _discord_knows(STAN, MODS)
    tenant_id = _tenant().id
    alice, bob = (Actor(who, tenant_id, SERVER_A, role) for who, role in ((ALICE, Role.OWNER), (BOB, Role.ADMIN)))
    with tenant_scope(tenant_id):
        with transaction():
            db.session.add(GuildRole(id=MODS + 2, name="Helpers", is_managed=False))
        service.map_role(alice, service.MapRole(MODS, "viewer"))
        invitation_id = service.invite(alice, service.InviteStaff("viewer", 7)).invitation.id
    before = _staff_rows()
    outcomes: list[str] = []

    def acts() -> None:
        with app.app_context(), tenant_scope(tenant_id):
            try:
                ACTS_OF_AN_ADMIN[act](bob, invitation_id)
                outcomes.append("done")
            except Forbidden as error:
                outcomes.append(error.code)

    at_the_same_time = threading.Thread(target=acts)
    with tenant_scope(tenant_id), transaction():
        service.change_member(alice, service.ChangeStaff(BOB, "viewer"))
        at_the_same_time.start()
        at_the_same_time.join(0.4)  # time to do what it may not do; it waits for us where it is right
    at_the_same_time.join(20)

    assert outcomes == ["panel_role:manage_staff"]
    assert _staff_rows() == [row if row[:2] != ("member", BOB) else ("member", BOB, Role.VIEWER) for row in before]


def _staff_rows() -> list[tuple[object, ...]]:
    db.session.rollback()
    members = db.session.execute(select(Membership.user_id, Membership.role).order_by(Membership.user_id))
    grants = db.session.execute(select(RoleGrant.discord_role_id, RoleGrant.role).order_by(RoleGrant.discord_role_id))
    links = db.session.execute(select(Invitation.id, Invitation.revoked_at).order_by(Invitation.id))
    return [
        *(("member", *row) for row in members),
        *(("grant", *row) for row in grants),
        *(("invitation", *row) for row in links),
    ]
