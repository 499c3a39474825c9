"""Reading what Discord sends about messages, however strange it is."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from app.domain.messages.payload import IncomingMessage, SetAside, read_blocked, read_deletion, read_message
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
    assert tokens_of(read(webhook_id="1")) == {"is:bot", "is:webhook"}
    assert tokens_of(read(content="see https://example.org")) == {"has:link"}
    assert tokens_of(read(mention_everyone=True)) == {"@everyone"}


def test_a_voice_message_keeps_how_long_it_is_and_how_it_looks() -> None:
    sound = {
        "id": "9",
        "filename": "voice-message.ogg",
        "content_type": "audio/ogg",
        "duration_secs": 4.2,
        "waveform": "AQID",
    }
    message = read(flags=1 << 13, attachments=[sound | {"size": 10, "url": "https://cdn.example/v"}])

    assert tokens_of(message) == {"has:voice", "has:sound", "has:file"}
    assert message.body is not None
    kept = orjson.loads(message.body)["attachments"][0]
    assert (kept["duration_secs"], kept["waveform"]) == (4.2, "AQID")


def test_an_answer_to_a_command_says_who_ran_it_and_is_no_webhook() -> None:
    ran = {"id": "8", "type": 2, "user": {"id": "200000000000000002", "username": "bob"}}
    message = read(
        webhook_id="77",
        application_id="77",
        author={**PLAIN["author"], "bot": True},
        interaction_metadata=ran,
        interaction={**ran, "name": "weather today"},
    )

    assert tokens_of(message) == {"is:bot", "is:command"}
    body = orjson.loads(message.body or "{}")
    assert (body["interaction_metadata"]["user"]["id"], body["interaction"]["name"]) == (
        "200000000000000002",
        "weather today",
    )


def test_pictures_and_files_in_components_and_in_what_was_forwarded_count_as_such() -> None:
    gallery = {"type": 12, "items": [{"media": {"url": "https://a.example/x", "content_type": "video/mp4"}}]}
    boxed = {
        "type": 17,
        "components": [
            {
                "type": 9,
                "components": [{"type": 10, "content": "text"}],
                "accessory": {"type": 11, "media": {"url": "https://a.example/y", "content_type": "image/png"}},
            },
            {"type": 13, "file": {"url": "https://a.example/z"}, "name": "rules.pdf"},
        ],
    }
    forwarded = {
        "content": "look https://example.org",
        "attachments": [{"id": "5", "filename": "lake.png", "content_type": "image/png"}],
        "components": [{"type": 10, "content": "boxed words"}],
    }

    assert tokens_of(read(components=[gallery])) == {"has:video"}
    boxed_message = read(components=[boxed])
    assert tokens_of(boxed_message) == {"has:image", "has:file"}
    assert boxed_message.extra_text == SEGMENT.join(("text", "rules.pdf"))
    message = read(message_snapshots=[{"message": forwarded}])
    assert tokens_of(message) == {"has:forward", "has:image", "has:file", "has:link"}
    assert set((message.extra_text or "").split(SEGMENT)) == {"look https://example.org", "lake.png", "boxed words"}


def test_a_polls_end_is_found_by_its_answers_not_by_discords_names_for_them() -> None:
    fields = [
        {"name": "poll_question_text", "value": "Which map?"},
        {"name": "victor_answer_text", "value": "Glacier"},
        {"name": "total_votes", "value": "7"},
    ]
    message = read(content="", type=46, embeds=[{"type": "poll_result", "fields": fields}])

    assert message.extra_text == SEGMENT.join(("Which map?", "Glacier", "7"))


BLOCKED: dict[str, Any] = {
    "guild_id": "1",
    "action": {"type": 1, "metadata": {}},
    "rule_id": "900000000000000009",
    "rule_trigger_type": 1,
    "user_id": "200000000000000003",
    "channel_id": "400000000000000001",
    "content": "free nitro https://scam.example",
    "matched_keyword": "nitro",
    "matched_content": "nitro",
}


def test_what_automod_blocked_is_kept_as_if_it_were_a_message_of_that_moment() -> None:
    message = read_blocked(BLOCKED, 1_793_520_000_000)

    assert isinstance(message, IncomingMessage)
    assert (message.author_id, message.content) == (200000000000000003, "free nitro https://scam.example")
    assert tokens_of(message) == {"is:blocked", "has:link"}
    assert (message.id >> 22) + 1_420_070_400_000 == 1_793_520_000_000
    assert orjson.loads(message.body or "{}")["blocked"]["matched_keyword"] == "nitro"
    assert read_blocked(BLOCKED, 1_793_520_000_000) == message
    other = read_blocked({**BLOCKED, "content": "another"}, 1_793_520_000_000)
    assert isinstance(other, IncomingMessage) and other.id != message.id


def test_automods_other_acts_keep_nothing_and_strange_ones_are_set_aside() -> None:
    assert read_blocked({**BLOCKED, "action": {"type": 2}}, 5) is None
    assert read_blocked({**BLOCKED, "message_id": "1300000000000000001"}, 5) is None
    for strange in ({"content": None}, {"user_id": "x"}, {"channel_id": None}):
        assert isinstance(read_blocked({**BLOCKED, **strange}, 5), SetAside)
    assert read_blocked({"action": "x"}, 5) is None


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
