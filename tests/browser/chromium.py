"""The browser that every browser test and picture uses: Debian's Chromium, alone and quiet."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; `make setup-test` installs it."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("chromium is missing: apt-get install chromium (make setup-test does it)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@cache
def shared_chromium() -> Browser:
    """The one that all tests of a process share, as Playwright's loop can run but once in it; closed when it ends."""
    started = chromium()
    browser = started.__enter__()
    atexit.register(started.__exit__, None, None, None)
    return browser
