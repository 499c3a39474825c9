"""The sandbox's page: acting by hand, in a real browser, wide and on a phone."""

from __future__ import annotations

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import shared_chromium
from tests.servers.sandbox import SERVER_A, Sandbox

CONSENT = (
    "/oauth2/authorize?client_id=100000000000000001&response_type=code&redirect_uri=http://127.0.0.1:8123/cb&scope="
)
INSTALL = CONSENT + "identify+bot&permissions=1030&as=200000000000000001"
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 860}


@pytest.fixture(scope="module")
def browser() -> Browser:
    """A headless Chromium."""
    return shared_chromium()


def open_page(browser: Browser, address: str, **context: object) -> tuple[Page, list[str]]:
    """A page, and what its console complains about."""
    page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    return page, complaints


def test_the_page_has_a_strict_policy_and_lists_the_cast_first(discord: Sandbox) -> None:
    answer = requests.get(f"{discord.url}/sandbox", timeout=10)
    people = discord.get("/sandbox/people")

    assert answer.url == f"{discord.url}/sandbox/"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert [one["name"] for one in people[:5]] == ["Alice", "Bob", "Vera", "Charlie", "Stan"]
    assert requests.get(f"{discord.url}/sandbox/static/control.js", timeout=10).status_code == 200
    assert discord.get(f"/sandbox/commands/{SERVER_A}") == []


@pytest.mark.browser
def test_a_person_writes_edits_and_bans_by_hand(discord: Sandbox, browser: Browser) -> None:
    discord.act(910000000000000001, "member.join", guild_id=SERVER_A, username="snowball")
    page, complaints = open_page(browser, f"{discord.url}/sandbox/", viewport=WIDE)
    page.select_option("#person", label="Bob @bob_the_warden")
    page.select_option("#channel", label="#general")
    page.fill("#write textarea", "written by hand")
    page.keyboard.press("Enter")
    mine = page.locator("#messages li", has_text="written by hand")
    mine.get_by_role("button", name="Edit").click()
    page.fill("#write textarea", "edited by hand")
    page.keyboard.press("Enter")
    expect(page.locator("#messages li", has_text="edited by hand")).to_contain_text("edited")
    page.fill("#find", "snowball")
    page.fill("#reason", "spam")
    page.get_by_role("button", name="Ban", exact=True).click()

    expect(page.locator("#bans")).to_contain_text("snowball · spam")
    assert [ban["reason"] for ban in discord.get(f"/sandbox/state/{SERVER_A}")["bans"] if "snowball" in str(ban)] == [
        "spam"
    ]
    page.locator("#bans li", has_text="snowball").get_by_role("button", name="Unban").click()
    expect(page.locator("#bans")).not_to_contain_text("snowball")
    assert complaints == []


@pytest.mark.browser
def test_what_discord_refuses_is_said_in_its_words(discord: Sandbox, browser: Browser) -> None:
    page, _ = open_page(browser, f"{discord.url}/sandbox/", viewport=WIDE)
    page.select_option("#person", label="Vera @vera.lumi")
    page.fill("#find", "alice")
    page.get_by_role("button", name="Ban", exact=True).click()

    expect(page.locator("#said")).to_contain_text("Missing Permissions (50013)")


@pytest.mark.browser
def test_the_machine_can_be_made_to_fail_and_to_behave_again(discord: Sandbox, browser: Browser) -> None:
    page, complaints = open_page(browser, f"{discord.url}/sandbox/", viewport=WIDE)
    page.locator("[data-show=machine]").click()
    page.get_by_role("button", name="Order").click()
    expect(page.locator("#faults")).to_contain_text("POST /channels/*/messages → 500")
    page.get_by_role("button", name="Refuse", exact=True).click()
    expect(page.locator("#sessions")).to_contain_text("4000 × 1")
    page.get_by_role("button", name="Behave again").click()

    expect(page.locator("#faults li")).to_have_count(0)
    expect(page.locator("#sessions")).not_to_contain_text("4000 × 1")
    assert complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/sandbox/", CONSENT + "identify", INSTALL])
def test_the_pages_fit_a_phone_and_are_accessible(discord: Sandbox, browser: Browser, path: str, scheme: str) -> None:
    page, complaints = open_page(browser, discord.url + path, viewport=PHONE, color_scheme=scheme)
    if path == "/sandbox/":
        expect(page.locator("#messages li").first).to_be_visible()
    tabs = page.locator("[data-show]").all()
    for tab in tabs or [None]:
        if tab is not None:
            tab.click()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert complaints == []


@pytest.mark.browser
def test_consent_works_without_javascript(discord: Sandbox, browser: Browser) -> None:
    home = f"{discord.url}/sandbox/"
    consent = CONSENT.replace("http://127.0.0.1:8123/cb", home)
    page, _ = open_page(browser, f"{discord.url}{consent}identify&state=s", java_script_enabled=False)
    page.get_by_role("searchbox").fill("char")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Charlie").click()
    page.get_by_role("button", name="Cancel").click()

    assert page.url.startswith(f"{home}?error=access_denied")
    assert page.url.endswith("state=s")
