"""Finding messages: what is found, who may find it, and that postings and verification agree with a naive reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from app.db import posting_lists
from app.db.deadline import DeadlineExceeded
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.names import search_names
from app.domain.messages import resolving, service
from app.domain.messages.grammar import And, Filter, GrammarError, Node, Not, Or, Phrase, Prefix, Word, parse, to_text
from app.domain.messages.languages import language_of
from app.domain.messages.models import Message
from app.domain.messages.postings import KnownWords
from app.domain.messages.reader import Reader
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.search import search
from app.domain.messages.tokens import SEGMENT, TermCache, crc_term, tokenise
from app.extensions import db
from tests.app.messages.conftest import (
    ALICE,
    BOB,
    FIRST_MOMENT_MS,
    GENERAL,
    RANDOM,
    STAFF_ROOM,
    VERA,
    A,
    B,
    created,
    deleted,
    forget,
    index,
    message_id,
    updated,
)

THREAD = 400000000000000009
STAFF = 500000000000000001
EVERYTHING = Reader(ALICE, frozenset(), sees_all=True)
PUBLIC = Reader(VERA, frozenset({GENERAL, RANDOM, THREAD}))


@pytest.fixture
def community(archive: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The people and channels of A, known by name."""
    monkeypatch.setattr(service, "KNOWN_WORDS", KnownWords())
    with tenant_scope(A), transaction():
        for user_id, names in ((ALICE, ["alice", "Ada L."]), (BOB, ["bob", "Bobby"]), (VERA, ["vera"])):
            db.session.add(GuildMember(user_id=user_id, username=names[0], search_names=search_names(names)))
        bobs = {"role_ids": [str(STAFF)]}
        db.session.execute(update(GuildMember).where(GuildMember.user_id == BOB).values(**bobs))
        db.session.add(GuildRole(id=STAFF, name="Staff"))
        channels = [(GENERAL, "general", 0, None), (STAFF_ROOM, "staff room", 0, None), (RANDOM, "random", 0, None)]
        for channel_id, name, kind, parent_id in [*channels, (THREAD, "Sled help", 11, GENERAL)]:
            db.session.add(GuildChannel(id=channel_id, name=name, kind=kind, parent_id=parent_id))
    yield archive


