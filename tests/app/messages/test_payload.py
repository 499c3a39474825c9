"""Reading what Discord sends about messages, however strange it is."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from app.domain.messages.payload import IncomingMessage, SetAside, read_deletion, read_message
from app.domain.messages.tokens import SEGMENT
from app.domain.messages.traits import trait_tokens

PLAIN: dict[str, Any] = {
    "id": "1300000000000000001",
    "channel_id": "400000000000000001",
    "author": {"id": "200000000000000003", "username": "vera", "global_name": "Vera", "avatar": None},
    "content": "good morning",
    "timestamp": "2026-11-01T08:00:00.000000+00:00",
    "edited_timestamp": None,
    "mention_everyone": False,
    "mentions": [],
    "attachments": [],
    "embeds": [],
    "pinned": False,
    "type": 0,
    "flags": 0,
}


def read(**changes: Any) -> IncomingMessage:
    message = read_message({**PLAIN, **changes})
    assert isinstance(message, IncomingMessage)
    return message


def tokens_of(message: IncomingMessage) -> set[str]:
    return set(trait_tokens(message.traits))


def test_a_plain_message_keeps_its_words_and_has_nothing_besides() -> None:
    message = read()

    assert (message.id, message.channel_id, message.author_id) == (
        1300000000000000001,
        400000000000000001,
        200000000000000003,
    )
    assert (message.author_name, message.content, message.edited_ms) == ("Vera", "good morning", 0)
    assert (message.extra_text, message.body, message.attachments, message.traits) == (None, None, (), 0)


def test_the_nickname_in_the_community_is_the_name_shown() -> None:
    assert read(member={"nick": "Captain"}).author_name == "Captain"


def test_texts_of_embeds_components_polls_forwards_and_files_can_be_found() -> None:
    message = read(
        embeds=[
            {
                "title": "Patch",
                "description": "notes",
                "fields": [{"name": "Fixed", "value": "sled"}],
                "footer": {"text": "v2"},
            }
        ],
        components=[{"type": 17, "components": [{"type": 9, "components": [{"type": 10, "content": "deep text"}]}]}],
        poll={"question": {"text": "Which map?"}, "answers": [{"poll_media": {"text": "Glacier"}}]},
        message_snapshots=[{"message": {"content": "forwarded words", "attachments": []}}],
        sticker_items=[{"id": "1", "name": "wave", "format_type": 1}],
        attachments=[
            {"id": "9", "filename": "map_one.png", "content_type": "image/png", "description": "a frozen lake"}
        ],
    )

    assert message.extra_text is not None
    assert set(message.extra_text.split(SEGMENT)) == {
        "Patch", "notes", "Fixed", "sled", "v2", "deep text", "Which map?", "Glacier", "forwarded words", "wave",
        "map_one.png", "a frozen lake",
    }  # fmt: skip
    assert tokens_of(message) == {"has:embed", "has:poll", "has:forward", "has:sticker", "has:file", "has:image"}
    assert message.body is not None and orjson.loads(message.body)["attachments"][0]["id"] == "9"


def test_a_reply_that_pings_mentions_whom_it_answers() -> None:
    message = read(
        type=19,
        message_reference={"message_id": "1300000000000000000", "channel_id": PLAIN["channel_id"]},
        content="<@200000000000000002> yes",
        mentions=[{"id": "200000000000000001"}, {"id": "200000000000000002"}],
    )

    assert message.reply_to_id == 1300000000000000000
    assert message.extra_text == "<@200000000000000001>"
    assert tokens_of(message) == {"is:reply"}


def test_an_edit_carries_its_moment_as_version() -> None:
    message = read(edited_timestamp="2026-11-01T08:00:01.250000+00:00")

    assert message.edited_ms == 1793520001250
    assert tokens_of(message) == {"is:edited"}


def test_bots_webhooks_links_and_everyone_are_told_apart() -> None:
    assert tokens_of(read(author={**PLAIN["author"], "bot": True})) == {"is:bot"}
    assert tokens_of(read(webhook_id="1")) == {"is:bot"}
    assert tokens_of(read(content="see https://example.org")) == {"has:link"}
    assert tokens_of(read(mention_everyone=True)) == {"@everyone"}


def test_half_a_surrogate_pair_is_replaced_and_endless_text_is_cut() -> None:
    assert read(content="a\ud83d").content == "a?"
    assert len(read(content="ä" * 50_000).content) == 10_000


def test_an_update_without_content_is_set_aside_to_be_fetched() -> None:
    partial = {"id": PLAIN["id"], "channel_id": PLAIN["channel_id"], "embeds": [{"title": "x"}]}

    assert read_message(partial) == SetAside("partial", int(PLAIN["id"]), int(PLAIN["channel_id"]))


def test_ids_that_no_column_could_hold_are_set_aside() -> None:
    for bad in ("0", "-1", "1e9", "９９", str(1 << 63), "9" * 400, 1.5, True, None, [], {}):
        assert isinstance(read_message({**PLAIN, "id": bad}), SetAside)


def test_deletions_name_their_messages() -> None:
    assert read_deletion({"id": "5", "channel_id": "7"}) == (7, [5])
    assert read_deletion({"ids": ["5", "x", "6"], "channel_id": "7"}) == (7, [5, 6])
    assert read_deletion({"ids": [], "channel_id": "7"}) == SetAside("malformed", None, 7)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet="aé1<>:/@\ud83d\udc00\0😀 ", max_size=20),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from(["title", "type", "id", "filename", "\ud83d"]), children, max_size=4)
    ),
    max_leaves=12,
)
strange_keys = st.sampled_from(
    [*PLAIN, "member", "components", "poll", "message_snapshots", "message_reference", "sticker_items"]
)


@given(st.dictionaries(strange_keys, json_values, max_size=6))
def test_no_strange_payload_makes_reading_raise(strange: dict[str, Any]) -> None:
    found = read_message({**PLAIN, **strange})

    assert isinstance(found, IncomingMessage | SetAside)
    if isinstance(found, IncomingMessage):
        (found.content + (found.extra_text or "") + (found.body or "")).encode()


@given(json_values)
def test_no_strange_deletion_makes_reading_raise(strange: Any) -> None:
    assert read_deletion(strange) is not None
    assert read_message(strange) is not None
    assert read_deletion({"channel_id": "1", "ids": strange}) is not None


def test_deeply_nested_and_huge_payloads_are_kept_within_limits() -> None:
    nested: Any = {"content": "bottom"}
    for _level in range(200):
        nested = {"components": [nested]}
    wide = [{"title": "t" * 9_000, "fields": [{"name": "n", "value": "v" * 9_000}] * 100}] * 100

    message = read(components=[nested], embeds=wide)

    assert message.body is not None and len(message.body) < 300_000
    assert message.extra_text is not None and len(message.extra_text) <= 40_000
