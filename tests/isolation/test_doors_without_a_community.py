"""Routes outside the communities: each opens for whom it should, and tells nobody of somebody else's."""

from __future__ import annotations

import pytest

from app.web.messages.images import signed_address
from tests.isolation.cast import INSIDERS, NOBODY, OUTSIDERS
from tests.isolation.conftest import REFERENCE, Walk, same_answer
from tests.isolation.unchanged import nothing_changes
from tests.isolation.world import CDN, UNKNOWN_GUILD
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN

EVERYBODY = (*INSIDERS, *OUTSIDERS, NOBODY)
UNKNOWN_LINK = "t" * 22


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/readyz", "/privacy/data-map"])
def test_public_pages_open_for_everybody_and_change_nothing(walk: Walk, path: str) -> None:
    for person in EVERYBODY:
        walk.as_(person)
    with nothing_changes(walk.app, path):
        for person in EVERYBODY:
            expected = 302 if path == "/login" and person != NOBODY else 200
            answer = walk.as_(person).get(path)
            assert answer.status_code == expected
            if person in (*OUTSIDERS, NOBODY):
                assert str(SERVER_A) not in answer.text and "Snowfall Village" not in answer.text


def test_a_list_of_communities_is_ones_own(walk: Walk) -> None:
    """T01"""
    assert str(SERVER_A) in walk.as_(ALICE).get("/servers").text

    charlies, strangers = walk.as_(CHARLIE).get("/servers").text, walk.as_(STAN).get("/servers").text

    assert str(SERVER_B) in charlies and str(SERVER_A) not in charlies
    assert str(SERVER_A) not in strangers and str(SERVER_B) not in strangers
    assert walk.as_(NOBODY).get("/servers").headers["Location"] == "/login?next=%2Fservers"


def test_signing_out_ends_ones_own_session_alone(walk: Walk) -> None:
    assert walk.as_(CHARLIE).post("/logout", data={"everywhere": "1", "user_id": str(ALICE)}).status_code == 303

    assert walk.as_(CHARLIE).get("/servers").status_code == 302
    assert walk.as_(ALICE).get("/servers").status_code == 200


def test_signing_out_without_a_session_changes_nothing(walk: Walk) -> None:
    with nothing_changes(walk.app, "nobody signing out"):
        assert walk.as_(NOBODY).post("/logout").status_code == 302


def test_an_unknown_link_opens_nothing_for_anybody(walk: Walk) -> None:
    for person in EVERYBODY:
        browser = walk.as_(person)
        with nothing_changes(walk.app, "an unknown link"):
            seen, taken = (
                browser.get(f"/invitations/{UNKNOWN_LINK}"),
                browser.post(f"/invitations/{UNKNOWN_LINK}/acceptance"),
            )
        expected = 302 if person == NOBODY else 404
        assert (seen.status_code, taken.status_code) == (expected, expected)


def test_a_link_alone_shows_its_offer_and_gives_nothing_before_it_is_taken(walk: Walk) -> None:
    link = f"/invitations/{walk.a.invitation_token}"
    browser = walk.as_(STAN)
    with nothing_changes(walk.app, "looking at an offer"):
        assert browser.get(link).status_code == 200
        assert browser.get(f"/servers/{SERVER_A}").status_code == 404
    with nothing_changes(walk.app, "taking it with a read"):
        assert browser.get(f"{link}/acceptance").status_code == 405

    assert browser.post(f"{link}/acceptance").status_code == 303
    assert browser.get(f"/servers/{SERVER_A}").status_code == 200
    assert browser.get(f"/servers/{SERVER_B}").status_code == 404


def test_the_bots_door_takes_no_cookie(walk: Walk) -> None:
    """T07: without a signature it is shut, whoever asks."""
    for person in EVERYBODY:
        browser = walk.as_(person)
        with nothing_changes(walk.app, "an unsigned report"):
            for body in ({}, {"kind": "left", "guilds": [{"id": str(SERVER_A)}]}):
                assert browser.post("/api/internal/bot-membership", json=body).status_code == 400
            assert browser.get("/api/internal/bot-membership").status_code == 405


def test_a_picture_signed_for_one_viewer_opens_for_nobody_else(walk: Walk) -> None:
    """T01, T20"""
    url = f"{CDN}/{walk.a.channel_id}/{walk.a.attachment_id}/picture.png?ex=1&is=1&hm=1"
    with walk.app.test_request_context():
        address = signed_address(url, ALICE)

    assert walk.as_(ALICE).get(address).status_code == 200
    for person in (BOB, *OUTSIDERS, NOBODY):
        browser = walk.as_(person)
        with nothing_changes(walk.app, "another's picture"):
            assert browser.get(address).status_code == 404


def test_a_sign_in_that_was_not_started_here_signs_nobody_in(walk: Walk) -> None:
    """T11"""
    with nothing_changes(walk.app, "a foreign callback"):
        answer = walk.as_(NOBODY).get("/api/auth/callback", query_string={"code": "x", "state": "y"})
        assert answer.status_code == 400
    assert walk.as_(NOBODY).get("/servers").status_code == 302


def test_leaving_for_discord_changes_nothing(walk: Walk) -> None:
    with nothing_changes(walk.app, "leaving for Discord"):
        answer = walk.as_(NOBODY).get("/api/auth/discord", query_string={"next": "//evil.example"})
    assert answer.status_code == 302


ABOUT_ONESELF = (
    ("GET", "/me/{guild}/erasure"),
    ("POST", "/me/{guild}/copies"),
    ("POST", "/me/{guild}/erasure-requests"),
    ("POST", "/me/{guild}/erasure-requests/withdrawal"),
    ("GET", "/me/{guild}/copies/{id}"),
    ("GET", "/me/{guild}/erasures/{id}/receipt"),
)


def test_ones_own_page_tells_of_oneself_alone(walk: Walk) -> None:
    """T01"""
    assert "Snowfall Village" in walk.as_(ALICE).get("/me").text
    for person in (CHARLIE, STAN):
        assert str(SERVER_A) not in walk.as_(person).get("/me").text
    assert walk.as_(NOBODY).get("/me").headers["Location"] == "/login?next=%2Fme"


@pytest.mark.parametrize(("method", "path"), ABOUT_ONESELF)
def test_what_a_community_keeps_of_others_is_as_if_it_did_not_exist(walk: Walk, method: str, path: str) -> None:
    """T01: nobody learns from their own page whether a community exists, or what it did about somebody else."""
    known = path.format(guild=SERVER_A, id=walk.a.privacy.erasure_id)
    unknown = path.format(guild=UNKNOWN_GUILD, id=walk.a.privacy.erasure_id)
    for person in (CHARLIE, STAN):
        browser = walk.as_(person)
        headers = {"X-Request-Id": REFERENCE}
        with nothing_changes(walk.app, known):
            answer = browser.open(known, method=method, headers=headers)
            same_answer(answer, browser.open(unknown, method=method, headers=headers))
        assert answer.status_code == 404
    with nothing_changes(walk.app, known):
        assert walk.as_(NOBODY).open(known, method=method).status_code == 302
    if "{id}" in path:
        assert walk.as_(ALICE).open(known, method=method).status_code == 404