def numbers(query: str, reader: Reader = EVERYTHING, tenant: int = A, **options: Any) -> list[int]:
    """Which messages are found, by the number they were made with, as listed."""
    with tenant_scope(tenant):
        page = search(reader, parse(query), **options)
        return [(message.id - message_id(0)) // (1000 << 22) for message in page.messages]


def test_words_phrases_and_beginnings(community: Flask) -> None:
    index(
        created(1, "The red sled crashes"), created(2, "sled red"), created(3, "Sledding is fun"), created(4, "noise")
    )

    assert numbers("sled") == [2, 1]
    assert numbers("red sled") == [2, 1]
    assert numbers('"red sled"') == [1]
    assert numbers("red-sled") == [1]
    assert numbers("sled*") == [3, 2, 1]
    assert numbers("sled* NOT red") == [3]
    assert numbers("fun OR crashes") == [3, 1]
    assert numbers("xyzzy*") == numbers("xyzzy") == []


def test_scripts_without_spaces(community: Flask) -> None:
    index(created(1, "東京タワーに行く"), created(2, "京都の猫"), created(3, "iPhoneを買う"))

    assert numbers("東京タワー") == [1]
    assert numbers("京") == numbers("京*") == [2, 1]
    assert numbers("猫") == [2]
    assert numbers("iPhoneを") == numbers("iphone を買") == [3]


def test_people_channels_and_what_messages_have_and_are(community: Flask) -> None:
    image = {"id": "5", "filename": "a.png", "content_type": "image/png", "size": 1, "url": ""}
    index(
        created(1, "one", author=ALICE),
        created(2, "two", author=BOB, channel=RANDOM, attachments=[image]),
        created(3, "three <@200000000000000001>", author=BOB, channel=THREAD),
        created(4, "four"),
        updated(4, "fourth", edited=9, at=9),
        deleted(1, at=9),
        created(5, "five @everyone", mention_everyone=True),
    )

    assert numbers('from:"Ada L."') == numbers("from:@alice") == numbers(f"from:{ALICE}") == numbers("from:me") == [1]
    assert numbers("from:bobby -in:random") == [3]
    assert numbers("in:#general") == [5, 4, 3, 1]
    assert numbers('in:"sled HELP"') == numbers(f"in:<#{THREAD}>") == [3]
    assert numbers("has:image OR has:file") == [2]
    assert numbers("mentions:me") == numbers(f"mentions:<@{ALICE}>") == [3]
    assert numbers("mentions:everyone") == [5]
    assert numbers("is:deleted") == [1]
    assert numbers("is:edited") == [4]
    assert numbers("was:four") == [4]
    assert numbers("was:fourth") == []
    assert numbers(f"id:https://discord.com/channels/1/{GENERAL}/{message_id(2)}") == [2]
    assert numbers("") == [5, 4, 3, 2, 1]
    assert numbers("NOT from:bob") == [5, 4, 1]


def test_dates_are_spans_of_ids(community: Flask) -> None:
    day = 24 * 3600
    index(created(1, "first"), created(day, "second"), created(2 * day, "third"))

    assert numbers("on:2026-11-02") == [day]
    assert numbers("after:2026-11-01") == [2 * day, day]
    assert numbers("before:2026-11-02 (first OR second)") == [1]
    assert numbers("after:2026-11-01T09:00 before:2026-11-03") == [day]


def test_nobody_finds_what_discord_does_not_show_them(community: Flask) -> None:
    index(created(1, "secret plan", channel=STAFF_ROOM), created(2, "open plan"), created(3, "elsewhere", channel=77))

    assert numbers("plan", PUBLIC) == [2]
    assert numbers("secret", PUBLIC) == numbers(f"id:{message_id(1)}", PUBLIC) == numbers("elsewhere", PUBLIC) == []
    assert numbers("", PUBLIC) == [2]
    assert numbers("", Reader(VERA, frozenset())) == []
    assert numbers("plan", EVERYTHING) == [2, 1]


def test_a_hidden_channel_is_as_unknown_as_one_that_does_not_exist(community: Flask) -> None:
    def complaint(query: str) -> str:
        with pytest.raises(GrammarError) as caught, tenant_scope(A):
            search(PUBLIC, parse(query))
        return caught.value.message.replace(caught.value.word.partition(":")[2], "X")

    assert complaint('in:"staff room"') == complaint("in:nowhere") == complaint(f"in:{STAFF_ROOM}")


def test_a_hidden_reader_learns_no_words_from_beginnings(community: Flask) -> None:
    index(created(1, "sesquipedalian", channel=STAFF_ROOM))

    assert numbers("sesqui*", PUBLIC) == []


def test_other_communities_are_not_searched(community: Flask) -> None:
    index(created(1, "plan"), created(2, "plan", tenant=B))

    assert (numbers("plan"), numbers("plan", tenant=B)) == ([1], [2])


def test_unknown_people_and_too_many_words_are_explained(community: Flask) -> None:
    index(created(1, " ".join(f"abc{number}" for number in range(70))))

    for query, place in (("hi from:nobody", (3, 14)), ("x abc*", (2, 6))):
        with pytest.raises(GrammarError) as caught, tenant_scope(A):
            search(EVERYTHING, parse(query))
        assert caught.value.place == place


def test_pages_follow_each_other_without_gap_or_repetition(community: Flask) -> None:
    index(*(created(number, "page me" if number % 3 else "other") for number in range(1, 100)))
    listed: list[int] = []
    before = None

    with tenant_scope(A):
        while True:
            page = search(PUBLIC, parse("page"), before=before, limit=10)
            listed += [message.id for message in page.messages]
            before = page.older
            if before is None:
                break

    assert listed == [message_id(number) for number in range(99, 0, -1) if number % 3]


def test_many_words_that_begin_alike_are_found_newest_first_wherever_they_stand(community: Flask) -> None:
    letters = "abcdefghijklmnopqrst"
    index(
        *(created(40 + number, f"sled{letter} other", channel=RANDOM) for number, letter in enumerate(letters)),
        created(7_000_000, "sleda sledb"),
        created(20_000_000, "sledt", channel=STAFF_ROOM),
    )
    newest_first = [7_000_000, *reversed(range(40, 60))]

    assert numbers("sled*") == [20_000_000, *newest_first]
    assert numbers("sled*", PUBLIC) == newest_first
    assert numbers("sled*", PUBLIC, limit=5) == newest_first[:5]
    assert numbers("sled*", PUBLIC, before=message_id(45)) == [44, 43, 42, 41, 40]
    assert numbers("sled* in:general") == [7_000_000]
    assert numbers("sled*", PUBLIC, before=message_id(1)) == []


def test_hits_that_few_may_see_are_found_among_many(community: Flask) -> None:
    index(*(created(number, "plan", channel=STAFF_ROOM) for number in range(2, 300)), created(1, "plan"))

    assert numbers("plan", PUBLIC) == [1]


def test_a_search_that_takes_too_long_is_cut_and_says_so(community: Flask) -> None:
    index(*(created(number, "plan") for number in range(3)))

    with tenant_scope(A):
        cut = search(PUBLIC, parse("plan"), seconds=-1.0)
        went_on = search(PUBLIC, parse("plan"), before=cut.older)

    assert (cut.messages, cut.is_cut) == ((), True)
    assert (len(went_on.messages), went_on.is_cut) == (3, False)


def test_hits_are_marked_where_they_stand(community: Flask) -> None:
    index(created(1, "Die STRASSE zur großen Straße, Straßenbahn"))

    with tenant_scope(A):
        page = search(EVERYTHING, parse('"großen straße" strassenb* NOT bahnhof'))
    content = page.messages[0].content

    assert [content[start:end] for start, end in page.highlighter.places(content)] == ["großen Straße", "Straßenbahn"]


# The oracle: the same archive as plain Python, read naively.


@dataclass
class Told:
    """One message as it was told."""

    number: int
    author: int
    channel: int
    texts: list[str]
    title: str | None = None
    is_deleted: bool = False
    deleter: int | None = None
    file: str | None = None
    emoji: str | None = None
    found: list[str] = field(default_factory=list)

    @property
    def signs(self) -> set[str]:
        return {
            word
            for word, present in (
                ("has:embed", self.title is not None),
                ("is:deleted", self.is_deleted),
                ("is:edited", len(self.texts) > 1),
            )
            if present
        }


VOCABULARY = [
    "sled",
    "sledge",
    "red",
    "don't",
    "東京",
    "京都",
    "<@200000000000000002>",
    "😀",
    "a_b",
    "ß",
    "ss",
    "the",
    "https://a.example.org/x",
]
NAMES = {"alice": ALICE, "bob": BOB, "vera": VERA}
CHANNELS = {"general": {GENERAL, THREAD}, "random": {RANDOM}, "staff room": {STAFF_ROOM}}

texts = st.lists(st.sampled_from(VOCABULARY), max_size=5).map(" ".join)
messages = st.builds(
    lambda author, channel, versions, title, gone, by, file, emoji: Told(
        0, author, channel, versions, title, gone, by if gone else None, file, emoji
    ),
    st.sampled_from([ALICE, BOB, VERA]),
    st.sampled_from([GENERAL, RANDOM, STAFF_ROOM, THREAD]),
    st.lists(texts, min_size=1, max_size=3, unique=True),
    st.none() | texts.filter(bool),
    st.booleans(),
    st.none() | st.sampled_from([BOB, ALICE]),
    st.none() | st.sampled_from(["red-sled.png", "invoice 7.pdf"]),
    st.none() | st.sampled_from(["👍", "👍🏽", "🎉"]),
)
leaves = st.one_of(
    st.sampled_from([Word(word) for word in VOCABULARY]),
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(lambda words: Phrase(" ".join(words))),
    st.sampled_from([Prefix("sle"), Prefix("sledg"), Prefix("don't-red"), Prefix("東")]),
    st.sampled_from([Filter("from", name) for name in NAMES]),
    st.sampled_from([Filter("in", name) for name in CHANNELS]),
    st.sampled_from(
        [Filter("is", "deleted"), Filter("is", "edited"), Filter("has", "embed"), Filter("mentions", "bob")]
    ),
    st.sampled_from([Filter("was", "red"), Filter("was", "red sled"), Filter("was", "東京")]),
    st.sampled_from(
        [Filter("before", "2026-11-01T08:01"), Filter("after", "2026-11-01T08:01"), Filter("on", "2026-11-01")]
    ),
)
special_leaves = st.sampled_from(
    [
        Filter("role", "staff"),
        Filter("deleted-by", "bob"),
        Filter("filename", "red sled"),
        Filter("filename", "pdf"),
        Filter("host", "example.org"),
        Filter("lang", "ja"),
        Filter("lang", "en"),
        Filter("reacted", "👍"),
        Filter("is", "blocked"),
    ]
)
queries = st.recursive(
    leaves | special_leaves,
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, min_size=2, max_size=3).map(lambda many: And(tuple(many))),
        st.lists(parts, min_size=2, max_size=3).map(lambda many: Or(tuple(many))),
    ),
    max_leaves=6,
)


