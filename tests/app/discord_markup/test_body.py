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
    assert body.poll is not None and body.poll.answers == ("Glacier",)
    assert body.stickers == ("Yeti",)
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
