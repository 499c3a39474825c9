"""From what Discord tells, in any order and however often, to the archive's rows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.clients import clients
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import release_connection, transaction
from app.domain.access import Actor, Role
from app.domain.errors import Forbidden
from app.domain.messages import service, shelf
from app.domain.messages.merge import gather
from app.domain.messages.models import Attachment, Message, MessageRevision, MessageTerm, RevisionTerm, Word
from app.domain.messages.postings import KnownWords
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.tokens import TermCache, channel_token, crc_term
from app.domain.messages.traits import Trait
from app.domain.tenants.exclusions import Archiving
from app.domain.tenants.models import BotSettings
from app.extensions import db
from tests.app.messages.conftest import (
    ALICE,
    BOB,
    FIRST_MOMENT_MS,
    GENERAL,
    ROW_TABLES,
    A,
    B,
    blocked,
    bulk_deleted,
    cleared,
    created,
    deleted,
    fetched,
    forget,
    index,
    listed,
    logged,
    logged_bulk,
    message_id,
    missing,
    payload,
    reacted,
    updated,
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins like a fresh process."""
    monkeypatch.setattr(service, "KNOWN_WORDS", KnownWords())


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the archive but the words, which may outlive their messages."""
    with all_tenants(reason="the test compares whole tables"):
        rows = {
            model.__tablename__: sorted(
                (tuple(row) for row in db.session.execute(select(*model.__table__.columns))),
                key=lambda row: tuple(map(str, row)),
            )
            for model in ROW_TABLES
        }
        release_connection()
        return rows


def the_message(number: int, tenant: int = A) -> Message:
    with tenant_scope(tenant):
        found = db.session.scalars(select(Message).where(Message.id == message_id(number))).one()
        release_connection()
        return found


def found_by(token: str, model: type[MessageTerm] | type[RevisionTerm] = MessageTerm, tenant: int = A) -> set[int]:
    with tenant_scope(tenant):
        found = set(db.session.scalars(select(model.message_id).where(model.term == crc_term(token))))
        release_connection()
        return found


def test_a_message_is_kept_and_found_by_its_words_its_channel_and_what_it_has(archive: Flask) -> None:
    outcome = index(created(1, "Sled crashes https://example.org"), created(2, "noise"), created(1, "B's", tenant=B))

    assert {(one.tenant_id, one.message_id) for one in outcome.changed} == {
        (A, message_id(1)), (A, message_id(2)), (B, message_id(1)),
    }  # fmt: skip
    assert the_message(1).content == "Sled crashes https://example.org"
    for token in ("sled", "crashes", "host:example.org", "has:link"):
        assert found_by(token) == {message_id(1)}
    assert found_by(channel_token(GENERAL)) == {message_id(1), message_id(2)}
    assert found_by("sled", tenant=B) == set()


def test_an_edit_adds_a_revision_and_moves_the_words(archive: Flask) -> None:
    index(created(1, "the old words"))
    index(updated(1, "the new words", edited=60, at=60))

    message = the_message(1)
    with tenant_scope(A):
        revision = db.session.scalars(select(MessageRevision)).one()
    assert (message.content, message.revision_count, message.has(Trait.EDITED)) == ("the new words", 1, True)
    assert (revision.content, revision.edited_ms) == ("the old words", 0)
    assert (found_by("old"), found_by("new"), found_by("is:edited")) == (set(), {message.id}, {message.id})
    assert (found_by("old", RevisionTerm), found_by("words", RevisionTerm)) == ({message.id}, set())


def test_a_link_that_unfurls_is_no_edit(archive: Flask) -> None:
    index(created(1, "https://example.org"))
    index(updated(1, "https://example.org", embeds=[{"title": "Unfurled"}], at=1))
    index(created(1, "https://example.org"))

    assert (the_message(1).revision_count, found_by("unfurled")) == (0, {message_id(1)})


def test_a_deleted_message_stays_and_says_when(archive: Flask) -> None:
    index(created(1, "secret"), created(2, "other"), created(3, "kept"))
    index(bulk_deleted(1, 2, at=30))
    index(deleted(1, at=90))

    message = the_message(1)
    assert message.content == "secret" and message.deleted_at is not None
    assert message.deleted_at.timestamp() * 1000 == FIRST_MOMENT_MS + 30_000
    assert found_by("is:deleted") == {message_id(1), message_id(2)}
    assert found_by("secret") == {message_id(1)}


def test_a_deletion_that_comes_first_waits_for_its_message(archive: Flask) -> None:
    index(deleted(1, at=30))
    assert the_message(1).author_id is None
    assert found_by("is:deleted") == set()

    index(created(1, "late", author=BOB))

    assert (the_message(1).author_id, the_message(1).content) == (BOB, "late")
    assert found_by("is:deleted") == {message_id(1)}


def test_a_deletion_that_was_only_found_says_between_which_moments_it_happened(archive: Flask) -> None:
    index(created(1, "gone overnight"))

    index(missing(1, at=9, since=3))
    index(missing(1, at=8, since=2))

    with tenant_scope(A):
        row = db.session.scalars(select(Message)).one()
    assert row.is_deletion_detected
    assert row.deleted_at is not None and row.deletion_after is not None
    assert (row.deleted_at.second, row.deletion_after.second) == (8, 3)


def test_what_discord_told_of_a_deletion_takes_precedence_over_what_was_found(archive: Flask) -> None:
    index(created(1), missing(1, at=4, since=1))

    index(deleted(1, at=6))
    index(missing(1, at=2, since=1))

    with tenant_scope(A):
        row = db.session.scalars(select(Message)).one()
    assert row.deleted_at is not None
    assert (row.deleted_at.second, row.is_deletion_detected) == (6, False)


def test_pins_follow_the_newest_word_and_a_repeated_creation_does_not_unpin(archive: Flask) -> None:
    index(created(1), updated(1, pinned=True, at=10))
    index(created(1))
    assert found_by("is:pinned") == {message_id(1)}

    index(updated(1, pinned=False, at=20))
    index(updated(1, pinned=True, at=15))
    assert found_by("is:pinned") == set()


def test_attachments_are_kept_when_an_edit_removes_them(archive: Flask) -> None:
    file = {"id": "77", "filename": "map.png", "content_type": "image/png", "size": 3, "url": "https://cdn/x?ex=1"}
    index(created(1, attachments=[file]))
    index(updated(1, "without", edited=5, at=5))

    with tenant_scope(A):
        attachment = db.session.scalars(select(Attachment)).one()
    assert (attachment.id, attachment.filename, attachment.message_id) == (77, "map.png", message_id(1))


def test_every_word_of_a_text_is_known_for_prefixes(archive: Flask) -> None:
    index(created(1, "wordy <@200000000000000001>", embeds=[{"title": "wörter"}]))

    with tenant_scope(A):
        known = {word.token: word.term for word in db.session.scalars(select(Word))}
    assert known == {token: crc_term(token) for token in ("wordy", "wörter", "@200000000000000001")}


def test_what_cannot_be_read_is_set_aside_and_the_rest_is_kept(archive: Flask) -> None:
    malformed = ArchiveRecord(A, RecordKind.CREATED, {"id": "x"}, 0)
    partial = ArchiveRecord(A, RecordKind.UPDATED, {"id": str(message_id(3)), "channel_id": "7", "embeds": []}, 0)

    outcome = index(malformed, created(1), partial)

    assert [(one.reason, one.message_id) for one in outcome.set_aside] == [
        ("malformed", None),
        ("partial", message_id(3)),
    ]
    assert [one.message_id for one in outcome.changed] == [message_id(1)]


def test_nothing_is_stored_for_a_community_that_keeps_no_archive(archive: Flask) -> None:
    with tenant_scope(B), transaction():
        db.session.scalars(select(BotSettings)).one().archive_enabled = False

    outcome = index(created(1), created(1, tenant=B), deleted(2, tenant=B))

    assert [one.tenant_id for one in outcome.changed] == [A]
    assert {one.reason for one in outcome.set_aside} == {"not_archiving"}
    with tenant_scope(B):
        assert db.session.scalars(select(Message)).all() == []


def test_one_tenants_rows_that_the_database_refuses_do_not_keep_the_others_out(
    archive: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenant deleted a moment ago: its rows have nothing to belong to."""
    gone = 99
    monkeypatch.setattr(service, "archiving", lambda tenants, _channels: {one: Archiving("") for one in tenants})

    outcome = index(created(1, "fine"), created(2, "too late", tenant=gone))

    assert [(one.tenant_id, one.message_id) for one in outcome.changed] == [(A, message_id(1))]
    assert [(one.tenant_id, one.reason) for one in outcome.set_aside] == [(gone, "unstorable")]


