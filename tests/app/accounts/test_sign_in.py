"""Signing in with Discord, and out again."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.accounts.models import LoginSession, User
from app.extensions import db
from tests.app.browsing import Town
from tests.servers.sandbox import ALICE, BOB, SERVER_A

COOKIE = "__Host-session"


@pytest.fixture
def town(app: Flask) -> Town:
    return Town.of(app)


def _sessions() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(LoginSession)) or 0


def test_a_person_comes_back_from_discord_signed_in_where_they_wanted_to_go(town: Town) -> None:
    browser = town.browser()

    answer = town.sign_in(browser, ALICE, next="/servers?x=1")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/servers?x=1")
    assert browser.get("/servers").status_code == 200
    user = db.session.get(User, ALICE)
    assert (user.username, user.display_name) == ("alice", "Alice")


def test_the_cookie_is_for_this_host_alone_and_for_no_script(town: Town) -> None:
    browser = town.browser()

    answer = town.sign_in(browser, ALICE)

    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(COOKIE))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_discords_tokens_are_never_stored_as_they_are(town: Town, app: Flask) -> None:
    town.signed_in(ALICE)

    stored = db.session.connection().exec_driver_sql("SELECT access_token, refresh_token FROM users").one()

    for token in (*town.oauth.people, *town.oauth.refresh_tokens):
        assert all(token.encode() not in bytes(value) for value in stored)


@pytest.mark.parametrize("given", ["missing", "foreign", "of another browser"])
def test_a_callback_without_this_browsers_own_state_signs_nobody_in(town: Town, given: str) -> None:
    """T11"""
    browser = town.browser()
    town.leave_for_discord(browser)
    state = {"missing": None, "foreign": "abc", "of another browser": town.leave_for_discord(town.browser())}[given]
    query = {"code": town.oauth.approve(town.person(ALICE))} | ({"state": state} if state else {})

    answer = browser.get("/api/auth/callback", query_string=query)

    assert answer.status_code == 400
    assert browser.get_cookie(COOKIE) is None and _sessions() == 0


def test_a_state_opens_once(town: Town) -> None:
    """T11"""
    browser = town.browser()
    state = town.leave_for_discord(browser)
    first = {"code": town.oauth.approve(town.person(ALICE)), "state": state}
    assert browser.get("/api/auth/callback", query_string=first).status_code == 302

    again = {"code": town.oauth.approve(town.person(BOB)), "state": state}

    assert browser.get("/api/auth/callback", query_string=again).status_code == 400
    assert _sessions() == 1


def test_a_code_opens_once_also_with_everything_else_kept(town: Town) -> None:
    """T11: an attacker who copied cookie, state and code comes too late."""
    browser, thief = town.browser(), town.browser()
    state = town.leave_for_discord(browser)
    thief.set_cookie("__Host-oauth", browser.get_cookie("__Host-oauth").value)
    query = {"code": town.oauth.approve(town.person(ALICE)), "state": state}
    assert browser.get("/api/auth/callback", query_string=query).status_code == 302

    assert thief.get("/api/auth/callback", query_string=query).status_code == 400
    assert _sessions() == 1


def test_a_session_cookie_from_before_the_sign_in_is_worth_nothing_after_it(town: Town) -> None:
    """T11: whoever planted their own session does not share the victim's."""
    browser = town.browser()
    town.sign_in(browser, BOB)
    planted = browser.get_cookie(COOKIE).value

    town.sign_in(browser, ALICE)

    assert browser.get_cookie(COOKIE).value != planted
    other = town.browser()
    other.set_cookie(COOKIE, planted)
    assert other.get("/servers").status_code == 302


@pytest.mark.parametrize(
    "hostile",
    ["//evil.test", "/\\evil.test", "https:evil.test", "https://evil.test", "%2F%2Fevil.test", "/%2Fevil.test",
     "/%252Fevil.test", "\\/evil.test", "/\t/evil.test", "javascript:alert(1)", " //evil.test", "/\r\nLocation: x"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site_after_signing_in(town: Town, hostile: str) -> None:
    """T12"""
    answer = town.sign_in(town.browser(), ALICE, next=hostile)

    assert answer.headers["Location"] == "/"
    assert town.signed_in(ALICE).get("/login", query_string={"next": hostile}).headers["Location"] == "/"


def test_a_page_that_needs_signing_in_is_come_back_to(town: Town) -> None:
    answer = town.browser().get(f"/servers/{SERVER_A}?tab=2")

    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert target.path == "/login" and parse_qs(target.query) == {"next": [f"/servers/{SERVER_A}?tab=2"]}


def test_scripts_are_told_401_instead_of_being_led_away(town: Town) -> None:
    browser = town.browser()

    assert browser.get("/servers", headers={"HX-Request": "true"}).status_code == 401
    assert browser.get("/servers", headers={"Accept": "application/json"}).json["code"] == "sign_in_first"


def test_signing_out_ends_this_session_and_only_this(town: Town) -> None:
    here, elsewhere = town.browser(), town.browser()
    town.sign_in(here, ALICE)
    town.sign_in(elsewhere, ALICE)
    kept = here.get_cookie(COOKIE).value

    assert here.post("/logout").status_code == 303

    assert here.get_cookie(COOKIE) is None
    here.set_cookie(COOKIE, kept)
    assert here.get("/servers").status_code == 302
    assert elsewhere.get("/servers").status_code == 200


def test_signing_out_everywhere_ends_every_session_of_that_person(town: Town) -> None:
    here, elsewhere, somebody = town.browser(), town.browser(), town.browser()
    for browser, user in ((here, ALICE), (elsewhere, ALICE), (somebody, BOB)):
        town.sign_in(browser, user)

    here.post("/logout", data={"everywhere": "1"})

    assert elsewhere.get("/servers").status_code == 302
    assert somebody.get("/servers").status_code == 200


def test_discord_being_away_is_told_and_signs_nobody_in(town: Town) -> None:
    browser = town.browser()
    state = town.leave_for_discord(browser)
    query = {"code": town.oauth.approve(town.person(ALICE)), "state": state}
    town.oauth.away = True

    answer = browser.get("/api/auth/callback", query_string=query)

    assert answer.status_code == 503 and _sessions() == 0


def test_an_expired_token_is_renewed_and_a_permission_taken_back_is_told(town: Town) -> None:
    from datetime import timedelta

    from app.db.transaction import transaction
    from app.domain.clock import utcnow

    browser = town.signed_in(ALICE)
    with transaction():
        db.session.get(User, ALICE).token_expires_at = utcnow() - timedelta(hours=1)
    assert "Snowfall Village" in browser.get("/servers").text

    town.oauth.people.clear()
    town.oauth.refresh_tokens.clear()
    with transaction():
        db.session.get(User, ALICE).token_expires_at = utcnow() - timedelta(hours=1)
    from app.domain.accounts import guilds

    town.app.extensions.pop(guilds.MEMORY)

    assert "Sign in again" in browser.get("/servers").text