def naive(node: Node, told: Told) -> bool:
    match node:
        case And(parts):
            return all(naive(part, told) for part in parts)
        case Or(parts):
            return any(naive(part, told) for part in parts)
        case Not(part):
            return not naive(part, told)
        case Word(text) | Phrase(text):
            return says(told, told.texts[-1], text)
        case Prefix(text):
            return says(told, told.texts[-1], text, beginning=True)
        case Filter("from", name):
            return told.author == NAMES[name]
        case Filter("in", name):
            return told.channel in CHANNELS[name]
        case Filter("mentions", _):
            return "@200000000000000002" in tokenise(told.texts[-1] + SEGMENT + (told.title or "")).distinct()
        case Filter("was", text):
            older = [earlier for earlier in told.texts[:-1] if says(told, earlier, text)]
            return bool(older) and not says(told, told.texts[-1], text)
        case Filter("role", _):
            return told.author == BOB
        case Filter("deleted-by", _):
            return told.deleter == BOB
        case Filter("filename", text):
            return text.replace(" ", "-") in (told.file or "")
        case Filter("host", _):
            return "example.org" in told.texts[-1] + (told.title or "")
        case Filter("lang", language):
            return language_of(tokenise(told.texts[-1] + SEGMENT + everything_beside(told)).distinct()) == language
        case Filter("reacted", _):
            return (told.emoji or "").startswith("👍")
        case Filter("on", _):
            return True
        case Filter("before" | "after" as side, _):
            return told.number < 60 if side == "before" else told.number >= 120
        case Filter(operator, value):
            return f"{operator}:{value}" in told.signs
    raise AssertionError(node)


