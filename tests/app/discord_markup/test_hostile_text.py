from __future__ import annotations

import sys
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.web.discord_markup import Look, RoleLook, plain_text, render_text
from tests.app.discord_markup.reading import Markup

NASTY_NAME = "<img src=x onerror=alert(1)>\"'"
LOOK = Look(
    people={100000000000000001: NASTY_NAME},
    roles={100000000000000002: RoleLook(NASTY_NAME, 1 << 40)},
    channels={100000000000000003: NASTY_NAME},
    image_url=lambda url: url,
)
FRAGMENTS = [
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "||",
    "`",
    "``",
    "```",
    "\n",
    " ",
    "\\",
    "> ",
    ">>> ",
    "# ",
    "## ",
    "-# ",
    "- ",
    "  - ",
    "1. ",
    "[",
    "]",
    "](",
    ")",
    "(https://a.example/x)",
    "https://a.example/",
    "http://",
    "<https://a.example>",
    "<@100000000000000001>",
    "<@&100000000000000002>",
    "<#100000000000000003>",
    "<:e:100000000000000004>",
    "<t:1:R>",
    "@everyone",
    "<",
    ">",
    "&",
    '"',
    "'",
    "<script>",
    "</div>",
    "-->",
    "a",
    "雪",
    "مرحبا",
    "😀",
    "\u202e",
    "\x00",
    "\ud800",
    "javascript:alert(1)",
    "hx-get=/x",
    "{{ 7 * 7 }}",
]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=60).map("".join)
spans = st.lists(st.tuples(st.integers(-5, 200), st.integers(-5, 200)), max_size=8)

XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "[x](javascript:alert(1))",
    '[x](https://a.example/"onmouseover=alert(1)//)',
    '<https://a.example/"onmouseover="alert(1)>',
    'https://a.example/"><script>alert(1)</script>',
    "```html\n</code><script>alert(1)</script>\n```",
    '```"onclick=alert(1)\nx```',
    "`</code><script>`",
    "# </strong><script>alert(1)</script>",
    "||</span><iframe src=javascript:alert(1)>||",
    "<div hx-get='/servers' hx-trigger='load'>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<form action=//evil.example><input name=q>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!-- --><![CDATA[ x ]]>",
    "\u202eevil\u202c",
    '<:"onerror=:100000000000000001>',
]


@given(texts, spans)
@settings(max_examples=150, deadline=None)
def test_any_text_gives_whole_markup_of_harmless_elements(text: str, hits: list[tuple[int, int]]) -> None:
    """T15, T16"""
    read = Markup(str(render_text(text, LOOK, hits)))

    assert read.problems == []
    assert all(link.startswith(("http://", "https://", "HTTP")) for link in read.links)
    assert read.deepest < 60


@given(
    st.text(max_size=300).filter(
        lambda text: not set(text) & set("\\`*_~|<@[]>#-:\n\r") and not any(c.isdecimal() for c in text)
    )
)
@settings(deadline=None)
def test_text_without_marks_stays_as_it_is(text: str) -> None:
    assert unescape(str(render_text(text, LOOK, blocks=False))) == text


@given(texts)
@settings(max_examples=80, deadline=None)
def test_a_preview_of_any_text_is_one_line_of_the_asked_length(text: str) -> None:
    preview = plain_text(text, LOOK, 80)

    assert "\n" not in preview
    assert len(preview) <= 80


@pytest.mark.parametrize("text", XSS)
def test_a_known_attack_is_only_words(text: str) -> None:
    """T15, T16"""
    shown = str(render_text(text, LOOK, ((3, 9),)))

    assert Markup(shown).problems == []
    assert "javascript:" not in "".join(Markup(shown).links)


LONG = [
    "*",
    "_",
    "`",
    "[",
    "](",
    "[](http://",
    "<http://",
    "```",
    "> ",
    "> a\n",
    "- ",
    "- a\n",
    "||",
    "*a ",
    "**a*b__c_",
    "<",
    "http://",
    "[a](http://b",
    "`a``b```c",
    "\\",
    " ",
    "   - a\n",
    "#",
    "1",
    "@",
    "<t:",
    "<@",
    "~~|",
    "a*",
    "```\n",
    "`\n",
    "](http://a(",
    "-# ",
    "1. ",
    "***a** ",
]


@pytest.mark.parametrize("unit", LONG)
def test_twice_the_text_costs_about_twice_the_steps(unit: str) -> None:
    small, large = (unit * (size // len(unit)) for size in (4_000, 8_000))

    assert steps(large) <= 2.6 * steps(small)


def steps(text: str) -> int:
    """Calls of functions, Python's and C's, while `text` is rendered with many hits."""
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    hits = [(at, at + 1) for at in range(0, len(text), 5)]
    sys.setprofile(count)
    try:
        render_text(text, LOOK, hits)
    finally:
        sys.setprofile(None)
    return counted
