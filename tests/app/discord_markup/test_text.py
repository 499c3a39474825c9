from __future__ import annotations

import pytest

from app.web.discord_markup import Look, RoleLook, plain_text, referenced_in, render_text

LOOK = Look(
    people={200000000000000001: "Al<ice>"},
    roles={200000000000000002: RoleLook("Mod & co", 0xFF8800)},
    channels={200000000000000003: "help"},
    person_url=lambda number: f"/members/{number}",
    channel_url=lambda number: f"/channels/{number}",
    image_url=lambda url: f"/img/{url.rsplit('/', 1)[-1]}",
)
BARE = Look()
SPOILER = '<span class="dc-spoiler" role="button" tabindex="0" aria-label="Spoiler: show">'


def body(text: str, look: Look = LOOK, hits: tuple[tuple[int, int], ...] = ()) -> str:
    whole = str(render_text(text, look, hits))
    start = whole.index(">") + 1
    return whole[start : -len("</div>")]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**b** *i* _i_ __u__ ~~s~~", "<strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s>"),
        ("***both***", "<strong><em>both</em></strong>"),
        ("***a** b*", "<em><strong>a</strong> b</em>"),
        ("**bold *and italic* too**", "<strong>bold <em>and italic</em> too</strong>"),
        ("__under **bold**__", "<u>under <strong>bold</strong></u>"),
        ("||hidden `x`||", f'{SPOILER}hidden <code class="dc-inline">x</code></span>'),
        ("||```\ncode\n```||", f'{SPOILER}<code class="dc-code">code</code></span>'),
        ("snake_case_name", "snake_case_name"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("**left open", "**left open"),
        ("a ** b", "a ** b"),
        ("****", "****"),
        (r"\*not\* \_this\_ \`nor\` \<@1>", "*not* _this_ `nor` &lt;@1&gt;"),
        (r"back\slash", r"back\slash"),
        ("`` a`b ``", '<code class="dc-inline">a`b</code>'),
        ("`**no**`", '<code class="dc-inline">**no**</code>'),
        ("`alone", "`alone"),
    ],
)
def test_marks_inside_a_line_look_as_on_discord(written: str, shown: str) -> None:
    assert body(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "# One\n## Two\n### Three\n#### four",
            '<strong class="dc-heading dc-heading--1">One</strong>'
            '<strong class="dc-heading dc-heading--2">Two</strong><strong class="dc-heading dc-heading--3">Three</strong>#### four',
        ),
        ("#tag is no heading", "#tag is no heading"),
        (
            "before\n-# small **print**\nafter",
            'before<small class="dc-subtext">small <strong>print</strong></small>after',
        ),
        ("> one\n> *two*\nthree", "<blockquote>one\n<em>two</em></blockquote>three"),
        (">>> all\nof it", "<blockquote>all\nof it</blockquote>"),
        ("> > no quote in a quote", "<blockquote>&gt; no quote in a quote</blockquote>"),
        (">no space", "&gt;no space"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("3. c\n4. d", '<ol start="3"><li>c</li><li>d</li></ol>'),
        ("- a\n1. b", "<ul><li>a</li></ul><ol><li>b</li></ol>"),
        ("-no list", "-no list"),
        (
            "```py\nprint(1)\n\nprint(2)\n```after",
            '<code class="dc-code" data-language="py">print(1)\n\nprint(2)</code>after',
        ),
        ("```one line```", '<code class="dc-code">one line</code>'),
        ("```\n# no heading\n> no quote\n```", '<code class="dc-code"># no heading\n&gt; no quote</code>'),
        ("``` never closed\n# heading", '``` never closed<strong class="dc-heading dc-heading--1">heading</strong>'),
        ("two\n\nlines", "two\n\nlines"),
    ],
)
def test_lines_are_laid_out_as_on_discord(written: str, shown: str) -> None:
    assert body(written) == shown


def test_mentions_show_names_lead_to_pages_and_carry_the_role_colour() -> None:
    assert body("<@200000000000000001> <@!200000000000000001>") == " ".join(
        ['<a class="dc-mention" href="/members/200000000000000001">@Al&lt;ice&gt;</a>'] * 2
    )
    assert body("<@&200000000000000002>") == '<span class="dc-mention" data-color="#ff8800">@Mod &amp; co</span>'
    assert body("<#200000000000000003>") == '<a class="dc-mention" href="/channels/200000000000000003">#help</a>'
    assert body("@everyone @here @everyoneelse") == (
        '<span class="dc-mention">@everyone</span> <span class="dc-mention">@here</span> @everyoneelse'
    )
    assert body("</ban user:200000000000000009>") == '<span class="dc-mention">/ban user</span>'


def test_ids_without_a_name_show_as_unknown_and_a_hidden_channel_is_no_link() -> None:
    assert body("<#200000000000000009>") == '<span class="dc-mention">#unknown</span>'
    assert body("<@&200000000000000009>") == '<span class="dc-mention">@unknown role</span>'
    assert body("<@200000000000000009>", BARE) == '<span class="dc-mention">@unknown person</span>'