def test_only_the_machinery_may_index(archive: Flask) -> None:
    person = Actor(user_id=ALICE, tenant_id=A, guild_id=300000000000000001, role=Role.OWNER)

    with pytest.raises(Forbidden):
        service.index_batch(person, [created(1)])  # type: ignore[arg-type]


def test_who_watches_is_told_what_changed_but_not_the_words(archive: Flask) -> None:
    before = clients().live_bus.read(A, None).cursor
    index(created(1, "secret"))
    index(created(1, "secret"))

    entries = clients().live_bus.read(A, before).entries
    assert [(e.signal.topic.value, e.signal.ref, e.signal.channel_id) for e in entries] == [
        ("messages", f"message:{message_id(1)}", GENERAL)
    ]


FILE = {"id": "88", "filename": "a.png", "content_type": "image/png", "size": 1, "url": "https://cdn/a"}


def _history(number: int) -> st.SearchStrategy[list[ArchiveRecord]]:
    """What may happen to one message, each piece of news with the moment at which it was seen."""
    texts = ["alpha beta", "beta gamma", "ガンマ", "alpha alpha <@200000000000000002>", ""]
    content = st.sampled_from(texts)
    extras = st.sampled_from(
        [{}, {"embeds": [{"title": "Title"}]}, {"attachments": [FILE | {"id": f"88{number}"}]}, {"flags": 4}]
    )
    moments = st.integers(1, 3)
    create = st.builds(lambda text, more: created(number, text, **more), content, extras)
    edit = st.builds(
        lambda text, more, edited, at, pinned: updated(number, text, edited=edited, at=at, pinned=pinned, **more),
        content, extras, moments, st.integers(1, 9), st.booleans(),
    )  # fmt: skip
    unfurl = st.builds(
        lambda text, at: updated(number, text, embeds=[{"title": "Unfurled"}], at=at), content, st.integers(1, 9)
    )
    fetch = st.builds(
        lambda text, at: ArchiveRecord(A, RecordKind.FETCHED, payload(number, text, author=BOB), FIRST_MOMENT_MS + at),
        content,
        moments,
    )
    remove = st.one_of(
        st.builds(lambda at: deleted(number, at=at), moments),
        st.builds(lambda at: bulk_deleted(number, at=at), moments),
    )
    miss = st.builds(lambda at, since: missing(number, at=at, since=min(at, since)), moments, moments)
    return st.lists(st.one_of(create, edit, unfurl, fetch, remove, miss), min_size=1, max_size=5)


