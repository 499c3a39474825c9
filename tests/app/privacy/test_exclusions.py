"""What the owner excludes is kept no more from then on; the index path asks once for a batch."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.messages.models import Message
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.tenants.exclusions import ALL_BOTS, ExclusionKind, mark_of
from app.domain.tenants.models import ArchiveExclusion, BotSettings
from app.extensions import db
from tests.app.messages_web.conftest import (
    FIRST_MOMENT_MS,
    GATEWAY,
    GENERAL,
    HELP_THREAD,
    RANDOM,
    A,
    Village,
    delete,
    message_id,
    payload,
    write,
)
from tests.app.privacy.conftest import counted
from tests.servers.sandbox import STAN, VERA


def _exclude(kind: ExclusionKind, object_id: int, before_id: int | None = None) -> None:
    with tenant_scope(A), transaction():
        db.session.add(ArchiveExclusion(kind=kind, object_id=object_id, before_id=before_id))


def _index(*wires: dict[str, object], kind: RecordKind = RecordKind.CREATED) -> list[str]:
    outcome = index_batch(GATEWAY, [ArchiveRecord(A, kind, wire, FIRST_MOMENT_MS) for wire in wires])
    return [one.reason for one in outcome.set_aside]


def _kept() -> set[int]:
    db.session.rollback()
    with tenant_scope(A):
        return set(db.session.scalars(select(Message.id)))


def test_an_excluded_channel_and_its_threads_are_passed_over_and_others_are_not(village: Village) -> None:
    _exclude(ExclusionKind.CHANNEL, GENERAL)

    reasons = _index(payload(1), payload(2, channel=HELP_THREAD), payload(3, channel=RANDOM))

    assert reasons == ["excluded", "excluded"] and _kept() == {message_id(3)}


def test_an_excluded_person_and_all_bots_are_passed_over(village: Village) -> None:
    _exclude(ExclusionKind.MEMBER, VERA)
    _exclude(ExclusionKind.BOTS, ALL_BOTS)
    robot = {"id": str(STAN), "username": "robot", "bot": True}

    reasons = _index(payload(1, author=VERA), payload(2, author=STAN), payload(3) | {"author": robot})

    assert reasons == ["excluded", "excluded"] and _kept() == {message_id(2)}


def test_of_what_was_kept_before_no_new_text_is_taken_in_but_its_deletion_is(village: Village) -> None:
    write(1, "kept before")
    _exclude(ExclusionKind.CHANNEL, GENERAL)

    assert _index(payload(1, "changed later", edited=9), kind=RecordKind.UPDATED) == ["excluded"]
    delete(1, at=10)
    delete(2, at=10)

    with tenant_scope(A):
        message = db.session.scalars(select(Message)).one()
        assert (message.id, message.content) == (message_id(1), "kept before") and message.deleted_at is not None


def test_whom_the_community_erased_does_not_come_back_with_old_messages_and_may_write_new_ones(
    village: Village,
) -> None:
    with tenant_scope(A):
        salt = db.session.scalars(select(BotSettings.erasure_salt)).one()
    _exclude(ExclusionKind.ERASED, mark_of(salt, VERA), before_id=message_id(100))

    reasons = _index(payload(99), payload(101), payload(98, author=STAN), kind=RecordKind.FETCHED)

    assert reasons == ["excluded"] and _kept() == {message_id(101), message_id(98)}
    assert counted(ArchiveExclusion, object_id=VERA) == 0


@pytest.mark.parametrize("exclusions", [0, 40])
def test_however_much_is_excluded_a_batch_asks_once(village: Village, exclusions: int) -> None:
    for number in range(exclusions):
        _exclude(ExclusionKind.MEMBER, 900 + number)
    asked: list[str] = []

    def heard(_c: object, _k: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", heard)
    try:
        _index(*(payload(number, channel=GENERAL + number % 3) for number in range(30)))
    finally:
        event.remove(db.engine, "before_cursor_execute", heard)

    assert sum("archive_exclusions" in statement for statement in asked) == 1
    assert sum("guild_channels" in statement or "bot_settings" in statement for statement in asked) == 1
