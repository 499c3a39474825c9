"""A person at a real browser, and an eye on what their pages do wrong."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, StorageState, ViewportSize, expect

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
NAMES = {
    200000000000000001: "alice.winter",
    200000000000000002: "bob_the_warden",
    200000000000000003: "vera.lumi",
    200000000000000004: "charlie_outpost",
    200000000000000005: "stan_the_stranger",
}
WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
EXPECTED_STATUS = "Failed to load resource: the server responded with a status of"
"""Chromium says so of each answer from 400 on; a test that provokes one says which with `may_answer`."""


class Visitor:
    """One browser context with one page."""

    def __init__(self, browser: Browser, panel_url: str, discord_url: str, session: StorageState | None = None) -> None:
        self.panel_url, self.discord_url = panel_url, discord_url
        self.context = browser.new_context(
            viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Berlin", storage_state=session
        )
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=panel_url)
        self.context.add_init_script(WATCH)
        self.wrong: list[str] = []
        self.answers: set[int] = set()
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        expect.set_options(timeout=15_000)
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._look_at)

    def may_answer(self, *statuses: int) -> None:
        """The test brings these about on purpose."""
        self.answers.update(statuses)

    def sign_in(self, user_id: int, path: str = "/servers") -> Page:
        """From the sign-in page through Discord's consent page to `path`."""
        self.page.goto(f"{self.panel_url}/login?next={quote(path)}")
        self.page.get_by_role("link", name="Sign in with Discord").click()
        self.consent(user_id)
        self.page.wait_for_url(f"{self.panel_url}{path}")
        return self.page

    def consent(self, user_id: int) -> None:
        """Say who one is on Discord's page, and agree."""
        person = self.page.locator(f'a.person:has-text("@{NAMES[user_id]}")').first
        agree = self.page.get_by_role("button", name="Authorise")
        expect(person.or_(agree).first).to_be_visible()
        if person.is_visible():
            person.click()
        # Who has agreed before is asked no more.
        back = self.page.locator(".sf-brand")
        expect(agree.or_(back).first).to_be_visible()
        if agree.is_visible():
            agree.click()

    def leave(self) -> list[str]:
        """Close the browser; answers what was wrong, with axe's look at the page that was open last."""
        try:
            if self.page.url.startswith(self.panel_url):
                self.wrong += violations(self.page)
        finally:
            self.context.close()
        return self.wrong

    def _hear(self, kind: str, text: str) -> None:
        if kind not in ("error", "warning"):
            return
        if text.startswith(EXPECTED_STATUS) and any(f"{EXPECTED_STATUS} {status}" in text for status in self.answers):
            return
        if not self.page.url.startswith(self.discord_url):
            self.wrong.append(f"{self.page.url}: the console says: {text}")

    def _look_at(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("data", "blob", "about"):
            return
        at_discord = request.url.startswith(self.discord_url) and (
            request.is_navigation_request() or request.frame.url.startswith(self.discord_url)
        )
        if not (request.url.startswith(f"{self.panel_url}/") or at_discord):
            self.wrong.append(f"{self.page.url} asks another host: {request.url}")


def violations(page: Page) -> list[str]:
    """What axe finds in light and dark, at a desk's width and a phone's."""
    found: list[str] = []
    before = page.viewport_size
    for width in (DESKTOP, PHONE):
        page.set_viewport_size(width)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_timeout(250)
            for violation in Axe().run(page).response["violations"]:
                nodes = [f"{node['html'][:200]} ({node['failureSummary'][:200]})" for node in violation["nodes"][:2]]
                found.append(f"{page.url} {scheme} {width['width']}: axe {violation['id']}: {nodes}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width["width"]:
            found.append(f"{page.url} is {wide} wide in a window of {width['width']}")
    if before:
        page.set_viewport_size(before)
    return found