def _besides(number: int) -> st.SearchStrategy[list[ArchiveRecord]]:
    """What may happen around a message: reactions, polls, lines of the audit log, texts that AutoMod blocked."""
    moments, emoji = st.integers(1, 4), st.sampled_from(["👍", "❄️", "party:77"])
    react = st.builds(
        lambda sign, who, at, added: reacted(number, sign, who, at=at, added=added),
        emoji, st.sampled_from([ALICE, BOB]), moments, st.booleans(),
    )  # fmt: skip
    clear = st.builds(lambda sign, at: cleared(number, sign, at=at), st.none() | emoji, moments)
    fetch = st.builds(
        lambda counts, at: fetched(number, at=at, reactions=counts),
        st.dictionaries(emoji, st.integers(1, 3), max_size=2), moments,
    )  # fmt: skip
    votes = st.builds(
        lambda count, is_closed, at: updated(number, at=at, poll=poll(count, is_closed=is_closed)),
        st.integers(0, 3), st.booleans(), moments,
    )  # fmt: skip
    entries = st.integers(1, 2)
    line = st.builds(lambda entry, at: logged(entry, ALICE if entry == 1 else BOB, at=at), entries, moments)
    counted = st.builds(
        lambda entry, at, count: listed(entry, ALICE if entry == 1 else BOB, at=at, count=count),
        entries, moments, st.integers(1, 3),
    )  # fmt: skip
    bulk = st.builds(lambda at: bulk_deleted(number, number + 10, at=at), moments)
    bulk_line = st.builds(lambda at: logged_bulk(3, at=at, count=2), moments)
    stopped = st.builds(lambda at: blocked(f"stopped {number}", at=at), moments)
    return st.lists(st.one_of(react, react, clear, fetch, votes, line, counted, bulk, bulk_line, stopped), max_size=7)


