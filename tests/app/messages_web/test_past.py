"""A channel as it was: the page of a moment, its picker, and the steps from change to change."""

from __future__ import annotations

import re
from html import unescape

from tests.app.messages_web.conftest import GENERAL, STAFF_ROOM, Village, delete, edit, write
from tests.app.messages_web.test_context import around, further
from tests.app.messages_web.test_messages_page import link
from tests.servers.sandbox import BOB, SERVER_A, VERA

PLACE = f"/channels/{GENERAL}/at"


def at(seconds: int) -> str:
    return f"{PLACE}/2026-11-01T08:{seconds // 60:02}:{seconds % 60:02}Z"


def test_each_moment_shows_the_texts_of_then_and_what_became_of_them(village: Village) -> None:
    write(1, "meet at five")
    write(2, "bring the sled")
    edit(1, "meet at six", at=60)
    delete(2, at=90)
    first, edited, gone = (village.get(VERA, at(seconds)).text for seconds in (30, 60, 90))
    assert around(first) == [1, 2] and "meet at five" in first and "meet at six" not in first
    assert "Edited later" in first and "Deleted later" in first
    assert around(edited) == [1, 2] and "meet at six" in edited and "Edited later" not in edited
    assert around(gone) == [1] and "bring the sled" not in gone
    with_gone = village.browser(VERA).get(link(gone, "With deleted")).text
    assert around(with_gone) == [1, 2] and "bring the sled" in with_gone


def test_one_steps_from_change_to_change_in_both_directions(village: Village) -> None:
    write(1, "one")
    edit(1, "one more", at=60)
    delete(1, at=120)
    browser = village.browser(VERA)
    shown, page = [], village.get(VERA, at(1)).text
    while ">Next change<" in page:
        page = browser.get(link(page, "Next change")).text
        shown.append(around(page))
    assert shown == [[1], []]
    back = browser.get(link(page, "Change before")).text
    assert around(back) == [1] and "one more" in back


def test_the_picker_reads_the_readers_clock(village: Village) -> None:
    write(1, "hello")
    village.browser(VERA).set_cookie("zone", "Europe/Berlin")
    for when, place in (
        ("2026-11-01T09:00:30", "2026-11-01T08:00:30.000Z"),
        ("2026-11-01", "2026-11-01T22:59:59.999Z"),
    ):
        answer = village.get(VERA, PLACE, when=when)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/servers/{SERVER_A}{PLACE}/{place}")
    assert 'value="2026-11-01T09:00:30"' in village.get(VERA, at(30)).text


def test_a_long_past_is_read_on_with_and_without_a_script(village: Village) -> None:
    for number in range(1, 41):
        write(number, f"message {number}")
    page = village.get(VERA, at(40)).text
    assert around(page) == list(range(16, 41))
    address = further(page, "Earlier messages")
    assert around(village.browser(VERA).get(address).text) == list(range(1, 16))
    rows = village.browser(VERA).get(address, headers={"HX-Request": "true"}).text
    assert around(rows) == list(range(1, 16)) and "<html" not in rows


def test_a_hidden_and_a_missing_channel_and_what_is_no_moment_are_the_same_404(village: Village) -> None:
    """T41."""
    write(1, "plans", channel=STAFF_ROOM, author=BOB)
    moment = "2026-11-01T09:00:00Z"
    for path in (
        f"/channels/{STAFF_ROOM}/at/{moment}",
        f"/channels/400000000000000099/at/{moment}",
        f"/channels/{STAFF_ROOM}/at",
        f"{PLACE}/yesterday",
        f"{PLACE}/0001-01-01",
        f"{PLACE}/9999-12-31T23:59:59-23:59",
    ):
        assert village.get(VERA, path).status_code == 404, path
    assert village.get(BOB, f"/channels/{STAFF_ROOM}/at/{moment}").status_code == 200


def test_an_empty_moment_says_so(village: Village) -> None:
    write(30, "later")
    page = unescape(village.get(VERA, at(1)).text)
    assert "Nothing was there yet" in page and re.search(r">Next change<", page)


def test_the_last_day_that_there_is_leads_somewhere(village: Village) -> None:
    assert village.get(VERA, PLACE, when="9999-12-31").status_code == 303
