from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from app.web.discord_markup import read_body, read_embed

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "embeds",
                    "attachments",
                    "poll",
                    "components",
                    "message_snapshots",
                    "sticker_items",
                    "title",
                    "fields",
                    "name",
                    "value",
                    "author",
                    "url",
                    "color",
                    "image",
                    "filename",
                    "size",
                    "type",
                    "message",
                    "question",
                    "answers",
                    "id",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


def test_an_embed_is_read_with_what_may_be_shown_of_it() -> None:
    embed = read_embed(
        {
            "title": "Changelog",
            "url": "https://example.com/1.4",
            "color": 0x3BA7D9,
            "description": "Ice **melts**",
            "author": {"name": "Bot", "url": "javascript:alert(1)"},
            "fields": [{"name": "Fixed", "value": "12", "inline": True}, {"name": "Note", "value": "x"}, "nonsense"],
            "footer": {"text": "Build 4711"},
            "timestamp": "2026-11-20T18:00:00+00:00",
            "image": {"url": "https://example.com/a.png"},
            "thumbnail": {"url": "file:///etc/passwd"},
        }
    )

    assert embed is not None
    assert (embed.title, embed.url, embed.color) == ("Changelog", "https://example.com/1.4", "#3ba7d9")
    assert (embed.author, embed.author_url) == ("Bot", None)
    assert [(field.name, field.is_inline) for field in embed.fields] == [("Fixed", True), ("Note", False)]
    assert embed.timestamp == datetime(2026, 11, 20, 18, tzinfo=UTC)
    assert (embed.image, embed.thumbnail) == ("https://example.com/a.png", None)


def test_a_colour_that_is_none_of_discords_is_left_out() -> None:
    colours = [read_embed({"title": "x", "color": color}) for color in (0, -1, 1 << 24, "red", True, None)]

    assert [embed.color for embed in colours if embed] == [None] * 6


def test_an_embed_with_nothing_to_show_is_none() -> None:
    assert read_embed({"color": 5, "fields": []}) is None
    assert read_embed("x") is None


def test_files_polls_stickers_components_and_forwards_are_read_from_stored_json() -> None:
    body = read_body(
        json.dumps(
            {
                "attachments": [
                    {"id": "7", "filename": "a.png", "size": 1_204_511, "content_type": "image/png", "width": 4}
                ],
                "poll": {"question": {"text": "Which?"}, "answers": [{"poll_media": {"text": "Glacier"}}]},
                "sticker_items": [{"name": "Yeti"}],
                "components": [
                    {"type": 17, "components": [{"type": 10, "content": "Hello **you**"}]},
                    {"type": 1, "components": [{"type": 2, "label": "Open", "url": "https://example.com"}]},
                ],
                "message_snapshots": [{"message": {"content": "forwarded", "embeds": [{"title": "T"}]}}],
            }
        )
    )

    assert [(file.id, file.name, file.size, file.is_image) for file in body.files] == [(7, "a.png", "1.2 MB", True)]
    assert body.poll is not None and [one.text for one in body.poll.answers] == ["Glacier"]
    assert [one.name for one in body.stickers] == ["Yeti"]
    assert body.texts == ("Hello **you**",)
    assert body.buttons == (("Open", "https://example.com"),)
    assert [(text, inner.embeds[0].title) for text, inner in body.forwards] == [("forwarded", "T")]
    assert "forwarded" in list(body.all_texts())


def test_a_picture_that_could_carry_a_script_is_shown_as_a_file() -> None:
    body = read_body({"attachments": [{"filename": "a.svg", "content_type": "image/svg+xml"}]})

    assert [file.is_image for file in body.files] == [False]


def test_what_is_no_body_is_empty() -> None:
    assert all(read_body(stored).is_empty for stored in (None, "", "{", "[]", "3", "[" * 100_000))


@given(anything)
@settings(deadline=None)
def test_any_stored_json_is_read_without_an_error(stored: object) -> None:
    body = read_body(json.dumps(stored))

    assert all(isinstance(text, str) for text in body.all_texts())


@given(anything)
@settings(deadline=None)
def test_any_value_as_an_embed_is_read_without_an_error(raw: object) -> None:
    embed = read_embed(raw)

    assert embed is None or embed.url is None or embed.url.startswith("http")


def test_a_poll_tells_votes_only_where_they_are_known() -> None:
    asked = {"question": {"text": "Which?"}, "answers": [{"answer_id": 1, "poll_media": {"text": "Ice"}}, {"answer_id": 2, "poll_media": {"text": "Snow", "emoji": {"name": "❄️"}}}]}  # fmt: skip
    told = asked | {"results": {"is_finalized": True, "answer_counts": [{"id": 1, "count": 3}]}}

    unknown, known = read_body({"poll": asked}).poll, read_body({"poll": told}).poll

    assert unknown is not None and unknown.votes is None and not unknown.is_closed
    assert known is not None and known.is_closed and known.votes == 3
    assert [(one.text, one.emoji, one.votes, known.share_of(one)) for one in known.answers] == [
        ("Ice", "", 3, 100), ("Snow", "❄️", 0, 0),
    ]  # fmt: skip


def test_a_voice_message_has_its_length_and_its_wave_and_what_is_none_has_not() -> None:
    voice = {
        "filename": "voice-message.ogg",
        "content_type": "audio/ogg",
        "duration_secs": 67.4,
        "waveform": "AP8AfwA=",
    }
    broken = voice | {"duration_secs": "long", "waveform": "<script>"}

    (sound,), (nothing,) = (read_body({"attachments": [one]}).files for one in (voice, broken))

    assert sound.duration == "1:07"
    assert sound.wave.startswith("M1 15v2M5 0v32M9 15v2")
    assert (nothing.duration, nothing.wave) == ("", "")


def test_stickers_spoilers_commands_and_blocked_texts_are_read() -> None:
    body = read_body(
        {
            "attachments": [{"filename": "a.png", "flags": 8}, {"filename": "SPOILER_b.png"}, {"filename": "c.png"}],
            "sticker_items": [
                {"id": "9", "name": "Yeti", "format_type": 1},
                {"id": "8", "name": "Drawn", "format_type": 3},
            ],
            "interaction_metadata": {"user": {"id": "200000000000000001", "username": "alice"}},
            "interaction": {"name": "ban", "user": {"id": "200000000000000001", "username": "alice"}},
            "blocked": {"matched_keyword": "sled*", "matched_content": "sleds"},
        }
    )

    assert [file.is_spoiler for file in body.files] == [True, True, False]
    assert [one.file for one in body.stickers] == ["/stickers/9.png", None]
    assert body.command is not None and (body.command.user_id, body.command.name) == (200000000000000001, "ban")
    assert body.blocked is not None and body.blocked.content == "sleds"
