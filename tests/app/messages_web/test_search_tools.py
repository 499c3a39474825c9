"""The filter bar, searches at hand, alerts and files, as somebody clicks through them; and nothing typed breaks a page."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import parse_qs, urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.domain.exports.service import EXPORTS, run_exports
from app.domain.messages.operators import OPERATORS
from tests.app.messages_web.conftest import STAFF_ROOM, Village, write
from tests.servers.sandbox import ALICE, BOB, SERVER_A, VERA

TOOLS = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def post_as(village: Village, who: int, path: str, form: Mapping[str, str]) -> TestResponse:
    return village.browser(who).post(f"/servers/{SERVER_A}{path}", data=form)


def test_the_filter_bar_writes_the_query_and_shows_it_again(village: Village) -> None:
    filled = "words=red+OR+sled&op-0=from&value-0=Ada+L.&op-1=is&value-1=deleted&not-1=1&op-2=&value-2="

    answer = village.browser(VERA).get(f"/servers/{SERVER_A}/messages/queries?{filled}")

    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["Location"]).query)["q"][0]
    assert query == '(red OR sled) from:"Ada L." NOT is:deleted'
    page = village.get(VERA, "/messages", q="in:general -is:bot").text
    assert re.findall(r'name="value-\d+"[^>]*value="([^"]*)"', page)[:2] == ["general", "bot"]
    assert page.count("checked") >= 1


def test_a_search_is_kept_named_pinned_watched_and_deleted(village: Village) -> None:
    def post(path: str, **form: str) -> int:
        return post_as(village, BOB, f"/searches{path}", form).status_code

    assert post("", name="Sleds", q="sled", pin="1", is_shared="1") == 303
    assert "Sleds" in village.get(BOB, "/messages").text
    listed = village.get(VERA, "/searches").text
    search_id = re.findall(r'id="search-(\d+)"', listed)[0]

    assert post(f"/{search_id}/alerts") == 303
    assert post(f"/{search_id}/pins", unpin="1") == 303
    assert "Sleds" not in village.get(BOB, "/messages").text
    assert post(f"/{search_id}", name="All sleds", q="sled*") == 303
    assert "All sleds" in village.get(BOB, "/searches").text
    assert "All sleds" not in village.get(VERA, "/searches").text, "it is shared no more"
    assert post(f"/{search_id}/deletion") == 303
    assert post("", name="Broken", q="(sled") == 422


def test_t41_a_shared_search_that_names_a_hidden_channel_is_not_shown_to_who_does_not_see_it(village: Village) -> None:
    post_as(village, ALICE, "/searches", {"name": "Whispers", "q": f"plan in:{STAFF_ROOM}", "is_shared": "1"})

    assert "Whispers" in village.get(ALICE, "/searches").text
    assert "Whispers" not in village.get(VERA, "/searches").text


def test_what_is_found_is_taken_as_a_file(village: Village) -> None:
    write(1, "a red sled")
    assert post_as(village, BOB, "/exports", {"q": "sled"}).status_code == 303
    assert "Being made" in village.get(BOB, "/exports").text
    run_exports(EXPORTS)

    page = village.get(BOB, "/exports").text
    address = unescape(re.findall(r'href="([^"]+/file\?for=[^"]+)"', page)[0])
    answer = village.browser(BOB).get(address)

    assert b"a red sled" in gzip.decompress(answer.data)
    assert village.browser(ALICE).get(address).status_code == 404
    assert post_as(village, VERA, "/exports", {"q": "sled"}).status_code == 403


@TOOLS
@given(
    typed=st.lists(
        st.sampled_from([f"{name}:" for name in OPERATORS])
        | st.sampled_from(
            [
                "AND",
                "OR",
                "NOT",
                "(",
                ")",
                '"',
                "-",
                "*",
                "sle*",
                "👍",
                "<@&1>",
                "0",
                "999999999",
                "#",
                "\x00",
                "\ud7ff",
            ]
        )
        | st.text(max_size=8),
        max_size=8,
    ).map("".join)
)
def test_whatever_is_typed_is_answered_on_every_surface(village: Village, typed: str) -> None:
    """Fuzzing never gives a 500."""
    browser = village.browser(BOB)
    for path in ("/messages", "/messages/suggestions", "/messages/counts", "/messages/queries", "/searches"):
        query = {"q": typed, "words": typed, "op-0": "from", "value-0": typed}
        assert browser.get(f"/servers/{SERVER_A}{path}", query_string=query).status_code in (200, 302, 303, 404, 422)
    for path in ("/searches", "/exports"):
        assert browser.post(f"/servers/{SERVER_A}{path}", data={"q": typed, "name": typed}).status_code in (
            303,
            409,
            422,
            429,
        )
