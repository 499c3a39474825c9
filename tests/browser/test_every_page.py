"""Each page in light and dark, on a desk and on a phone: accessible, no wider than its window, quiet on the console."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Village
from tests.browser.visitor import Visitor, violations
from tests.servers.sandbox import ALICE, SERVER_A

pytestmark = pytest.mark.browser

PAGES = {
    "overview": "",
    "messages": "/messages",
    "search": "/messages?q=snow",
    "nothing found": "/messages?q=nothingatallhasthisword",
    "opened evidence": "/viewings",
    "members": "/members",
    "cases": "/cases",
    "staff": "/settings/staff",
    "usage": "/usage",
    "set-up": "/set-up",
    "notifications": "/notifications",
    "privacy": "/settings/privacy",
    "notice": "/settings/privacy/notice",
    "privacy requests": "/privacy-requests",
    "erasure": "/privacy-requests/erasures/new?user_id=200000000000000003",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_a_community_is_in_order(visit: Callable[..., Visitor], village: Village, name: str) -> None:
    village.say(ALICE, "snow on **every** page, with `code`, a [link](https://example.org) and <@200000000000000003>")
    visitor = visit(ALICE)
    answer = visitor.page.goto(village.path(PAGES[name]))

    assert answer is not None and answer.status == 200


def test_a_person_and_a_case_are_in_order(visit: Callable[..., Visitor], village: Village) -> None:
    village.discord.act(ALICE, "kick", guild_id=SERVER_A, user_id=village.newcomer("passer_by"), reason="by mistake")
    page = visit(ALICE).page
    page.goto(village.path("/members"))
    page.locator("#member-list tbody th a").first.click()
    page.wait_for_url("**/members/*")
    found = violations(page)
    page.goto(village.path("/cases"))
    page.locator("#case-list tbody a").first.click()
    page.wait_for_url("**/cases/*")

    assert found + violations(page) == []


def test_a_message_and_its_channel_as_it_was_are_in_order(visit: Callable[..., Visitor], village: Village) -> None:
    village.say(ALICE, "snow that is looked at closely")
    page = visit(ALICE).page
    page.goto(village.path("/messages?q=closely"))
    page.goto(village.url + (page.locator(".ms-rows a[data-opens]").first.get_attribute("href") or ""))
    found = violations(page)
    page.get_by_role("link", name="As it was then").click()
    page.wait_for_url("**/channels/*/at/*")

    assert found + violations(page) == []


def test_ones_own_page_is_in_order(visit: Callable[..., Visitor], village: Village) -> None:
    village.say(ALICE, "snow")
    visitor = visit(ALICE)
    for path in ("/me", f"/me/{SERVER_A}/erasure"):
        answer = visitor.page.goto(village.url + path)
        assert answer is not None and answer.status == 200


@pytest.mark.parametrize("path", ["/", "/login", "/privacy/data-map"])
def test_public_pages_are_in_order(visit: Callable[..., Visitor], village: Village, path: str) -> None:
    visitor = visit()
    answer = visitor.page.goto(village.url + path)

    assert answer is not None and answer.status == 200


def test_a_page_that_is_not_there_is_in_order(visit: Callable[..., Visitor], village: Village) -> None:
    visitor = visit(ALICE)
    visitor.may_answer(404)
    answer = visitor.page.goto(village.path("/nothing-here"))

    assert answer is not None and answer.status == 404