def test_a_timestamp_is_a_moment_that_the_page_shows_in_the_readers_zone() -> None:
    assert body("<t:1700000000:R>") == (
        '<time class="dc-time" datetime="2023-11-14T22:13:20Z" data-time="R">14 Nov 2023, 22:13 UTC</time>'
    )
    assert 'data-time="f"' in body("<t:1700000000>")
    assert body("<t:9999999999999>") == "&lt;t:9999999999999&gt;"
    assert body("<t:-62135596800:D>").startswith('<time class="dc-time" datetime="0001-01-01T00:00:00Z"')


def test_custom_emoji_are_pictures_only_where_a_page_may_show_them() -> None:
    shown = body("<:yeti:300000000000000001> <a:dance:300000000000000002>")
    assert 'src="/img/300000000000000001.webp" alt=":yeti:"' in shown
    assert 'src="/img/300000000000000002.gif" alt=":dance:"' in shown
    assert body("<:yeti:300000000000000001>", BARE) == '<span class="dc-emoji-name">:yeti:</span>'


def test_only_emoji_are_drawn_large() -> None:
    assert "dc-text--jumbo" in render_text("🎿 <:yeti:300000000000000001>", LOOK)
    assert "dc-text--jumbo" not in render_text("🎿 wow", LOOK)
    assert "dc-text--jumbo" not in render_text("   ", LOOK)


@pytest.mark.parametrize(
    ("written", "address", "label"),
    [
        ("https://foo.bar/baz.", "https://foo.bar/baz", "https://foo.bar/baz"),
        ("(see https://foo.bar/a_(b))", "https://foo.bar/a_(b)", "https://foo.bar/a_(b)"),
        ("<https://foo.bar>", "https://foo.bar", "https://foo.bar"),
        ("[words](https://foo.bar/x)", "https://foo.bar/x", "words"),
        ("[a *b*](<https://foo.bar/x>)", "https://foo.bar/x", "a <em>b</em>"),
        ("[wiki](https://foo.bar/a_(b))", "https://foo.bar/a_(b)", "wiki"),
        ("HTTPS://FOO.bar", "HTTPS://FOO.bar", "HTTPS://FOO.bar"),
    ],
)
def test_links_lead_out_without_a_referrer_and_show_their_address(written: str, address: str, label: str) -> None:
    expected = (
        f'<a href="{address}" title="{address}" rel="noopener noreferrer nofollow ugc" target="_blank">{label}</a>'
    )
    assert expected in body(written)


@pytest.mark.parametrize(
    "written",
    [
        "[x](javascript:alert(1))",
        "[x](data:text/html,hello)",
        "[x](https://)",
        "<javascript:alert(1)>",
        "https://",
        "[x](//foo.bar)",
    ],
)
def test_what_is_no_web_address_is_no_link(written: str) -> None:
    assert "<a " not in body(written)


def test_a_link_inside_the_words_of_a_link_is_only_words() -> None:
    assert body("[see https://a.example](https://b.example)").count("<a ") == 1


def test_hits_are_highlighted_wherever_the_text_is_laid_out() -> None:
    text = "# keys\n> free keys\n- keys **keys** `keys`"
    hits = tuple((at, at + 4) for at in range(len(text)) if text.startswith("keys", at))
    assert body(text, hits=hits).count("<mark>keys</mark>") == 5


def test_hits_in_a_quote_are_found_at_their_place_in_the_whole_text() -> None:
    assert body("> aaa\n> bbb\nccc", hits=((8, 11), (12, 15))) == (
        "<blockquote>aaa\n<mark>bbb</mark></blockquote><mark>ccc</mark>"
    )


def test_a_hit_on_a_mention_highlights_the_mention() -> None:
    assert body("<@200000000000000009>", BARE, ((2, 20),)) == (
        '<mark><span class="dc-mention">@unknown person</span></mark>'
    )


def test_hits_out_of_order_overlapping_or_outside_do_no_harm() -> None:
    assert body("abcdef", hits=((3, 5), (1, 4), (5, 5), (-4, 0), (90, 99))) == "a<mark>bcde</mark>f"


def test_a_reply_preview_is_one_line_without_marks_and_keeps_spoilers_covered() -> None:
    assert plain_text("**hi**\nthere <@200000000000000001>", LOOK) == "hi there @Al<ice>"
    assert plain_text("the killer is ||the yeti||", LOOK) == "the killer is ▇▇▇"
    assert plain_text("x" * 300, LOOK, 20) == "x" * 19 + "…"


def test_the_ids_that_texts_name_are_found_for_one_lookup() -> None:
    found = referenced_in(["<@1> <@!2> <#3>", "<@&4> <@99999999999999999999>", "plain"])
    assert (found.people, found.channels, found.roles) == ({1, 2}, {3}, {4})


def test_titles_take_marks_but_no_headings_or_quotes() -> None:
    assert render_text("# **x** > y", LOOK, blocks=False) == "# <strong>x</strong> &gt; y"


def test_markup_of_a_message_is_closed_to_attributes_that_act() -> None:
    assert str(render_text("x", LOOK)).startswith('<div class="dc-text" hx-ignore>')
