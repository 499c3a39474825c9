"""One message among its neighbours: paged both ways, its versions with what changed, and nothing that is hidden."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.app.messages_web.conftest import (
    RANDOM,
    SECRET_THREAD,
    STAFF_ROOM,
    B,
    Village,
    delete,
    delete_at_once,
    edit,
    message_id,
    react,
    without_reference,
    write,
)
from tests.app.messages_web.test_messages_page import number_of, text_of
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN, VERA


def around(html: str) -> list[int]:
    """The messages shown, in order, by the number they were written with."""
    return [number_of(int(found)) for found in re.findall(r'<li id="context-(\d+)"', html)]


def further(html: str, words: str) -> str:
    """The address behind “Earlier messages” or “Later messages”."""
    for address, label in re.findall(r'<a class="sf-button[^"]*" href="([^"]+)"[^>]*>(.*?)</a>', html, re.S):
        if text_of(label).strip() == words:
            return unescape(address)
    raise AssertionError(f"no “{words}”")


def path(number: int) -> str:
    return f"/messages/{message_id(number)}"


def test_a_message_stands_among_those_of_its_channel_and_is_marked(village: Village) -> None:
    for number in range(1, 31):
        write(number, f"message {number}", channel=RANDOM if number % 10 == 5 else 400000000000000001)
    page = village.get(VERA, path(16))
    assert page.status_code == 200
    assert around(page.text) == [9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22]
    marked = re.findall(r'<li id="context-(\d+)" class="ms-marked" aria-current="true"', page.text)
    assert marked == [str(message_id(16))]
    assert "#general" in page.text


def test_one_reads_on_in_both_directions_to_the_ends(village: Village) -> None:
    for number in range(1, 41):
        write(number, f"message {number}")
    page = village.get(VERA, path(20)).text
    assert around(page) == list(range(14, 27))
    browser = village.browser(VERA)
    earlier = browser.get(further(page, "Earlier messages")).text
    assert around(earlier) == list(range(2, 14))
    assert f'href="/servers/{SERVER_A}{path(20)}"' in earlier and "Back to the message" in earlier
    first = browser.get(further(earlier, "Earlier messages")).text
    assert around(first) == [1]
    with pytest.raises(AssertionError):
        further(first, "Earlier messages")
    later = browser.get(further(page, "Later messages")).text
    assert around(later) == list(range(27, 39))
    assert around(browser.get(further(later, "Later messages")).text) == [39, 40]


def test_the_panel_gets_only_the_part_and_further_rows_alone(village: Village) -> None:
    for number in range(1, 41):
        write(number, f"message {number}")
    panel = village.partial(VERA, path(20))
    assert "<html" not in panel.text and f'data-context-of="{message_id(20)}"' in panel.text
    assert "data-close-beside" in panel.text
    rows = village.partial(VERA, path(20), before=message_id(14))
    assert around(rows.text) == list(range(2, 14))
    assert "context-known" not in rows.text and "<html" not in rows.text
    last = village.partial(VERA, path(20), before=message_id(2))
    assert around(last.text) == [1] and "begins here" in last.text
    assert around(village.partial(VERA, path(20), after=message_id(38)).text) == [39, 40]


def test_every_version_is_there_with_the_words_that_changed(village: Village) -> None:
    write(1, "meet at five, bring the sled")
    edit(1, "meet at six, bring the sled", at=60)
    edit(1, "meet at six, bring your sled <b>now</b>", at=120)
    html = village.get(VERA, path(1)).text
    assert "3 versions" in html
    versions = html[html.index('id="context-versions"') :]
    changes = re.findall(r"<(del|ins)>.*?</span>(.*?)</\1>", versions, re.S)
    assert [(kind, unescape(text)) for kind, text in changes] == [
        ("del", "the"), ("ins", "your"), ("ins", " <b>now</b>"), ("del", "five"), ("ins", "six"),
    ]  # fmt: skip
    sides = re.findall(r'<p class="ms-diff">(.*?)</p>', versions, re.S)
    assert [text_of(re.sub(r'<span class="sf-unseen">.*?</span>', "", side)) for side in sides] == [
        "meet at six, bring the sled", "meet at six, bring your sled <b>now</b>",
        "meet at five, bring the sled", "meet at six, bring the sled",
    ]  # fmt: skip


def test_a_file_and_embeds_that_an_edit_removed_are_named(village: Village) -> None:
    file = {
        "id": "71",
        "filename": "map.png",
        "content_type": "image/png",
        "size": 9,
        "url": "https://cdn.discordapp.com/x",
    }
    write(1, "look", attachments=[file], embeds=[{"title": "Big news"}])
    edit(1, "look", at=60)
    html = village.get(VERA, path(1)).text
    assert "Removed the file map.png" in html and "Removed the embeds" in html


def test_a_message_edited_very_often_shows_the_newest_versions_and_says_so(village: Village) -> None:
    write(1, "draft 0")
    for number in range(1, 51):
        edit(1, f"draft {number}", at=number * 10)
    html = village.get(VERA, path(1)).text
    assert "51 versions" in html and "11 earlier versions are not shown" in html


def test_a_deleted_message_is_kept_and_says_when_it_went(village: Village) -> None:
    write(1, "soon gone")
    delete(1, at=3600)
    html = village.get(VERA, path(1)).text
    assert "soon gone" in html
    known = html[html.index('id="context-known"') :]
    assert "Deleted" in known and 'datetime="2026-11-01T09:00:00Z"' in known


def test_it_leads_to_the_author_the_channel_and_can_be_linked_to(village: Village) -> None:
    write(1, "hello", author=BOB)
    html = village.get(VERA, path(1)).text
    assert f'href="/servers/{SERVER_A}/members/{BOB}"' in html
    assert f'data-copy="http://127.0.0.1:5999/servers/{SERVER_A}{path(1)}"' in html
    assert f'data-copy="{message_id(1)}"' in html and f'data-copy="{BOB}"' in html
    assert f"https://discord.com/channels/{SERVER_A}/400000000000000001/{message_id(1)}" in html


def test_a_hidden_a_foreign_and_a_missing_message_are_the_same_404(village: Village) -> None:
    """T41: by id, as page, as panel and as further rows."""
    write(1, "open")
    hidden = write(2, "the yeti plan", channel=STAFF_ROOM, author=BOB)
    secret = write(3, "quiet", channel=SECRET_THREAD, author=BOB)
    foreign = write(4, "of the den", tenant=B, author=CHARLIE)
    missing = message_id(99)
    asked = [village.get(VERA, f"/messages/{one}") for one in (hidden, secret, foreign, missing)]
    asked += [village.get(VERA, f"/messages/{one}", before=message_id(50)) for one in (hidden, missing)]
    assert {answer.status_code for answer in asked} == {404}
    assert len({without_reference(answer) for answer in asked}) == 1
    partials = [
        village.partial(VERA, f"/messages/{one}", **more) for one in (hidden, missing) for more in ({}, {"after": 1})
    ]
    assert {answer.status_code for answer in partials} == {404}
    assert len({without_reference(answer) for answer in partials}) == 1
    for who in (BOB, ALICE):
        assert "the yeti plan" in village.get(who, f"/messages/{hidden}").text


def test_strangers_find_no_message_by_its_id(village: Village) -> None:
    write(1, "open")
    for who in (CHARLIE, STAN):
        assert village.get(who, path(1)).status_code == 404
    assert village.browser(CHARLIE).get(f"/servers/{SERVER_B}{path(1)}").status_code == 404


def test_a_reply_to_what_is_hidden_shows_nothing_of_it(village: Village) -> None:
    hidden = write(1, "the yeti plan", channel=STAFF_ROOM, author=BOB)
    write(2, "yes", type=19, message_reference={"message_id": str(hidden)}, author=ALICE)
    html = village.get(VERA, path(2)).text
    assert "the yeti plan" not in html and str(hidden) not in html
    assert "A message that is not in the archive." in html
    assert "the yeti plan" in village.get(BOB, path(2)).text


def test_a_deletion_whose_message_was_never_seen_is_no_message(village: Village) -> None:
    delete(7, at=60)
    assert village.get(ALICE, path(7)).status_code == 404


@pytest.mark.parametrize("number", ["0", "x", "01", "9223372036854775808", "-1"])
def test_what_is_no_id_is_not_found(village: Village, number: str) -> None:
    assert village.get(ALICE, f"/messages/{number}").status_code == 404


def test_what_one_person_writes_in_a_row_stands_under_one_head_and_each_day_is_said_once(village: Village) -> None:
    day = 24 * 3600
    for number, author in ((1, VERA), (2, VERA), (3, BOB), (4, BOB), (500, BOB), (day, BOB), (day + 1, VERA)):
        write(number, f"message {number}", author=author)
    html = village.get(VERA, path(500)).text
    rows = re.findall(r'<li id="context-(\d+)"(?: class="([\w-]+)")?', html)
    assert [(number_of(int(one)), look) for one, look in rows] == [
        (1, ""), (2, "ms-grouped"), (3, ""), (4, "ms-grouped"), (500, "ms-marked"), (day, ""), (day + 1, ""),
    ]  # fmt: skip
    assert re.findall(r'<p class="ms-day"><time datetime="([\d-]+)"', html) == ["2026-11-01", "2026-11-02"]
    village.browser(VERA).set_cookie("zone", "Pacific/Kiritimati")
    assert 'class="ms-day"><time datetime="2026-11-01"' in village.get(VERA, path(500)).text


def test_the_authors_record_stands_beside_the_message_with_what_may_be_done(village: Village) -> None:
    write(1, "hello", author=VERA)
    write(2, "hidden from viewers", author=VERA, channel=STAFF_ROOM)
    for reader, count, acts in ((BOB, 2, ["timeout", "kick", "ban"]), (VERA, 1, [])):
        html = village.get(reader, path(1)).text
        record = html[html.index('id="context-author"') :]
        assert f">{count}</a>" in record
        assert re.findall(r'data-act="(\w+)"', record) == acts


def test_an_act_from_a_message_names_it_in_the_reason_and_leads_back(village: Village) -> None:
    write(1, "buy my sleds", author=VERA)
    write(2, "of another", author=ALICE)
    asked = f"/members/{VERA}/timeouts/new"
    link = f"http://127.0.0.1:5999/servers/{SERVER_A}{path(1)}"
    form = village.get(BOB, asked, message=message_id(1)).text
    assert f"Message: {link}" in form and f'href="/servers/{SERVER_A}{path(1)}"' in form
    for other in (message_id(2), message_id(3)):
        assert "Message: " not in village.get(BOB, asked, message=other).text


def test_who_opened_a_deleted_message_is_noted_and_told_to_admins_alone(village: Village) -> None:
    write(1, "soon gone")
    village.get(BOB, path(1))
    delete(1, at=60)
    for _again in range(2):
        village.get(BOB, path(1))
    own = village.get(ALICE, path(1)).text
    opened = own[own.index('class="ms-viewings"') :]
    opened = opened[: opened.index("</ul>")]
    assert opened.count("<li>") == 2 and "Bob" in opened and "times" not in opened
    assert 'class="ms-viewings"' not in village.get(BOB, path(1)).text


def test_reactions_polls_and_stickers_are_drawn(village: Village) -> None:
    write(
        1,
        "",
        poll={
            "question": {"text": "Which sled?"},
            "answers": [{"answer_id": 1, "poll_media": {"text": "The red one"}}],
        },
        sticker_items=[{"id": "9", "name": "Yeti", "format_type": 1}],
    )
    for emoji in ({"id": None, "name": "❄️"}, {"id": "77", "name": "party"}):
        react(1, VERA, emoji)
    react(1, BOB, {"id": None, "name": "❄️"})
    html = village.get(VERA, path(1)).text
    reactions = html[html.index('class="dc-reactions"') :]
    assert re.findall(r"<span>(\d+)</span>", reactions[: reactions.index("</ul>")]) == ["2", "1"]
    assert 'alt=":party:"' in reactions and "Which sled?" in html and "The red one" in html
    assert 'alt="Sticker: Yeti"' in html


def test_messages_that_were_deleted_at_once_say_so(village: Village) -> None:
    for number in (1, 2, 3):
        write(number, f"spam {number}")
    delete_at_once(1, 2, 3, at=60)
    assert village.get(VERA, path(2)).text.count("one of 3 deleted at once") == 3


def test_what_discord_itself_writes_is_a_sentence_with_what_it_adds(village: Village) -> None:
    write(1, "", type=7)
    write(2, "3", type=8)
    write(3, "sled repairs", type=18)
    write(4, "8", type=0)
    html = village.get(VERA, path(2)).text
    assert "<em>joined the server</em>" in html and "<em>boosted the server</em> (3 boosts)" in html
    assert "<em>started a thread:</em> sled repairs" in html and "(8 boosts)" not in html
