"""Fifty messages a second arrive; what one points at, types in or reads does not move and loses no letter."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Village
from tests.servers.sandbox import ALICE, VERA

pytestmark = pytest.mark.browser

PLACE = "element => { const box = element.getBoundingClientRect(); return [box.left, box.top]; }"
SECONDS = 4
PER_SECOND = 50


class Storm:
    """Messages at an even pace beside the test."""

    def __init__(self, village: Village) -> None:
        body = {
            "as": str(VERA),
            "channel_id": str(village.channel("general")),
            "count": SECONDS * PER_SECOND,
            "per_second": PER_SECOND,
            "content": "snow {n}",
        }
        self._thread = threading.Thread(target=lambda: village.discord.post("/sandbox/burst", **body))

    def __enter__(self) -> Storm:
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._thread.join(60)


def _newest_messages(page: Page, village: Village) -> None:
    for number in range(12):
        last = village.say(ALICE, f"something to read {number}")
    page.goto(village.path("/messages"))
    page.mouse.move(2, 2)
    expect(page.locator("[data-live-signal]")).to_have_attribute("data-state", "live")
    expect(page.locator(f"#message-{last}")).to_be_visible()


def test_a_hovered_and_a_focused_row_stay_where_they_are(alice: Page, village: Village) -> None:
    _newest_messages(alice, village)
    rows = alice.locator("#messages-live [data-live-rows] > li")
    focused = rows.nth(4).locator("a").first
    hovered = rows.nth(2)
    text = hovered.inner_text()
    focused.focus()
    hovered.hover()
    kept = hovered.element_handle(), focused.element_handle()
    before = [one.evaluate(PLACE) for one in kept]

    with Storm(village):
        expect(alice.locator(".sf-live__new")).to_be_visible()
        for _look in range(8):
            alice.wait_for_timeout(SECONDS * 125)
            assert [one.evaluate(PLACE) for one in kept] == before
    assert kept[0].inner_text() == text
    assert kept[1].evaluate("element => document.activeElement === element")

    alice.mouse.move(2, 2)
    alice.keyboard.press(".")
    expect(alice.locator("#messages-live")).to_contain_text(f"snow {SECONDS * PER_SECOND}")
    assert alice.locator("#messages-live [data-live-rows] > li").count() <= 200


def test_typing_in_an_open_dialog_loses_no_letter(alice: Page, village: Village) -> None:
    somebody = village.newcomer("patient_pim")
    alice.goto(village.path("/members?name=patient"))
    expect(alice.locator(f"#member-{somebody}")).to_be_visible()
    expect(alice.locator("[data-live-signal]")).to_have_attribute("data-state", "live")
    alice.get_by_label("Act on Patient Pim").click()
    alice.locator(f"#member-{somebody}").get_by_role("link", name="Kick").click()
    dialog = alice.get_by_role("dialog")
    reason = dialog.get_by_label("Reason")
    reason.click()
    before = dialog.evaluate(PLACE)
    letters = "every letter of this reason stays"

    with Storm(village):
        for letter in letters:
            alice.keyboard.type(letter, delay=60)
            village.discord.act(somebody, "nick", guild_id=300000000000000001, nick=f"Pim {letter}{len(letters)}"[:32])

    expect(reason).to_have_value(letters)
    expect(reason).to_be_focused()
    assert dialog.evaluate(PLACE) == before


def test_a_search_that_is_being_typed_keeps_its_letters_and_its_place(alice: Page, village: Village) -> None:
    _newest_messages(alice, village)
    box = alice.get_by_role("combobox", name="Search messages")
    box.click()
    before = box.evaluate(PLACE)

    with Storm(village):
        alice.keyboard.type("from:alice something", delay=80)
        assert box.evaluate(PLACE) == before

    expect(box).to_have_value("from:alice something")
    expect(box).to_be_focused()
