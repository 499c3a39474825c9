from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.app.shell.conftest import Site

pytestmark = pytest.mark.browser

POSITION = "element => { const box = element.getBoundingClientRect(); return [box.left, box.top]; }"


@pytest.fixture
def tell(page: Page, site: Site) -> Callable[[], None]:
    """Opens the list over a socket and returns what sends it all events that it has not been told."""
    site.ticket = {"url": f"{site.url.replace('http', 'ws')}/ws", "ticket": "t-1", "expires_at": "2026-01-01T00:00:00Z"}
    sockets: list[WebSocketRoute] = []
    sent = 0

    def opened(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.send('{"type": "hello", "cursor": "e.0"}')

    page.route_web_socket("**/ws*", opened)
    page.goto(f"{site.url}/list")
    expect(page.locator("[data-live-signal]")).to_have_attribute("data-state", "live")

    def tell_now() -> None:
        nonlocal sent
        for event in site.events[sent:]:
            sockets[-1].send(
                f'{{"type": "event", "id": "e.{event["id"]}", "topic": "{event["topic"]}", "ref": "{event["ref"]}"}}'
            )
        sent = len(site.events)

    return tell_now


def rows(page: Page) -> list[str]:
    return page.locator("#list [data-live-rows] > li").evaluate_all("rows => rows.map(row => row.id)")


def test_a_new_row_slides_in_where_nobody_is_looking_closely(page: Page, site: Site, tell: Callable[[], None]) -> None:
    site.arrive("hello there")
    tell()

    expect(page.locator("#list [data-live-rows] > li").first).to_contain_text("hello there")
    expect(page.locator("#list-count")).to_have_text("12 rows")


def test_nothing_moves_under_the_pointer_and_new_rows_are_collected(
    page: Page, site: Site, tell: Callable[[], None]
) -> None:
    hovered = page.locator("#row-8 a").first
    hovered.hover()
    before = hovered.evaluate(POSITION)

    for number in range(3):
        site.arrive(f"new {number}")
        tell()

    expect(page.locator(".sf-live__new")).to_contain_text("3 new")
    assert hovered.evaluate(POSITION) == before
    assert "row-13" not in rows(page)

    page.keyboard.press(".")
    expect(page.locator("#row-15")).to_be_visible()
    expect(page.locator(".sf-live__new")).to_have_count(0)


def test_collected_rows_come_in_once_the_pointer_has_left(page: Page, site: Site, tell: Callable[[], None]) -> None:
    page.locator("#row-8 a").first.hover()
    site.arrive("patient")
    tell()
    expect(page.locator(".sf-live__new")).to_be_visible()

    page.mouse.move(5, 5)

    expect(page.locator("#row-13")).to_be_visible()
    expect(page.locator(".sf-live__new")).to_have_count(0)


def test_typing_in_a_row_loses_no_letter_and_the_row_stays(page: Page, site: Site, tell: Callable[[], None]) -> None:
    note = page.get_by_label("Note 6", exact=True)
    note.click()
    page.mouse.move(5, 5)
    before = note.evaluate(POSITION)
    for letter in "keep every letter":
        page.keyboard.type(letter)
        site.arrive(letter)
        site.rows[-3].text += "!"
        tell()

    expect(page.locator(".sf-live__new")).to_be_visible()
    expect(note).to_have_value("keep every letter")
    expect(note).to_be_focused()
    assert note.evaluate(POSITION) == before


def test_a_known_row_changes_in_its_place(page: Page, site: Site, tell: Callable[[], None]) -> None:
    page.locator("#row-8 a").first.hover()
    before = rows(page)

    site.rows[7].text = "edited since"
    site.say("messages", "message:5")
    tell()

    expect(page.locator("#row-5 a").first).to_have_text("edited since")
    assert rows(page) == before


def test_a_change_that_would_push_the_pointed_row_away_waits(page: Page, site: Site, tell: Callable[[], None]) -> None:
    hovered = page.locator("#row-8 a").first
    hovered.hover()
    before = hovered.evaluate(POSITION)

    site.rows[1].text = "long " * 200
    site.rows[9].text = "short and below"
    site.say("messages", "message:11")
    tell()

    expect(page.locator("#row-3 a").first).to_have_text("short and below")
    assert hovered.evaluate(POSITION) == before
    expect(page.locator("#row-11 a").first).to_have_text("message 11")

    page.mouse.move(5, 5)
    expect(page.locator("#row-11 a").first).to_contain_text("long long")


def test_an_open_menu_stays_open_where_it_is(page: Page, site: Site, tell: Callable[[], None]) -> None:
    menu = page.locator("#row-9 details")
    menu.locator("summary").click()
    page.mouse.move(5, 5)
    before = menu.evaluate(POSITION)

    site.arrive("while the menu is open")
    site.rows[4].text = "the row of the menu, edited"
    tell()

    expect(page.locator(".sf-live__new")).to_be_visible()
    assert menu.evaluate(POSITION) == before
    assert menu.evaluate("element => element.open")


def test_a_selection_survives(page: Page, site: Site, tell: Callable[[], None]) -> None:
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#row-7 a'))")

    site.arrive("more")
    site.rows[6].text = "changed while selected"
    tell()

    expect(page.locator(".sf-live__new")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == "message 7"


def test_what_stands_below_the_list_is_not_pushed_while_it_is_pointed_at(
    page: Page, site: Site, tell: Callable[[], None]
) -> None:
    site.rows = site.rows[:5]
    page.reload()
    expect(page.locator("[data-live-signal]")).to_have_attribute("data-state", "live")
    below = page.locator("#below")
    below.hover()
    before = below.evaluate(POSITION)

    site.arrive("would push")
    tell()

    expect(page.locator(".sf-live__new")).to_contain_text("1 new")
    assert below.evaluate(POSITION) == before


def test_a_row_that_is_gone_leaves_when_nobody_holds_the_list(page: Page, site: Site, tell: Callable[[], None]) -> None:
    page.locator("#row-8 a").first.hover()
    del site.rows[2]
    site.say("messages", "message:10")
    tell()
    expect(page.locator("#row-10")).to_have_attribute("data-gone", "")

    page.mouse.move(5, 5)

    expect(page.locator("#row-10")).to_have_count(0)


def test_a_storm_of_events_asks_the_server_a_few_times_only(page: Page, site: Site, tell: Callable[[], None]) -> None:
    asked = site.asked
    for number in range(150):
        site.arrive(f"storm {number}")
        tell()
    expect(page.locator("#row-162")).to_be_visible()

    assert site.asked - asked < 20
    assert len(rows(page)) <= 200


def test_a_part_without_rows_is_refreshed_whole_but_not_while_somebody_types_in_it(
    page: Page, site: Site, tell: Callable[[], None]
) -> None:
    page.get_by_label("Reason", exact=True).fill("spam")
    site.member = "Mika, timed out"
    site.say("members", "member:1")
    site.say("messages", "message:1")
    tell()
    expect(page.locator("#list-count")).to_have_text("12 rows")
    expect(page.locator("#member p")).to_have_text("Mika, here")
    expect(page.get_by_label("Reason", exact=True)).to_have_value("spam")

    page.get_by_label("Reason", exact=True).fill("")
    page.get_by_label("Reason", exact=True).blur()

    expect(page.locator("#member p")).to_have_text("Mika, timed out")


def test_without_a_socket_the_page_polls_with_the_same_events(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/list")
    expect(page.locator("[data-live-signal]")).to_have_attribute("data-state", "polling")

    site.arrive("over polling")

    expect(page.locator("#row-13")).to_be_visible()


def test_a_lost_socket_falls_back_to_polling_and_comes_again(page: Page, site: Site) -> None:
    site.ticket = {"url": f"{site.url.replace('http', 'ws')}/ws", "ticket": "t-1", "expires_at": ""}
    sockets: list[WebSocketRoute] = []

    def opened(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.send('{"type": "hello", "cursor": "e.0"}')

    page.route_web_socket("**/ws*", opened)
    page.goto(f"{site.url}/list")
    signal = page.locator("[data-live-signal]")
    expect(signal).to_have_attribute("data-state", "live")

    site.arrive("missed by the socket")
    sockets[-1].close()

    expect(page.locator("#row-13")).to_be_visible()
    for _again in range(200):
        if len(sockets) > 1:
            break
        page.wait_for_timeout(50)
    expect(signal).to_have_attribute("data-state", "live")
    assert "after=e." in sockets[-1].url


def test_a_resync_shows_what_the_log_has_lost(page: Page, site: Site) -> None:
    site.ticket = {"url": f"{site.url.replace('http', 'ws')}/ws", "ticket": "t-1", "expires_at": ""}
    sockets: list[WebSocketRoute] = []
    page.route_web_socket(
        "**/ws*", lambda socket: (sockets.append(socket), socket.send('{"type": "hello", "cursor": "e.0"}'))
    )
    page.goto(f"{site.url}/list")
    expect(page.locator("[data-live-signal]")).to_have_attribute("data-state", "live")

    site.rows.insert(0, type(site.rows[0])(99, "nobody told"))
    sockets[-1].send('{"type": "resync", "cursor": "f.0"}')

    expect(page.locator("#row-99")).to_be_visible()
