"""The messages page: the newest, what a search finds, pages of it, what is wrong with a query, and nothing hidden."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape

import pytest
from sqlalchemy import select

from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.clock import frozen
from app.domain.members.models import GuildMember
from app.domain.members.service import apply_event
from app.domain.messages.search import search
from app.domain.tenants.models import BotSettings
from app.extensions import db
from app.web.messages import search_page
from tests.app.members.payloads import member
from tests.app.messages_web.conftest import (
    FIRST_MOMENT_MS,
    GATEWAY,
    GENERAL,
    HELP_THREAD,
    RANDOM,
    SECRET_THREAD,
    STAFF_ROOM,
    A,
    B,
    Village,
    delete,
    edit,
    message_id,
    without_reference,
    write,
)
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN, VERA

PAGE = "/messages"


def rows(html: str) -> list[int]:
    """The messages of the list, in order, by the number they were written with."""
    return [number_of(int(found)) for found in re.findall(r'<li id="message-(\d+)"', html)]


def number_of(snowflake: int) -> int:
    return ((snowflake >> 22) + 1_420_070_400_000 - FIRST_MOMENT_MS) // 1000


def text_of(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)))


def link(html: str, words: str) -> str:
    """The address of the link that reads `words`."""
    for found in re.finditer(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', html, re.S):
        if text_of(found[2]).strip() == words:
            return unescape(found[1])
    raise AssertionError(f"no link “{words}”")


def test_without_a_query_the_newest_come_first_and_the_list_is_live(village: Village) -> None:
    for number in range(1, 31):
        write(number, f"message {number}")
    page = village.get(VERA, PAGE)
    assert page.status_code == 200
    assert rows(page.text) == list(range(30, 5, -1))
    assert 'data-live="messages"' in page.text and "data-live-rows" in page.text


def test_older_pages_follow_by_place_not_by_count_and_do_not_move(village: Village) -> None:
    for number in range(1, 31):
        write(number, f"message {number}")
    older = link(village.get(VERA, PAGE).text, "Older")
    write(31, "arrived meanwhile")
    page = village.browser(VERA).get(older)
    assert rows(page.text) == [5, 4, 3, 2, 1]
    assert "data-live=" not in page.text
    assert rows(village.browser(VERA).get(link(page.text, "Back to the newest")).text)[0] == 31


def test_the_live_part_answers_alone_to_the_pages_script(village: Village) -> None:
    write(1, "hello")
    part = village.partial(VERA, PAGE)
    assert rows(part.text) == [1]
    assert "<html" not in part.text and 'id="messages-live"' in part.text


def test_a_search_finds_and_marks_its_words(village: Village) -> None:
    write(1, "Where is my Sled?")
    write(2, "in the shed")
    write(3, "**my sled** is <b>gone</b>")
    page = village.get(VERA, PAGE, q="my sled")
    assert rows(page.text) == [3, 1]
    assert page.text.count("<mark") == 4
    assert "&lt;b&gt;" in page.text and "<b>gone" not in page.text
    assert 'value="my sled"' in page.text


def test_what_is_found_in_an_embed_or_a_forward_is_marked_there(village: Village) -> None:
    embed = {
        "title": "Sled news",
        "description": "the sled is back",
        "fields": [{"name": "Sled", "value": "a red sled"}],
    }
    forward = {"message": {"content": "your sled is here"}}
    write(1, "", embeds=[embed], message_snapshots=[forward])
    assert village.get(VERA, PAGE, q="sled").text.count("<mark") == 5


def test_what_is_pasted_and_names_one_thing_goes_straight_there(village: Village) -> None:
    write(1, "sled")
    own = f"/servers/{SERVER_A}/messages/{message_id(1)}"
    people = f"/servers/{SERVER_A}/members"
    for typed, place in (
        (f"https://discord.com/channels/{SERVER_A}/{GENERAL}/{message_id(1)}", f"{own}#context-{message_id(1)}"),
        (f"http://127.0.0.1:5999{own}?after=1#context-5", f"{own}#context-{message_id(1)}"),
        (str(message_id(1)), f"{own}#context-{message_id(1)}"),
        (f"<@{BOB}>", f"{people}/{BOB}"),
        (f" <@!{BOB}> ", f"{people}/{BOB}"),
        (str(BOB), f"{people}/{BOB}"),
        (f"https://discord.com/users/{BOB}", f"{people}/{BOB}"),
        (f"<#{GENERAL}>", f"/servers/{SERVER_A}/channels/{GENERAL}"),
        (str(GENERAL), f"/servers/{SERVER_A}/channels/{GENERAL}"),
    ):
        answer = village.get(VERA, PAGE, q=typed)
        assert (answer.status_code, answer.headers.get("Location")) == (303, place), typed
    straight = village.get(VERA, f"/channels/{GENERAL}")
    assert straight.headers["Location"] == f"{own}#context-{message_id(1)}"


def test_what_is_pasted_and_hidden_or_unknown_is_searched_for_and_tells_nothing(village: Village) -> None:
    """T41: a hidden message, a missing one and one of another community answer alike."""
    write(1, "sled")
    hidden = write(2, "the yeti plan", channel=STAFF_ROOM, author=BOB)
    for one in (hidden, message_id(99)):
        for typed in (f"https://discord.com/channels/{SERVER_A}/{GENERAL}/{one}", str(one)):
            answer = village.get(VERA, PAGE, q=typed)
            assert (answer.status_code, rows(answer.text)) == (200, [])
    assert village.get(BOB, PAGE, q=str(hidden)).status_code == 303
    for channel in (STAFF_ROOM, 400000000000000099):
        assert village.get(VERA, PAGE, q=f"<#{channel}>").status_code == 200
        assert village.get(VERA, f"/channels/{channel}").status_code == 404


def test_a_day_is_jumped_to_in_the_readers_zone(village: Village) -> None:
    day = 24 * 3600
    for number in (1, day, 3 * day):
        write(number, f"message {number}")
    village.browser(VERA).set_cookie("zone", "Europe/Berlin")
    for on, number in (("2026-11-01", 1), ("2026-11-02", day), ("2026-11-03", 3 * day), ("2026-12-01", 3 * day)):
        place = village.get(VERA, f"/channels/{GENERAL}", on=on).headers["Location"]
        assert place.endswith(f"#context-{message_id(number)}"), on


def test_ready_filters_are_put_in_and_taken_out_by_one_click(village: Village) -> None:
    write(1, "sled one")
    write(2, "sled two")
    delete(1, at=60)
    page = village.get(VERA, PAGE, q="sled").text
    with_deleted = village.browser(VERA).get(link(page, "Deleted"))
    assert rows(with_deleted.text) == [1]
    chosen = re.search(r'<a class="ms-quick__one" href="([^"]+)" aria-current="true"', with_deleted.text)
    assert chosen is not None
    assert rows(village.browser(VERA).get(unescape(chosen[1])).text) == [2, 1]


def test_new_members_are_who_joined_in_the_last_week(village: Village) -> None:
    write(1, "from an old hand", author=BOB)
    write(2, "from a newcomer", author=STAN)
    now = datetime.fromtimestamp(FIRST_MOMENT_MS / 1000, UTC)
    with village.town.app.app_context(), tenant_scope(A), transaction():
        for person, days in ((BOB, 30), (STAN, 3)):
            member = db.session.scalars(select(GuildMember).where(GuildMember.user_id == person)).one()
            member.joined_at = now - timedelta(days=days)
        for person in (ALICE, VERA):
            db.session.scalars(select(GuildMember).where(GuildMember.user_id == person)).one().joined_at = None
    with frozen(now):
        assert rows(village.get(VERA, PAGE, q="from:new").text) == [2]


def test_counts_say_who_wrote_what_was_found_and_where_and_narrow_it(village: Village) -> None:
    """T41: what is hidden is not counted."""
    for number, author, channel in (
        (1, BOB, GENERAL),
        (2, BOB, RANDOM),
        (3, VERA, GENERAL),
        (4, BOB, STAFF_ROOM),
    ):
        write(number, "sled", author=author, channel=channel)
    part = village.partial(VERA, "/messages/counts", q="sled").text
    shares = re.findall(r'<a href="([^"]+)"[^>]*><bdi>(.*?)</bdi> <span class="ms-counts__count">(\d+)<', part)
    assert [(name, int(count)) for _url, name, count in shares] == [
        ("Bob", 2), ("Vera", 1), ("#general", 2), ("#random", 1),
    ]  # fmt: skip
    assert "Of all 3 messages." in part
    assert rows(village.browser(VERA).get(unescape(shares[0][0])).text) == [2, 1]
    whole = village.get(VERA, PAGE, q="sled", counts=1).text
    assert "Of all 3 messages." in whole and "staff-room" not in whole


def test_filters_stay_in_the_address_and_each_can_be_taken_off(village: Village) -> None:
    for number in range(1, 31):
        write(number, f"sled {number}", author=BOB if number % 2 else VERA)
    page = village.get(VERA, PAGE, q="sled from:bob in:general")
    assert rows(page.text) == list(range(29, 0, -2))
    without = re.search(r'href="([^"]+)"[^>]*aria-label="Remove the filter from:bob"', page.text)
    assert without is not None
    assert rows(village.browser(VERA).get(unescape(without[1])).text) == list(range(30, 5, -1))
    older = link(village.get(VERA, PAGE, q="sled").text, "Older")
    assert "q=sled" in older
    assert rows(village.browser(VERA).get(older).text) == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("typed", "marked", "told"),
    [
        ("sled (snow", "(", "This bracket is never closed."),
        ('sled "snow', '"snow', "This quotation mark is never closed."),
        ("form:bob sled", "form:bob", "Did you mean from: ?"),
        ("has:picture", "has:picture", "Choose one of"),
        ("sled before:yesterdaze", "before:yesterdaze", "is no date"),
        ("from:nobody", "from:nobody", "Nobody here is called “nobody”."),
        ("sled OR", "OR", "joins nothing here"),
        ("ab*", "ab*", "too short"),
        ("<script>alert(1)</script> from:", "from:", "needs a value"),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_field_with_its_place(
    village: Village, typed: str, marked: str, told: str
) -> None:
    write(1, "sled")
    page = village.get(VERA, PAGE, q=typed)
    assert page.status_code == 422
    found = re.search(r'id="message-query-error".*?</p>', page.text, re.S)
    assert found is not None and told in text_of(found[0])
    pointed = re.search(r"<mark>(.*?)</mark>", found[0])
    assert pointed is not None and unescape(pointed[1]) == marked
    field = re.search(r'<input[^>]*id="message-query"[^>]*>', page.text)
    assert field is not None and 'aria-invalid="true"' in field[0]
    assert f'value="{typed}"' in unescape(field[0])
    assert "<script>alert" not in page.text


def test_a_very_long_query_is_told_as_that(village: Village) -> None:
    page = village.get(VERA, PAGE, q="sled " * 1000)
    assert page.status_code == 422
    assert "longer than" in page.text


def test_edited_deleted_answering_and_rich_messages_are_drawn(village: Village) -> None:
    write(1, "original words")
    edit(1, "changed words", at=50)
    write(2, "soon gone")
    delete(2, at=60)
    reference = {"message_id": str(message_id(1)), "channel_id": "1"}
    write(3, "an answer", type=19, message_reference=reference, author=BOB)
    embed = {
        "title": "Big news",
        "description": "**bold** move",
        "image": {"url": "https://pictures.example.org/a.png"},
    }
    picture = {
        "id": "77",
        "filename": "map.png",
        "content_type": "image/png",
        "size": 9,
        "url": "https://cdn.discordapp.com/x",
    }
    paper = {
        "id": "78",
        "filename": "notes.pdf",
        "content_type": "application/pdf",
        "size": 9,
        "url": "https://cdn.discordapp.com/y",
    }
    write(4, "", embeds=[embed], attachments=[picture, paper], sticker_items=[{"id": "5", "name": "Waving yeti"}])
    html = village.get(VERA, PAGE).text
    assert "Edited" in html and "Deleted" in html and "Big news" in html and "Waving yeti" in html
    assert re.search(r'class="dc-reply__text" href="/servers/\d+/messages/' + str(message_id(1)), html)
    assert f'src="/servers/{SERVER_A}/attachments/77?for=' in html
    assert "notes.pdf" in html and "/attachments/78" not in html
    assert re.search(r'<img src="/img/[^"]+"', html) and "pictures.example.org" not in html
    assert "soon gone" in html
    bob = re.search(r'<a class="dc-message__author" href="/servers/\d+/members/' + str(BOB) + r'"([^>]*)>', html)
    assert bob is not None and 'data-color="#3ba7d9"' in bob[1]


def test_no_page_names_a_foreign_host_for_the_browser_to_load(village: Village) -> None:
    emoji = "<:party:123456789012345678> ![x](https://evil.example/x.png) https://evil.example/y.png"
    write(
        1,
        emoji,
        embeds=[
            {
                "thumbnail": {"url": "https://evil.example/t.png"},
                "author": {"name": "x", "icon_url": "https://evil.example/i.png"},
            }
        ],
    )
    html = village.get(VERA, PAGE).text
    for source in re.findall(r'(?:src|srcset|poster|data)="([^"]*)"', html):
        assert source.startswith("/"), source


def test_discords_own_sentences_have_words(village: Village) -> None:
    write(1, "", type=7)
    assert "joined the server" in village.get(VERA, PAGE).text


def test_only_what_discord_shows_this_reader_is_found_counted_or_named(village: Village) -> None:
    """T41: search, the list, ids, mentions of channels, replies and suggestions."""
    secret = write(1, "the yeti plan", channel=STAFF_ROOM, author=BOB)
    write(2, "the yeti club", channel=SECRET_THREAD, author=BOB)
    write(3, f"see <#{STAFF_ROOM}> about the yeti", type=19, message_reference={"message_id": str(secret)}, author=BOB)
    write(4, "yeti in the thread", channel=HELP_THREAD)
    for who, seen in ((VERA, [4, 3]), (BOB, [4, 3, 2, 1]), (ALICE, [4, 3, 2, 1])):
        for query in ("yeti", "", "yeti OR plan", "NOT nothing", "from:bob OR from:vera"):
            assert rows(village.get(who, PAGE, q=query).text) == seen, (who, query)
    html = village.get(VERA, PAGE, q="yeti").text
    assert "staff-room" not in html and "Quiet plans" not in html and "the yeti plan" not in html
    assert "staff-room" in village.get(BOB, PAGE, q="yeti").text
    assert rows(village.get(VERA, PAGE, q=f"id:{secret}").text) == []


@pytest.mark.parametrize("query", ["in:staff-room", f"in:{STAFF_ROOM}", 'in:"Quiet plans"'])
def test_a_hidden_channel_is_as_unknown_as_one_that_never_was(village: Village, query: str) -> None:
    write(1, "the yeti plan", channel=STAFF_ROOM, author=BOB)
    hidden = village.get(VERA, PAGE, q=query)
    name = query.removeprefix("in:").strip('"')
    nowhere = village.get(
        VERA, PAGE, q=query.replace(name, "x" * len(name)) if not name.isdigit() else "in:499999999999999999"
    )
    assert hidden.status_code == nowhere.status_code == 422
    told = [re.search(r'id="message-query-error".*?</p>', page.text, re.S) for page in (hidden, nowhere)]
    assert told[0] and told[1]
    assert told[0][0].replace(name, "…") == told[1][0].replace("x" * len(name), "…").replace("499999999999999999", "…")
    assert village.get(BOB, PAGE, q=query).status_code == 200


def test_a_right_taken_away_counts_with_the_next_request(village: Village) -> None:
    write(1, "the yeti plan", channel=STAFF_ROOM, author=ALICE)
    assert rows(village.get(BOB, PAGE).text) == [1]
    with tenant_scope(A):
        apply_event(GATEWAY, "GUILD_MEMBER_UPDATE", {**member(BOB, "bob"), "guild_id": str(SERVER_A)})
    assert rows(village.get(BOB, PAGE).text) == []
    assert village.get(BOB, f"{PAGE}/{message_id(1)}").status_code == 404


def test_each_community_has_its_own_archive(village: Village) -> None:
    write(1, "sled of the village")
    write(2, "sled of the den", tenant=B, author=CHARLIE)
    assert rows(village.get(ALICE, PAGE, q="sled").text) == [1]
    den = village.browser(CHARLIE).get(f"/servers/{SERVER_B}{PAGE}", query_string={"q": "sled"})
    assert rows(den.text) == [2]
    strangers = [village.get(who, PAGE) for who in (CHARLIE, STAN)]
    missing = village.browser(CHARLIE).get(f"/servers/399999999999999999{PAGE}")
    assert [answer.status_code for answer in (*strangers, missing)] == [404, 404, 404]
    assert without_reference(strangers[0]) == without_reference(missing)


def test_an_empty_archive_says_why_and_what_to_do(village: Village) -> None:
    assert "No messages yet" in village.get(VERA, PAGE).text
    with tenant_scope(A), transaction():
        db.session.query(BotSettings).one().archive_enabled = False
    assert "has not chosen to keep messages" in village.get(VERA, PAGE).text
    assert f'href="/servers/{SERVER_A}/set-up"' in village.get(ALICE, PAGE).text


def test_nothing_found_offers_wider_searches_that_work(village: Village) -> None:
    write(1, "the sledge is red")
    page = village.get(VERA, PAGE, q="sled red")
    assert rows(page.text) == [] and "Nothing found" in page.text
    assert rows(village.browser(VERA).get(link(page.text, "sled* red")).text) == [1]


def test_a_search_that_runs_out_of_time_says_so_and_offers_to_narrow_it(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(1, "sled")
    monkeypatch.setattr(search_page, "search", partial(search, seconds=0))
    page = village.get(VERA, PAGE, q="sled")
    assert page.status_code == 200
    assert "Too broad to search to the end" in page.text and "Nothing found" not in page.text
    assert "q=sled+after:7d" in link(page.text, "sled after:7d").replace("%3A", ":").replace("%20", "+")


def test_days_in_a_search_are_the_readers_own(village: Village) -> None:
    """The first message was written at 08:00 UTC on the 1st of November: in Honolulu it was still October."""
    write(1, "sled")
    browser = village.browser(VERA)
    assert rows(village.get(VERA, PAGE, q="on:2026-11-01").text) == [1]
    browser.set_cookie("zone", "Pacific/Honolulu")
    assert rows(village.get(VERA, PAGE, q="on:2026-10-31").text) == [1]
    for nonsense in ("../../etc/passwd", "Nowhere/Land", "x" * 2000):
        browser.set_cookie("zone", nonsense)
        assert rows(village.get(VERA, PAGE, q="on:2026-11-01").text) == [1]


def test_suggestions_come_from_the_grammar_and_name_only_what_the_reader_sees(village: Village) -> None:
    def offered(who: int, typed: str) -> list[str]:
        html = village.partial(who, f"{PAGE}/suggestions", q=typed, cursor=len(typed)).text
        return [unescape(found) for found in re.findall(r'data-query="([^"]*)"', html)]

    assert "sled from:" in offered(VERA, "sled fr")
    assert offered(VERA, "is:de") == ["is:deleted "]
    assert offered(VERA, "from:ve") == ["from:vera "]
    assert offered(BOB, "in:staff") == ["in:staff-room "]
    assert offered(VERA, "in:staff") == []
    assert 'in:"Quiet plans" ' in offered(BOB, "in:qu")
    assert offered(VERA, "in:qu") == []
    assert offered(VERA, "just words here") == offered(VERA, '"open quote') == []


def test_a_suggestion_replaces_only_what_is_under_the_cursor(village: Village) -> None:
    html = village.partial(VERA, f"{PAGE}/suggestions", q="from:ve sled", cursor=7).text
    assert 'data-query="from:vera sled"' in html and 'data-cursor="10"' in html


@pytest.mark.parametrize("cursor", ["", "-5", "99999999999999999999", "x"])
def test_a_strange_cursor_is_no_error(village: Village, cursor: str) -> None:
    assert village.partial(VERA, f"{PAGE}/suggestions", q="fr", cursor=cursor).status_code == 200


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30, "١٢", "1.5"])
def test_a_place_that_no_page_of_ours_names_is_not_found(village: Village, before: str) -> None:
    write(1, "sled")
    assert village.get(VERA, PAGE, before=before).status_code == 404


def test_a_message_can_be_open_beside_the_list_by_the_address_alone(village: Village) -> None:
    write(1, "sled")
    hidden = write(2, "the yeti plan", channel=STAFF_ROOM, author=BOB)
    page = village.get(VERA, PAGE, open=message_id(1)).text
    assert f'data-context-of="{message_id(1)}"' in page
    closed = [village.get(VERA, PAGE, open=one).text for one in (hidden, message_id(99))]
    assert "data-context-of" not in "".join(closed)
    assert rows(closed[0]) == [1]


def test_each_row_names_its_channel_also_one_that_is_gone(village: Village) -> None:
    write(1, "sled", channel=RANDOM)
    with tenant_scope(A):
        apply_event(
            GATEWAY, "CHANNEL_DELETE", {"id": str(RANDOM), "guild_id": str(SERVER_A), "type": 0, "name": "random"}
        )
    assert "#<bdi>random</bdi>" in village.get(VERA, PAGE).text
