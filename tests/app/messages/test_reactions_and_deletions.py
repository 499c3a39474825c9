"""How many reacted with what, and who deleted what, from what Discord tells in any order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import select

from app.clients import clients
from app.db.scope import tenant_scope
from app.db.transaction import release_connection, transaction
from app.domain.messages.comparing import held_before
from app.domain.messages.deletions import Bulk, bulks_of
from app.domain.messages.forgetting import forget_messages
from app.domain.messages.models import Message, ReactionChange, ReactionCount
from app.domain.messages.reactions import reactions_of
from app.domain.tenants.exclusions import ExclusionKind
from app.domain.tenants.models import ArchiveExclusion
from app.extensions import db
from tests.app.messages.conftest import (
    ALICE,
    BOB,
    GENERAL,
    VERA,
    A,
    B,
    blocked,
    bulk_deleted,
    cleared,
    created,
    deleted,
    fetched,
    index,
    listed,
    logged,
    logged_bulk,
    message_id,
    reacted,
    updated,
)


def shown(number: int, tenant: int = A) -> dict[str, int]:
    with tenant_scope(tenant):
        found = reactions_of([message_id(number)]).get(message_id(number), ())
        release_connection()
        return {one.emoji: one.total for one in found}


def deleters(numbers: Iterable[int]) -> list[int | None]:
    with tenant_scope(A):
        rows = {one.id: one.deleted_by for one in db.session.scalars(select(Message))}
        release_connection()
        return [rows[message_id(number)] for number in numbers]


def test_reactions_are_counted_and_taken_back(archive: Flask) -> None:
    index(created(1), created(2), reacted(1, at=1), reacted(1, user=ALICE, at=2), reacted(1, "❄️", at=3))
    index(reacted(1, user=ALICE, at=4, added=False), reacted(1, user=ALICE, at=2), reacted(1, tenant=B))

    assert shown(1) == {"👍": 1, "❄️": 1}
    assert (shown(2), shown(1, B)) == ({}, {"👍": 1})


def test_a_number_that_discord_tells_counts_and_later_changes_are_added_to_it(archive: Flask) -> None:
    index(fetched(1, reactions={"👍": 5}, at=10))
    index(reacted(1, user=ALICE, at=3), reacted(1, user=BOB, at=12), reacted(1, user=VERA, at=11, added=False))

    assert shown(1) == {"👍": 5}

    index(reacted(1, user=BOB, at=13, added=False))
    assert shown(1) == {"👍": 4}


def test_what_discords_list_does_not_name_any_more_is_gone(archive: Flask) -> None:
    index(created(1), reacted(1, at=1), reacted(1, "❄️", at=9))
    index(fetched(1, at=5))

    assert shown(1) == {"❄️": 1}


def test_clearing_takes_away_what_was_there_and_nothing_later(archive: Flask) -> None:
    index(created(1), reacted(1, at=1), reacted(1, "❄️", at=1), reacted(1, user=ALICE, at=5))
    index(cleared(1, "❄️", at=2))
    assert shown(1) == {"👍": 2}

    index(cleared(1, at=3))
    assert shown(1) == {"👍": 1}


def test_a_custom_emoji_is_one_also_where_its_name_is_not_told(archive: Flask) -> None:
    index(created(1), reacted(1, "party:77", at=1), reacted(1, "party:77", ALICE, at=1))
    index(reacted(1, ":77", at=2, added=False))

    with tenant_scope(A):
        (only,) = reactions_of([message_id(1)])[message_id(1)]
    assert (only.custom_id, only.name, only.total) == (77, "party", 1)


def test_who_watches_a_message_is_told_of_its_reactions(archive: Flask) -> None:
    index(created(1))
    before = clients().live_bus.read(A, None).cursor

    index(reacted(1, at=1))

    refs = [entry.signal.ref for entry in clients().live_bus.read(A, before).entries]
    assert refs == [f"message:{message_id(1)}"]


def test_reactions_go_with_their_message(archive: Flask) -> None:
    index(created(1), created(2), reacted(1, at=1), reacted(2, at=1))

    with tenant_scope(A), transaction():
        counts = forget_messages([message_id(1)])
    with tenant_scope(A):
        assert {one.message_id for one in db.session.scalars(select(ReactionChange))} == {message_id(2)}
        assert {one.message_id for one in db.session.scalars(select(ReactionCount))} == {message_id(2)}
    assert (counts["reaction_changes"], counts["reaction_counts"]) == (1, 1)


def test_nobody_is_named_whom_the_owner_excluded_and_nothing_stands_of_their_messages(archive: Flask) -> None:
    with tenant_scope(A), transaction():
        db.session.add(ArchiveExclusion(kind=ExclusionKind.MEMBER, object_id=VERA))
    index(created(1, author=BOB), created(2, author=VERA))

    index(reacted(1, user=VERA, at=1), reacted(1, user=ALICE, at=1), reacted(2, user=ALICE, at=1))
    index(logged(1, by=VERA, author=BOB, at=2), deleted(1, at=2))

    with tenant_scope(A):
        people = {(one.message_id, one.user_id) for one in db.session.scalars(select(ReactionChange))}
    assert people == {(message_id(1), ALICE)}
    assert deleters([1]) == [None]


@pytest.mark.parametrize("comes_first", ["line", "deletion"])
def test_a_line_of_the_audit_log_says_who_deleted(archive: Flask, comes_first: str) -> None:
    index(created(1), created(2), created(3, author=ALICE))
    news = [logged(1, at=10), deleted(1, at=10)]

    for record in news if comes_first == "line" else reversed(news):
        index(record)
    index(deleted(2, at=40), deleted(3, at=10))

    assert deleters([1, 2, 3]) == [BOB, None, None]


def test_what_discord_only_counts_up_is_known_once_the_log_was_read(archive: Flask) -> None:
    index(*(created(number) for number in range(1, 5)))
    index(logged(1, at=10), deleted(1, at=10), deleted(2, at=60), deleted(3, at=90))
    assert deleters([1, 2, 3]) == [BOB, None, None]

    index(listed(1, at=93, count=3))
    index(deleted(4, at=200))

    assert deleters([1, 2, 3, 4]) == [BOB, BOB, BOB, None]


def test_where_the_log_counts_fewer_than_went_only_the_sure_one_is_said(archive: Flask) -> None:
    index(*(created(number) for number in range(1, 4)))

    index(logged(1, at=10), deleted(1, at=10), deleted(2, at=60), deleted(3, at=90), listed(1, at=93, count=2))

    assert deleters([1, 2, 3]) == [BOB, None, None]


def test_what_somebody_deleted_of_their_own_just_before_is_not_the_lines(archive: Flask) -> None:
    index(*(created(number) for number in range(1, 5)))

    index(deleted(1, at=8), deleted(2, at=10), deleted(3, at=11), deleted(4, at=11), logged(1, at=11))
    index(listed(1, at=14, count=3))

    assert deleters([1, 2, 3, 4]) == [None, BOB, BOB, BOB]


def test_of_a_line_that_was_never_heard_of_only_what_it_counts_later_means_anything(archive: Flask) -> None:
    index(created(1), created(2))

    index(deleted(1, at=10), listed(1, at=12, count=5))
    assert deleters([1, 2]) == [None, None]

    index(deleted(2, at=20), listed(1, at=23, count=6))
    assert deleters([1, 2]) == [None, BOB]


def test_a_bulk_deletion_is_one_event_with_whoever_did_it(archive: Flask) -> None:
    index(*(created(number) for number in range(1, 6)))

    index(bulk_deleted(1, 2, 3, 99, at=10), deleted(4, at=10), logged_bulk(1, at=11, count=4))
    index(bulk_deleted(5, at=300))

    assert deleters(range(1, 6)) == [BOB, BOB, BOB, None, None]
    with tenant_scope(A):
        found = bulks_of(map(message_id, range(1, 6)))
    assert found[message_id(2)] == Bulk(message_id(1), 4)
    assert found.keys() == {message_id(1), message_id(2), message_id(3), message_id(5)}


def test_a_new_telling_of_the_message_keeps_who_deleted_it(archive: Flask) -> None:
    index(deleted(1, at=10), logged(1, at=10))
    index(created(1, "late"))
    assert deleters([1]) == [BOB]

    index(updated(1, "an edit that was late, too", edited=5, at=5))
    assert deleters([1]) == [BOB]


def test_what_automod_blocked_is_never_missed_in_discords_own_list(archive: Flask) -> None:
    index(created(1), blocked(at=2), blocked(at=2))

    with tenant_scope(A):
        texts = {one.content for one in db.session.scalars(select(Message))}
        held = held_before(GENERAL, (1 << 63) - 1, 10)
    assert texts == {"hello", "blocked words"}
    assert [one.id for one in held.messages] == [message_id(1)]
