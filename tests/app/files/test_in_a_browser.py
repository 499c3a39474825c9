"""Covers and kept files as a browser treats them, with a script and without one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.domain.messages.records import RecordKind
from tests.app.files.test_serving import HTML, post
from tests.app.messages_web.conftest import GENERAL, A, Village, village
from tests.app.messages_web.conftest import _index as index
from tests.app.messages_web.test_in_a_browser import Opens, address, chromium, opens
from tests.app.messages_web.test_pictures import png

__all__ = ["address", "chromium", "opens", "village"]

# What a browser does does not depend on the database.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("backend", ["sqlite"], indirect=True),
]


@pytest.mark.parametrize("script", [True, False])
def test_a_covered_picture_is_shown_when_it_is_asked_for_and_covered_again(
    village: Village, opens: Opens, script: bool
) -> None:
    message_id = post(71, png())
    index(A, RecordKind.DELETED, {"id": str(message_id), "channel_id": str(GENERAL)}, 99)
    page = opens(java_script_enabled=script)
    cover = page.locator("details.dc-cover")
    picture = cover.locator("a.dc-picture img")

    expect(cover.get_by_text("This message was deleted.")).to_be_visible()
    expect(picture).to_be_hidden()
    blurred = cover.locator("summary img")
    assert "blur" in blurred.evaluate("image => getComputedStyle(image).filter")

    cover.get_by_text("Show cat.png").click()
    expect(picture).to_be_visible()
    cover.get_by_text("Hide cat.png").click()
    expect(picture).to_be_hidden()


def test_t15_a_kept_page_is_saved_and_never_opened(village: Village, opens: Opens) -> None:
    post(71, HTML, name="a.html", kind="text/html")
    page = opens()
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))

    with page.expect_download() as waiting:
        page.locator("a.dc-file").click()

    assert waiting.value.suggested_filename == "a.html"
    assert not said