def poll(votes: int, *, is_closed: bool) -> dict[str, Any]:
    return {
        "question": {"text": "Which?"},
        "answers": [{"answer_id": 1, "poll_media": {"text": "This"}}],
        "results": {"is_finalized": is_closed, "answer_counts": [{"id": 1, "count": votes, "me_voted": False}]},
    }


histories = st.tuples(_history(1), _history(2)).map(lambda both: both[0] + both[1])
whole_histories = st.tuples(_history(1), _history(2), _besides(1), _besides(2)).map(
    lambda all_of: [record for each in all_of for record in each]
)


def _in_batches(news: Sequence[ArchiveRecord], sizes: random.Random) -> None:
    left = list(news)
    while left:
        size = sizes.randint(1, 4)
        index(*left[:size])
        del left[:size]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(news=whole_histories, shuffle=st.randoms(use_true_random=False))
def test_any_order_any_repetition_and_any_batches_give_the_same_rows(
    archive: Flask, news: list[ArchiveRecord], shuffle: random.Random
) -> None:
    forget()
    _in_batches(news, shuffle)
    as_told = stored()

    forget()
    retold = [*news, *shuffle.choices(news, k=len(news))]
    shuffle.shuffle(retold)
    _in_batches(retold, shuffle)

    assert stored() == as_told


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(news=histories)
def test_the_postings_are_those_of_the_final_state_even_when_many_tokens_share_a_number(
    archive: Flask, monkeypatch: pytest.MonkeyPatch, news: list[ArchiveRecord]
) -> None:
    monkeypatch.setattr(service, "TERMS", TermCache(lambda token: crc_term(token) & 0x0F))
    forget()
    for record in news:
        index(record)
    step_by_step = stored()

    forget()
    index(*news)

    assert stored() == step_by_step
    final, _aside = gather(news)
    postings = service.Postings(service.TERMS)
    expected = {
        (tenant, term, number) for (tenant, number), state in final.items() for term in postings.of(state, set())[0]
    }
    assert set(step_by_step["message_terms"]) == expected


def test_a_rival_that_inserted_the_same_message_first_is_joined(
    archive: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes learn of one message at once: one by its creation, the other by its deletion."""
    load = shelf.load_states
    calls = []

    def blind_once(news: Any) -> Any:
        calls.append(1)
        return {} if len(calls) == 1 else load(news)

    index(created(1, "first"))
    monkeypatch.setattr(shelf, "load_states", blind_once)
    index_outcome = index(deleted(1, at=3))

    assert len(calls) == 2 and len(index_outcome.changed) == 1
    assert the_message(1).content == "first" and the_message(1).deleted_at is not None
