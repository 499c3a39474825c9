"""What a query asks besides words: roles, who deleted, reactions, file names, hosts, cases and languages."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.members.models import GuildMember, GuildRole
from app.domain.messages.grammar import GrammarError, parse
from app.domain.messages.languages import language_of
from app.domain.messages.models import Message
from app.domain.messages.operators import OPERATORS
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.search import search
from app.domain.messages.suggestions import suggest
from app.domain.messages.tokens import tokenise
from app.domain.moderation.models import Case
from app.extensions import db
from tests.app.messages.conftest import (
    ALICE,
    BOB,
    FIRST_MOMENT_MS,
    GENERAL,
    STAFF_ROOM,
    VERA,
    A,
    created,
    deleted,
    index,
    message_id,
    updated,
)
from tests.app.messages.test_search import EVERYTHING, PUBLIC, STAFF, community, numbers

__all__ = ["community"]
KNIGHTS = 500000000000000002
GUILD = 300000000000000001


@pytest.fixture
def roles(community: Flask) -> Flask:
    with tenant_scope(A), transaction():
        for role_id, name in ((GUILD, "@everyone"), (KNIGHTS, "Ice Knights")):  # Staff is there
            db.session.add(GuildRole(id=role_id, name=name))
        for user_id, held in ((BOB, [STAFF, KNIGHTS]), (VERA, [KNIGHTS])):
            ids = [str(one) for one in held]
            db.session.execute(update(GuildMember).where(GuildMember.user_id == user_id).values(role_ids=ids))
    return community


def reacted(
    number: int, emoji: str, *, at: int, user: int = ALICE, added: bool = True, custom: int | None = None
) -> ArchiveRecord:
    kind = RecordKind.REACTION_ADDED if added else RecordKind.REACTION_REMOVED
    wire = {
        "message_id": str(message_id(number)),
        "channel_id": str(GENERAL),
        "user_id": str(user),
        "emoji": {"id": None if custom is None else str(custom), "name": emoji},
    }
    return ArchiveRecord(A, kind, wire, FIRST_MOMENT_MS + at * 1000)


def test_a_role_is_whoever_has_it_now(roles: Flask) -> None:
    index(created(1, author=ALICE), created(2, author=BOB), created(3, author=VERA))

    assert numbers("role:staff") == numbers(f"role:<@&{STAFF}>") == numbers("role:@Staff") == [2]
    assert numbers('role:"ice knights"') == [3, 2]
    assert numbers('role:"ice knights" -role:staff') == [3]
    assert numbers("role:everyone") == [3, 2, 1]
    with tenant_scope(A), transaction():
        db.session.execute(update(GuildMember).where(GuildMember.user_id == BOB).values(role_ids=[]))
    assert numbers("role:staff") == []


def test_who_deleted_a_message_is_asked_by_name(community: Flask) -> None:
    index(created(1), created(2), created(3), deleted(1, at=9), deleted(2, at=9))
    with tenant_scope(A), transaction():
        db.session.execute(update(Message).where(Message.id == message_id(1)).values(deleted_by=BOB))

    assert numbers("deleted-by:bobby") == [1]
    assert numbers("is:deleted -deleted-by:bob") == [2]
    assert numbers("deleted-by:me") == []


def test_a_reaction_is_one_that_the_message_carries_now(community: Flask) -> None:
    index(created(1), created(2), created(3), created(4))
    index(reacted(1, "👍🏽", at=10), reacted(2, "👍", at=10), reacted(2, "👍", at=11, added=False))
    index(reacted(3, "sledparty", at=10, custom=700000000000000001), reacted(4, "❤️", at=10))

    assert numbers("reacted:👍") == [1]
    assert numbers("reacted:sledparty") == numbers("reacted:<:sledparty:700000000000000001>") == [3]
    assert numbers("reacted::SledParty:") == [3]
    assert numbers("reacted:❤") == [4]
    assert numbers("-reacted:👍") == [4, 3, 2]
    assert numbers("reacted:🎉") == []


def test_a_file_is_found_by_words_of_its_name_also_after_an_edit_took_it_away(community: Flask) -> None:
    def attached(name: str) -> list[dict[str, object]]:
        return [{"id": str(hash(name) % 10**15 + 1), "filename": name, "content_type": "", "size": 1, "url": ""}]

    index(
        created(1, "see", attachments=attached("Invoice_2024-final.PDF")),
        created(2, "the invoice", attachments=attached("cat.png")),
        created(3, "gone", attachments=attached("invoice.pdf")),
        updated(3, "gone!", edited=9, at=9),
    )

    assert numbers("filename:invoice") == [3, 1]
    assert numbers('filename:"invoice 2024"') == numbers("filename:invoice_2024") == [1]
    assert numbers("filename:*.pdf") == [3, 1]
    assert numbers("filename:png -filename:pdf") == [2]


def test_a_host_is_the_link_s_or_above_it(community: Flask) -> None:
    index(
        created(1, "https://docs.example.org/a"),
        created(2, "http://example.org:8080/?q=1"),
        created(3, "example.org without a link"),
        created(4, "https://notexample.org"),
        created(5, "card", embeds=[{"title": "x", "url": "https://www.example.org/b"}]),
    )

    assert numbers("host:example.org") == [5, 2, 1]
    assert numbers("host:docs.example.org") == numbers("host:https://docs.example.org/other") == [1]


def test_a_case_names_messages_by_links_in_its_reason(community: Flask) -> None:
    index(created(1), created(2), created(3, channel=STAFF_ROOM))
    with tenant_scope(A), transaction():
        links = f"https://discord.com/channels/{GUILD}/{GENERAL}/{message_id(1)} https://p.example/servers/{GUILD}/messages/{message_id(3)}"
        db.session.add(Case(number=7, kind="ban", source="panel", target_id=VERA, reason=f"see {links}"))
        db.session.add(Case(number=8, kind="ban", source="panel", target_id=VERA, reason="rude"))

    assert numbers("case:7") == numbers("case:#7") == [3, 1]
    assert numbers("case:7", PUBLIC) == [1]
    assert numbers("-case:7") == [2]
    assert "names no message" in refusal("case:8")
    assert "no case 9" in refusal("case:9")


def refusal(query: str) -> str:
    with tenant_scope(A), pytest.raises(GrammarError) as caught:
        search(EVERYTHING, parse(query))
    return f"{caught.value.message} {caught.value.cure}"


def test_names_that_nobody_bears_are_explained(roles: Flask) -> None:
    assert "no role “admin”" in refusal("role:admin")
    assert "Nobody here is called “zed”" in refusal("deleted-by:zed")


SAID = {
    "en": "I think the meeting is on Tuesday, but you should ask her",
    "de": "Ich glaube, das Treffen ist am Dienstag, aber du solltest sie fragen",
    "fr": "Je pense que la réunion est mardi, mais tu devrais lui demander",
    "es": "Creo que la reunión es el martes, pero deberías preguntarle a ella",
    "pt": "Eu acho que a reunião é na terça, mas você deveria perguntar para ela",
    "it": "Penso che la riunione sia martedì, ma dovresti chiedere a lei non a me",
    "nl": "Ik denk dat het overleg op dinsdag is, maar je moet het haar vragen",
    "pl": "Myślę, że spotkanie jest we wtorek, ale nie wiem, czy tak jest",
    "ru": "Я думаю, что встреча во вторник, но ты спроси у неё",
    "uk": "Я думаю, що зустріч у вівторок, але ти запитай її, якщо є час",
    "el": "Νομίζω ότι η συνάντηση είναι την Τρίτη, αλλά δεν είναι για μένα",
    "tr": "Bence toplantı salı günü ama ben bir şey bilmiyorum, sen sor",
    "ja": "会議は火曜日だと思うけど、彼女に聞いてみて",
    "zh": "我觉得会议是在星期二，但是你要问她",
    "ko": "회의는 화요일인 것 같은데 그녀에게 물어봐",
    "ar": "أعتقد أن الاجتماع في يوم الثلاثاء لكن اسأل عن هذا",
    "hi": "मुझे लगता है कि बैठक मंगलवार को है",
    "th": "ผมคิดว่าการประชุมคือวันอังคาร",
}


@pytest.mark.parametrize("language", SAID)
def test_a_sentence_is_in_its_language(language: str) -> None:
    assert language_of(tokenise(SAID[language]).distinct()) == language


def test_what_has_no_small_words_or_as_many_of_two_languages_is_in_none() -> None:
    assert language_of({"lol", "gg"}) is language_of(set()) is language_of({"in"}) is None


def test_messages_are_found_by_their_language(community: Flask) -> None:
    index(*(created(number, text) for number, text in enumerate(SAID.values(), 1)), created(90, "lol"))

    for number, language in enumerate(SAID, 1):
        assert numbers(f"lang:{language}") == [number]
    assert numbers("lang:de OR lang:en") == [2, 1]


def test_every_operator_is_suggested_and_so_are_its_values(roles: Flask) -> None:
    with tenant_scope(A):
        offered = {item.text for begun in "abcdefghilmortw" for item in suggest(EVERYTHING, begun, 1).items}
        assert {f"{name}:" for name in OPERATORS} <= offered

        def first(typed: str) -> str:
            return suggest(EVERYTHING, typed, len(typed)).items[0].text

        assert first("role:kni") == 'role:"Ice Knights"'
        assert first("deleted-by:bo") == "deleted-by:bob"
        assert first("lang:d") == "lang:da"
        assert first("is:bl") == "is:blocked"
        assert first("reacted:") == "reacted:👍"