def says(told: Told, content: str, wanted: str, beginning: bool = False) -> bool:
    """The words of `wanted` stand side by side in one of the message's texts."""
    tokens = tokenise(wanted).sequence
    for text in (content, told.title or "", told.file or ""):
        found = tokenise(text)
        for start in range(len(found.sequence) - len(tokens) + 1):
            window = found.sequence[start : start + len(tokens)]
            ends_alike = window[-1].startswith(tokens[-1]) if beginning else window[-1] == tokens[-1]
            if ends_alike and window[:-1] == tokens[:-1]:
                return True
        if len(tokens) == 1 and tokens[0] in found.extras:
            return True
    return False


def everything_beside(told: Told) -> str:
    return SEGMENT.join(filter(None, (told.file, told.title)))


def tell(archive: list[Told]) -> None:
    news = []
    for place, told in enumerate(archive):
        told.number = 1 + 30 * place if place != 2 else 62
        extra: dict[str, Any] = {"embeds": [{"title": told.title}]} if told.title else {}
        if told.file:
            extra["attachments"] = [{"id": str(9000 + place), "filename": told.file, "size": 1, "url": ""}]
        common: dict[str, Any] = {"author": told.author, "channel": told.channel, **extra}
        news.append(created(told.number, told.texts[0], **common))
        for version, text in enumerate(told.texts[1:], 1):
            news.append(updated(told.number, text, edited=1000 + version, **common))
        if told.is_deleted:
            news.append(deleted(told.number, channel=told.channel, at=2000))
        if told.emoji:
            news.append(reacted(told.number, told.emoji, told.channel))
    index(*news)
    with tenant_scope(A), transaction():
        for told in archive:
            if told.deleter:
                by = update(Message).where(Message.id == message_id(told.number)).values(deleted_by=told.deleter)
                db.session.execute(by)


def reacted(number: int, emoji: str, channel: int) -> ArchiveRecord:
    wire = {
        "message_id": str(message_id(number)),
        "channel_id": str(channel),
        "user_id": str(ALICE),
        "emoji": {"id": None, "name": emoji},
    }
    return ArchiveRecord(A, RecordKind.REACTION_ADDED, wire, FIRST_MOMENT_MS)


