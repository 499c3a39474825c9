"""Takes the pictures: one browser, one context for each person and look."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from playwright.sync_api import Error as PlaywrightError

from tests.browser.drawing.scenes import Scene
from tests.browser.drawing.stage import Stage

TALLEST = 2600
SETTLED_MS = 350
SESSION = "__Host-session"


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    name: str
    theme: str
    width: int
    height: int

    @property
    def is_phone(self) -> bool:
        return self.width < 700


LIGHT = Look("light", "light", 1280, 800)
DARK = Look("dark", "dark", 1280, 800)
PHONE = Look("phone", "light", 390, 844)
PHONE_DARK = Look("phone-dark", "dark", 390, 844)
LOOKS = (LIGHT, DARK, PHONE, PHONE_DARK)


@dataclass
class Camera:
    """Draws into `folder`."""

    browser: Browser
    stage: Stage
    folder: Path
    _contexts: dict[tuple[int | None, Look], BrowserContext] = field(default_factory=dict)

    def draw(self, scene: Scene, look: Look) -> list[str]:
        """Draw the scene; what is wrong with it comes back, one sentence each."""
        path = scene.path(self.stage)
        page, wrong = self._page(scene.who, look), list[str]()
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on("console", lambda said: wrong.append(f"console: {said.text}") if _is_complaint(said, scene) else None)
        try:
            answer = page.goto(self.stage.panel(scene.panel) + path, wait_until="load")
            if answer is None or answer.status != scene.status:
                wrong.append(f"{path} answered {answer and answer.status}, not {scene.status}")
            if scene.do is not None:
                scene.do(page)
        except PlaywrightError as error:
            wrong.append(str(error).splitlines()[0])
        self._shoot(page, self.folder / f"{scene.name}--{look.name}.png", whole=scene.whole)
        widest = int(page.evaluate("document.documentElement.scrollWidth"))
        if widest > look.width:
            wrong.append(f"{widest} px wide")
        page.close()
        return wrong

    def close(self) -> None:
        """Close every browser window."""
        for context in self._contexts.values():
            context.close()

    def _page(self, person: int | None, look: Look) -> Page:
        """A new page of this person's browser, signed in at every panel of the stage."""
        key = (person, look)
        if key not in self._contexts:
            self._contexts[key] = self._context(person, look)
        return self._contexts[key].new_page()

    def _shoot(self, page: Page, target: Path, *, whole: bool) -> None:
        _settle(page)
        target.parent.mkdir(parents=True, exist_ok=True)
        size = page.viewport_size
        assert size is not None
        tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight")) if whole else size["height"]
        if tall > size["height"]:
            # Taller instead of scrolled: what sticks to the window's edges stays at the edges of the picture.
            page.set_viewport_size({"width": size["width"], "height": tall})
            _settle(page)
        page.screenshot(path=target, animations="disabled", caret="hide")

    def _context(self, person: int | None, look: Look) -> BrowserContext:
        context = self.browser.new_context(
            viewport={"width": look.width, "height": look.height},
            color_scheme=look.theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Berlin",
            is_mobile=look.is_phone,
            has_touch=look.is_phone,
        )
        if person is not None:
            # A browser sends loopback cookies to every port, so one session opens every panel of the stage.
            context.add_cookies(
                [
                    {
                        "name": SESSION,
                        "value": self._session_of(person),
                        "url": f"https://{urlsplit(self.stage.panel('usual')).hostname}/",
                        "secure": True,
                        "httpOnly": True,
                        "sameSite": "Lax",
                    }
                ]
            )
        return context

    def _session_of(self, person: int) -> str:
        return next(one.value or "" for one in self.stage.visitor(person).http.cookies if one.name == SESSION)


def _settle(page: Page) -> None:
    """Fonts are there, and what slides has arrived."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(SETTLED_MS)


def _is_complaint(said: ConsoleMessage, scene: Scene) -> bool:
    """Errors and warnings; a failed answer that the scene is about is none."""
    is_expected = scene.status >= 400 or scene.do is not None or scene.panel != "usual"
    is_an_answer = "Failed to load resource" in said.text or "WebSocket connection" in said.text
    return said.type in ("error", "warning") and not (is_expected and is_an_answer)
