"""One Chromium for the whole test process: Playwright's loop can run but once in it."""

from __future__ import annotations

import atexit
import shutil
from functools import cache

from playwright.sync_api import Browser, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@cache
def chromium() -> Browser:
    """Debian's Chromium, started at the first call, closed when the tests end."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("chromium is missing: apt-get install chromium (make test does it)")
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))

    def close() -> None:
        browser.close()
        playwright.stop()

    atexit.register(close)
    return browser
