from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.app.shell.conftest import Site

pytestmark = pytest.mark.browser

PAGES = ["/", "/dev/components", "/dev/errors/404", "/dev/errors/500", "/list"]
TWICE_ON_PURPOSE = {"/dev/components": {"rules": {"landmark-unique": {"enabled": False}}}}
"""Each part is drawn once per theme there, its landmarks too."""
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_in_every_state_is_accessible(chromium: Browser, site: Site, theme: str, size: str) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    found: list[str] = []
    for path in PAGES:
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        found += [
            f"{path}: {violation['id']}: {[node['html'][:160] for node in violation['nodes'][:3]]}"
            for violation in Axe().run(page, options=TWICE_ON_PURPOSE.get(path)).response["violations"]
        ]
    context.close()

    assert found == []


def test_open_menus_dialogs_and_toasts_are_accessible_too(page: Page, site: Site) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{site.url}/list")
    page.locator(".sf-switcher summary").click()
    opened = Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    page.click("#ask")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Say a little more.")).to_be_visible()
    asked = Axe().run(page).response["violations"]
    page.get_by_label("Reason (optional)").fill("because")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".sf-toast")).to_be_visible()
    told = Axe().run(page).response["violations"]

    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in opened + asked + told] == []


@pytest.mark.parametrize("size", SIZES)
def test_no_page_is_wider_than_its_window(chromium: Browser, site: Site, size: str) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    widths = {}
    for path in PAGES:
        page.goto(site.url + path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert widths == dict.fromkeys(PAGES, width)


def test_pages_keep_to_a_strict_policy_and_ask_no_other_host(page: Page, site: Site) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{site.url}/dev/components")
    page.click("text=Open dialog >> nth=0")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".dc-spoiler").first.click()

    assert said == []
    assert [url for url in asked if not url.startswith(site.url)] == []


def test_a_dialog_keeps_what_was_typed_shows_the_error_beside_it_and_closes_with_a_toast(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.url}/list")
    page.click("#ask")
    reason = page.get_by_label("Reason (optional)")
    expect(reason).to_be_focused()
    reason.fill("no")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Say a little more.")).to_be_visible()
    expect(reason).to_have_value("no")
    expect(reason).to_have_attribute("aria-invalid", "true")

    reason.fill("because of spam")
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".sf-toast")).to_contain_text("Sent.")
    expect(page.locator(".sf-toast").get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("#ask")).to_be_focused()


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (500, "reference-of-this-request"),
        (403, "You may not do that"),
        (429, "Too many requests"),
        (404, "not yours to see"),
    ],
)
def test_a_failed_request_says_so_and_loses_nothing_typed(page: Page, site: Site, status: int, says: str) -> None:
    site.answers["/dialog"] = status
    page.goto(f"{site.url}/list")
    page.click("#ask")
    page.get_by_label("Reason (optional)").fill("because of spam")
    page.keyboard.press("Enter")

    expect(page.locator(".sf-toast")).to_contain_text(says)
    expect(page.get_by_label("Reason (optional)")).to_have_value("because of spam")


def test_an_ended_session_leads_to_sign_in_and_back_here(page: Page, site: Site) -> None:
    site.answers["/dialog"] = 401
    page.goto(f"{site.url}/list?q=spam")
    page.click("#ask")
    page.get_by_label("Reason (optional)").fill("because of spam")
    page.keyboard.press("Enter")

    link = page.locator(".sf-toast a")
    expect(link).to_have_attribute("href", re.compile(r"^/login\?next=%2Flist%3Fq%3Dspam$"))
    expect(page.get_by_label("Reason (optional)")).to_have_value("because of spam")


def test_an_unreachable_server_is_told_and_the_offline_notice_comes_and_goes(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/list")
    page.context.set_offline(True)
    expect(page.locator("[data-offline-notice]")).to_be_visible()
    page.click("#ask")
    expect(page.locator(".sf-toast")).to_contain_text("You are offline")

    page.context.set_offline(False)

    expect(page.locator("[data-offline-notice]")).to_be_hidden()


def test_the_chosen_theme_is_there_at_the_first_paint(page: Page, site: Site) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{site.url}/dev/components")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator(".sf-person-menu summary").click()
    page.locator("[data-choose-theme=dark]").click()
    assert page.evaluate(background) != light

    html = page.request.get(f"{site.url}/dev/components").text()

    assert re.search(r'<html[^>]* data-theme="dark"', html)
    page.locator("[data-choose-theme=system]").click()
    assert page.evaluate(background) == light
    assert "data-theme" not in page.request.get(f"{site.url}/list").text().split(">")[1]


def test_the_keyboard_reaches_search_help_and_rows(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/list")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    page.keyboard.press("j")
    expect(page.locator("#row-12 a").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#row-11 a").first).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#row-12 a").first).to_be_focused()

    page.keyboard.press("?")
    expect(page.locator("#sf-keys")).to_be_visible()
    page.keyboard.press("Escape")

    page.goto(f"{site.url}/dev/components")
    page.keyboard.press("/")
    expect(page.locator("[data-search]").first).to_be_focused()
    page.keyboard.type("/?j")
    expect(page.locator("[data-search]").first).to_have_value("/?j")


def test_menus_open_without_a_pointer_and_close_with_escape(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/list")
    summary = page.locator(".sf-switcher summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".sf-switcher .sf-menu__item").first).to_be_focused()
    page.keyboard.press("Escape")

    expect(summary).to_be_focused()
    expect(page.locator(".sf-switcher")).not_to_have_attribute("open", "")


def test_times_are_in_the_readers_zone_with_the_absolute_time_on_hover(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/dev/components")
    stamp = page.locator("time[data-time=short]").first
    moment = stamp.get_attribute("datetime") or ""

    hour_in_berlin = page.evaluate(
        "moment => new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Berlin'}).format(new Date(moment))",
        moment,
    )

    expect(stamp).to_have_attribute("title", re.compile(re.escape(hour_in_berlin.split(":")[1])))
    assert "UTC" not in stamp.inner_text()


def test_an_id_is_copied_by_a_click(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/dev/components")
    page.locator("[data-copy]").first.click()

    assert page.evaluate("navigator.clipboard.readText()") == "200000000000000003"
    expect(page.locator("#sf-said")).to_have_text("Copied")


def test_a_spoiler_opens_by_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/dev/components")
    spoiler = page.locator(".dc-spoiler").first
    spoiler.focus()
    page.keyboard.press("Enter")

    expect(spoiler).to_have_attribute("data-shown", "")


def test_without_a_script_every_page_still_reads_and_menus_open(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/list")
    page.locator(".sf-switcher summary").click()

    expect(page.locator(".sf-switcher .sf-menu__item").first).to_be_visible()
    expect(page.locator("#row-12")).to_be_visible()
    expect(page.locator("#row-12 time")).to_contain_text("UTC")
    context.close()
