"""What counts as the same word, in every script that people write in."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.messages.tokens import SEGMENT, TermCache, crc_term, distinct_tokens, spans, tokenise


def words(text: str) -> list[str]:
    return tokenise(text).sequence


@pytest.mark.parametrize(
    ("written", "also_written"),
    [
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("Cafe\u0301", "café"),
        ("ﬁne", "fine"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("ﾊﾝｶｸ", "ハンカク"),
        ("h\u200bid\u00adden", "hidden"),
        ("👍🏽", "👍"),
        ("❤️", "❤"),
        ("don’t", "don't"),
        ("__under__ *star*", "under star"),
    ],
)
def test_two_ways_of_writing_a_word_are_one_word(written: str, also_written: str) -> None:
    assert words(written) == words(also_written) != []


def test_words_of_scripts_with_combining_marks_stay_whole() -> None:
    assert words("नमस्ते दुनिया") == ["नमस्ते", "दुनिया"]
    assert words("مَرْحَبًا بكم") == ["مَرْحَبًا", "بكم"]


def test_spaceless_scripts_are_bigrams_and_each_sign_is_findable_alone() -> None:
    found = tokenise("iPhoneを買う。猫")

    assert found.sequence == ["iphone", "を買", "買う", "猫"]
    assert found.extras == ["を", "買", "う"]


def test_a_long_run_of_japanese_is_not_cut_apart() -> None:
    text = "あいうえお" * 40

    assert len(words(text)) == len(text) - 1


def test_a_link_yields_its_words_and_its_hosts_but_not_the_scheme() -> None:
    found = tokenise("see https://user@www.Docs.Example.org:8080/a_b?c=1#d")

    assert found.sequence == ["see", "user", "www", "docs", "example", "org", "8080", "a", "b", "c", "1", "d"]
    assert found.extras == ["host:docs.example.org", "host:example.org"]


def test_mentions_and_custom_emoji_are_tokens_of_their_own_and_timestamps_are_none() -> None:
    text = (
        "<@123456789012345678> <@!123456789012345678> <@&223456789012345678> <#323456789012345678> "
        "<:Blob_Cat:423456789012345678> <a:blob_cat:523456789012345678> <t:1700000000:R> </ban user:623456789012345678>"
    )

    assert words(text) == [
        "@123456789012345678",
        "@123456789012345678",
        "@&223456789012345678",
        "#323456789012345678",
        ":blob_cat:",
        ":blob_cat:",
        "ban",
        "user",
    ]


def test_flags_are_one_token_and_joined_emoji_are_their_parts() -> None:
    assert words("🇩🇪🇫🇷 👩‍💻") == ["🇩🇪", "🇫🇷", "👩", "💻"]


def test_segments_are_marked_in_the_sequence_and_are_no_tokens() -> None:
    found = tokenise(f"title{SEGMENT}größe")

    assert found.sequence == ["title", SEGMENT, "grösse"]
    assert found.distinct() == {"title", "grösse"}


def test_a_longer_word_is_cut_alike_in_texts_and_queries() -> None:
    assert words("a" * 130) == ["a" * 64, "a" * 64, "aa"]
    assert words("ä" * 130) == ["ä" * 64, "ä" * 64, "ää"]


def test_two_tokens_that_share_a_number_are_one_term() -> None:
    cache = TermCache(lambda token: crc_term(token) & 0xFF)

    assert len(cache.terms([f"word{i}" for i in range(5000)])) == 256


def test_a_full_cache_starts_over_and_keeps_answering_alike() -> None:
    cache = TermCache(capacity=2)

    assert [cache.term(word) for word in "abcabc"] == [crc_term(word) for word in "abcabc"]


pieces = st.one_of(
    st.characters(),
    st.sampled_from(list("aA1_ß<>@#:&!/. \n\u200d\ufe0fİﬁ\u0301东京アがㅎ한ไทย🇩🇪👍🏽")),
    st.sampled_from(["https://", "<@123456789012345678>"]),
)
written_text = st.lists(pieces, max_size=80).map("".join)


@given(written_text)
@example("ΐ")  # three signs folded from one
@example("<@123456789012345678><:ab:123456789012345678>東京https://a.b/ﬁ")
def test_highlighting_sees_the_same_tokens_as_the_index(text: str) -> None:
    places = spans(text)

    assert [place.token for place in places] == [token for token in words(text) if token != SEGMENT]
    assert all(0 <= place.start < place.end <= len(text) for place in places)


@given(written_text)
def test_what_a_token_reads_back_as_is_itself(text: str) -> None:
    for token in words(text):
        if token.isalnum():
            assert words(token) == [token]


plain = st.text(alphabet=" aB1_\x1c\x1e\n<:/.", max_size=200)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), plain, st.lists(pieces).map("".join)))
def test_the_short_way_to_distinct_tokens_finds_the_same_as_the_long_one(text: str) -> None:
    assert distinct_tokens(text) == tokenise(text).distinct()


def test_long_runs_are_cut_alike_on_the_short_way() -> None:
    assert distinct_tokens("a" * 130 + " b") == {"a" * 64, "aa", "b"}