@pytest.mark.parametrize(("bits", "merged_one_by_one"), [(32, 8), (8, 1), (3, 1)])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(archive=st.lists(messages, min_size=1, max_size=6), query=queries, sees_all=st.booleans())
def test_search_finds_exactly_what_a_naive_reading_finds(
    community: Flask,
    monkeypatch: pytest.MonkeyPatch,
    bits: int,
    merged_one_by_one: int,
    archive: list[Told],
    query: Node,
    sees_all: bool,
) -> None:
    """With a tokeniser cut to few bits nearly every posting is shared by several words: verification must tell.
    Both ways of reading alternatives are taken."""
    monkeypatch.setattr(posting_lists, "MERGED_ONE_BY_ONE", merged_one_by_one)
    monkeypatch.setattr(service, "TERMS", TermCache(lambda token: crc_term(token) & ((1 << bits) - 1)))
    forget()
    tell(archive)
    reader = EVERYTHING if sees_all else Reader(VERA, frozenset({GENERAL, RANDOM, THREAD, STAFF_ROOM}) - {RANDOM})

    expected = [
        told.number
        for told in sorted(archive, key=lambda one: -one.number)
        if naive(query, told) and (sees_all or told.channel != RANDOM)
    ]

    assert _numbers_unless_hidden(query, reader) in (expected, None)


def _numbers_unless_hidden(query: Node, reader: Reader) -> list[int] | None:
    """None where the query names a channel that this reader does not see: that is an error, tested above."""
    try:
        return numbers(to_text(query), reader)
    except GrammarError as error:
        assert not reader.sees_all and "random" in error.word
        return None


def test_the_first_moment_is_what_the_dates_above_think() -> None:
    assert datetime.fromtimestamp(FIRST_MOMENT_MS / 1000, UTC).isoformat() == "2026-11-01T08:00:00+00:00"


def test_t41_a_beginning_counts_only_words_that_the_reader_could_find(community: Flask) -> None:
    index(created(1, "snow snowman snowfall"))
    index(*(created(100 + number, f"snow{number:03d}", channel=STAFF_ROOM) for number in range(80)))

    assert numbers("snow*", PUBLIC) == [1]
    assert "Too many words begin with “snow”." in _refusal_of("snow*", EVERYTHING)
    assert numbers("snow*", Reader(VERA, frozenset())) == []


def test_t41_hidden_words_push_no_shown_word_out_of_a_beginning(community: Flask) -> None:
    shown = [f"fros{chr(ord('a') + number % 26)}{number:03d}" for number in range(64)]
    index(*(created(number, word) for number, word in enumerate(shown, 1)))
    index(*(created(1000 + number, f"fros{number:04d}", channel=STAFF_ROOM) for number in range(200)))

    assert numbers("fros*", PUBLIC, limit=100) == list(range(64, 0, -1))


def test_t41_a_beginning_is_refused_the_same_with_and_without_hidden_words(community: Flask) -> None:
    index(*(created(number, f"sled{number:03d}") for number in range(1, 66)))
    alone = _refusal_of("sled*", PUBLIC)

    index(*(created(1000 + number, f"sled9{number:03d}", channel=STAFF_ROOM) for number in range(80)))

    assert _refusal_of("sled*", PUBLIC) == alone


def test_a_beginning_that_takes_too_long_is_refused_like_one_of_too_many_words(
    community: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_ends(*_arguments: object) -> list[str]:
        raise DeadlineExceeded("stopped after 3 s")

    monkeypatch.setattr(resolving, "names_with_rows", never_ends)

    assert "Too many words begin with “sle”." in _refusal_of("sle*", PUBLIC)


def test_hosts_are_no_words_and_crowd_none_out(community: Flask) -> None:
    index(created(1, "a hostel by the lake"))
    index(*(created(10 + number, f"https://h{number}.example.org/") for number in range(140)))

    assert numbers("host*") == [1]


def _refusal_of(query: str, reader: Reader, **options: Any) -> str:
    with tenant_scope(A), pytest.raises(GrammarError) as error:
        search(reader, parse(query), **options)
    return f"{error.value}"
