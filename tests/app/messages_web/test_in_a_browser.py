"""The search box and the message beside the list, by keyboard and pointer, wide and narrow, and without a script."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from waitress.server import create_server

from app.clients.safe_http.port import Fetched
from tests.app.messages_web.conftest import Village, delete, edit, message_id, write
from tests.app.messages_web.test_pictures import attachment, png
from tests.servers.sandbox import BOB, SERVER_A, STAN, VERA

# What a browser does does not depend on the database.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("backend", ["sqlite"], indirect=True),
]

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(village: Village) -> Iterator[str]:
    """The website, served for real."""
    server = create_server(village.town.app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def opens(village: Village, chromium: Browser, address: str) -> Iterator[Opens]:
    """Opens somebody's browser, Vera's by default, at a path under server A's messages."""
    contexts = []

    def open_page(path: str = "", size: dict[str, int] = WIDE, *, who: int = VERA, **options: Any) -> Page:
        cookie = village.browser(who).get_cookie("__Host-session")
        assert cookie is not None
        context = chromium.new_context(viewport=size, locale="en-GB", timezone_id="Europe/Berlin", **options)
        contexts.append(context)
        # The browser keeps a `__Host-` cookie of loopback; to hand it one over, it must be told https.
        kept = {
            "name": cookie.key,
            "value": cookie.value,
            "url": f"https://{address}",
            "secure": True,
            "httpOnly": True,
        }
        context.add_cookies([{**kept, "sameSite": "Lax"}])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(f"http://{address}/servers/{SERVER_A}/messages{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def offered(page: Page) -> Locator:
    """What the search box suggests."""
    return page.locator("#search-suggestions").get_by_role("option")


def test_the_search_box_is_worked_by_keyboard_alone(village: Village, opens: Opens) -> None:
    write(1, "sled of Vera")
    page = opens()
    page.keyboard.press("/")
    page.keyboard.type("sled fr")
    box, options = page.get_by_role("combobox", name="Search messages"), offered(page)
    expect(options.first).to_have_text("from:written by this person; me is you")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-1")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_value("sled from:")
    expect(options.first).to_contain_text("from:me")
    page.keyboard.type("ve")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(box).to_have_value("sled from:vera ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/messages?q=sled+from%3Avera+")
    expect(page.locator(".ms-rows mark")).to_have_text("sled")


def test_escape_closes_the_suggestions_and_leaves_what_was_typed(village: Village, opens: Opens) -> None:
    page = opens()
    box = page.get_by_role("combobox", name="Search messages")
    box.press_sequentially("is:")
    expect(offered(page).filter(has_text="is:edited")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(offered(page)).to_have_count(0)
    expect(box).to_have_value("is:")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    offered(page).filter(has_text="is:edited").click()
    expect(box).to_have_value("is:edited ")
    expect(box).to_be_focused()


def test_where_there_is_room_a_message_opens_beside_the_list(village: Village, opens: Opens) -> None:
    for number in range(1, 41):
        write(number, f"message {number}")
    page = opens("?before=" + str(message_id(31)))
    panel = page.locator("#message-panel")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(panel.locator(".ms-marked")).to_contain_text("message 30")
    expect(panel.locator(".ms-marked")).to_be_in_viewport()
    expect(page.locator(".ms-opened")).to_have_id(f"message-{message_id(30)}")
    assert f"open={message_id(30)}" in page.url
    panel.get_by_role("link", name="Earlier messages").click()
    expect(panel.locator(".ms-around > li[id]").filter(has_text="message 12")).to_have_count(1)
    page.reload()
    expect(panel.locator(".ms-marked")).to_contain_text("message 30")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert "open=" not in page.url


def test_on_a_phone_it_is_a_page_with_the_message_in_view(village: Village, opens: Opens) -> None:
    for number in range(1, 21):
        write(number, f"message {number}")
    edit(10, "message ten", at=60)
    page = opens("?q=ten", PHONE, is_mobile=True, has_touch=True)
    page.locator(".ms-rows a[data-opens]").click()
    page.wait_for_url(f"**/messages/{message_id(10)}#*")
    expect(page.locator(".ms-marked")).to_be_in_viewport()
    expect(page.locator("#context-versions del")).to_contain_text("10")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_without_a_script_searching_and_reading_on_work_all_the_same(village: Village, opens: Opens) -> None:
    for number in range(1, 41):
        write(number, f"message {number}")
    page = opens(java_script_enabled=False)
    page.get_by_role("combobox", name="Search messages").fill("message 20")
    page.get_by_role("button", name="Search").click()
    page.locator(".ms-rows a[data-opens]").first.click()
    page.get_by_role("link", name="Earlier messages").click()
    page.get_by_role("link", name="Back to the message").click()
    expect(page.locator(".ms-marked")).to_contain_text("message 20")


def test_a_picture_that_discord_no_longer_gives_out_is_named_calmly(village: Village, opens: Opens) -> None:
    kept, gone = "https://cdn.discordapp.com/kept.png", "https://cdn.discordapp.com/gone.png"
    village.safe_http.pages[kept] = Fetched(kept, "image/png", png())
    write(1, "two pictures", attachments=[attachment(71, kept), attachment(72, gone)])
    page = opens()
    expect(page.locator(".dc-picture[data-gone]")).to_have_text("cat.png: Discord no longer gives this picture out")
    expect(page.locator(".dc-picture:not([data-gone]) img")).to_be_visible()
    assert page.locator(".dc-picture[data-gone]").get_attribute("href") is None


def test_a_picture_has_its_room_before_it_is_there(village: Village, opens: Opens) -> None:
    write(1, attachments=[{**attachment(71), "width": 600, "height": 1200}])
    write(2, attachments=[{**attachment(72), "width": 1600, "height": 400}])
    page = opens("?before=1")
    page.route("**/attachments/*", lambda _route: None)  # never answers

    page.goto(page.url.partition("?")[0])

    sizes = [picture.bounding_box() for picture in page.locator(".dc-picture img").all()]
    assert [(size["width"], size["height"]) for size in sizes if size] == [(400, 100), (128, 256)]


def test_what_arrives_leaves_the_open_message_where_it_is(village: Village, opens: Opens) -> None:
    for number in range(1, 21):
        write(number, f"message {number}")
    page = opens()
    page.locator(f"#message-{message_id(18)} a[data-opens]").click()
    marked = page.locator("#message-panel .ms-marked")
    expect(marked).to_contain_text("message 18")
    before = marked.bounding_box()
    write(21, "arrived meanwhile")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(".sf-live__new, #message-" + str(message_id(21))).first).to_be_visible()
    assert marked.bounding_box() == before


def test_an_open_message_that_is_edited_or_deleted_shows_it_in_its_place(village: Village, opens: Opens) -> None:
    for number in range(1, 21):
        write(number, f"message {number}")
    page = opens(f"?open={message_id(10)}")
    panel = page.locator("#message-panel")
    panel.get_by_role("link", name="Later messages").click()
    expect(panel.locator(".ms-around > li[id]")).to_have_count(17)
    marked = panel.locator(".ms-marked")
    page.mouse.move(0, 0)  # nothing under the pointer may move
    before = marked.bounding_box()

    edit(10, "thought better of it", at=60)
    delete(12, at=61)
    page.evaluate("dispatchEvent(new Event('focus'))")

    expect(marked).to_contain_text("thought better of it")
    expect(marked).to_contain_text("As first written")
    expect(panel.locator(f"#context-{message_id(12)}")).to_contain_text("Deleted")
    expect(panel.locator("#context-known")).to_contain_text("Edited")
    expect(panel.locator(".ms-around > li[id]")).to_have_count(17)
    after = marked.bounding_box()
    assert before is not None and after is not None and after["y"] == before["y"]


def test_walking_the_list_walks_the_open_message_and_back_closes_it(village: Village, opens: Opens) -> None:
    for number in range(1, 21):
        write(number, f"message {number}")
    page = opens("?q=message")
    marked = page.locator("#message-panel .ms-marked")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(marked).to_contain_text("message 20")
    page.keyboard.press("j")
    expect(marked).to_contain_text("message 19")
    expect(page.locator(f"#message-{message_id(19)} a[data-opens]")).to_be_focused()
    page.keyboard.press("o")
    expect(marked).to_have_count(0)
    page.keyboard.press("o")
    expect(marked).to_contain_text("message 19")
    page.go_back()
    expect(marked).to_have_count(0)
    expect(page.get_by_role("combobox")).to_have_value("message")
    page.go_forward()
    expect(marked).to_contain_text("message 19")


def test_on_a_phone_back_finds_the_row_again(village: Village, opens: Opens) -> None:
    for number in range(1, 26):
        write(number, f"message {number}\nwith a second line")
    page = opens("?q=message", PHONE)
    link = page.locator(f"#message-{message_id(8)} a[data-opens]")
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    link.click()
    expect(page.locator(".ms-marked")).to_contain_text("message 8")
    page.go_back()
    expect(link).to_be_focused()
    assert before > 0 and page.evaluate("scrollY") == before


def test_scrolling_to_an_edge_reads_on_and_moves_nothing_that_is_read(village: Village, opens: Opens) -> None:
    for number in range(1, 61):
        write(number, f"message {number}")
    page = opens(f"/{message_id(30)}", {"width": 1440, "height": 500})
    rows = page.locator(".ms-around > li[id]")
    expect(rows).to_have_count(13)
    page.mouse.move(500, 300)
    page.mouse.wheel(0, -2_000)
    page.mouse.wheel(0, 20)
    page.mouse.wheel(0, -40)
    expect(page.locator(f"#context-{message_id(12)}")).to_be_attached()
    expect(page.locator(".ms-day:visible")).to_have_count(1)


def test_a_picture_is_shown_whole_and_its_neighbours_by_the_arrows(village: Village, opens: Opens) -> None:
    files = [(71, "a.png"), (72, "b.png")]
    addresses = [f"https://cdn.discordapp.com/{name}" for _id, name in files]
    village.safe_http.pages |= {address: Fetched(address, "image/png", png()) for address in addresses}
    write(
        1,
        attachments=[
            {**attachment(one, f"https://cdn.discordapp.com/{name}"), "filename": name} for one, name in files
        ],
    )
    page = opens()
    page.locator("a.dc-picture").first.click()
    box = page.locator("#sf-lightbox")
    expect(box).to_be_visible()
    expect(box.locator("[data-name]")).to_contain_text("1 / 2 · a.png")
    page.keyboard.press("ArrowRight")
    expect(box.locator("[data-name]")).to_contain_text("2 / 2 · b.png")
    page.keyboard.press("Escape")
    expect(box).not_to_be_visible()


def test_the_acts_on_an_author_are_one_key_from_the_open_message(village: Village, opens: Opens) -> None:
    write(1, "buy my sleds", author=STAN)
    page = opens(f"?open={message_id(1)}", who=BOB)
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Time out Stan?")
    expect(dialog.get_by_label("Reason")).to_have_value(re.compile(rf"/messages/{message_id(1)}"))
