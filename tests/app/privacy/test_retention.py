"""What has been kept long enough goes: messages, deleted ones, earlier versions, by community and channel; holds stay."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.db.claimable import JobState
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.audit.models import AuditEntry
from app.domain.clock import frozen, snowflake_time
from app.domain.holds.service import SetHold, lift_hold, set_hold
from app.domain.messages.models import DeletionEntry, Message, MessageRevision, MessageTerm, RevisionTerm, Word
from app.domain.privacy.models import RetentionSweep
from app.domain.privacy.service import RETENTION, sweep_retention, sweeping
from app.domain.tenants.models import BotSettings, RetentionRule
from app.domain.tenants.retention import EVERYWHERE, Kept
from app.extensions import db
from tests.app.messages_web.conftest import (
    DEN,
    GENERAL,
    HELP_THREAD,
    RANDOM,
    A,
    B,
    Village,
    delete,
    edit,
    message_id,
    write,
)
from tests.app.privacy.conftest import OWNER, counted, time_passes
from tests.servers.sandbox import CHARLIE, VERA

DAY = 86_400
NOW = snowflake_time(message_id(100 * DAY))


def _keep(days: int | None, *rules: tuple[int, Kept, int | None]) -> None:
    with tenant_scope(A), transaction():
        db.session.scalars(select(BotSettings)).one().retention_days = days
        db.session.add_all(RetentionRule(channel_id=channel, kept=kept, days=left) for channel, kept, left in rules)


def _sweep() -> int:
    time_passes()
    with frozen(NOW):
        return sweep_retention(RETENTION)


def _kept(tenant: int = A) -> set[int]:
    db.session.rollback()
    with tenant_scope(tenant):
        return set(db.session.scalars(select(Message.id)))


def test_messages_older_than_the_rule_go_with_their_terms_words_and_revisions_and_nobody_elses(
    village: Village,
) -> None:
    old = write(10 * DAY, "snowplough avalanche")
    write(11 * DAY, "glacier first")
    edit(11 * DAY, "glacier second", at=11 * DAY + 5)
    young = write(90 * DAY, "avalanche again")
    foreign = write(10 * DAY, "snowplough elsewhere", tenant=B, channel=DEN, author=CHARLIE)
    _keep(30)

    deleted = _sweep()

    assert deleted == 3
    assert _kept() == {young} and _kept(B) == {foreign}
    assert counted(MessageRevision) == 0 and counted(RevisionTerm) == 0
    assert counted(MessageTerm, message_id=old) == 0 and counted(MessageTerm, message_id=young) > 0
    assert counted(Word, token="snowplough") == 0 and counted(Word, token="avalanche") == 1
    assert counted(Word, B, token="snowplough") == 1


def test_what_is_kept_for_good_stays_and_a_young_archive_is_not_touched(village: Village) -> None:
    write(1, "ancient")
    _keep(None)
    assert _sweep() == 0
    _keep(365)
    assert _sweep() == 0


def test_deleted_messages_have_a_rule_of_their_own_that_counts_from_their_deletion(village: Village) -> None:
    long_gone = write(1, "deleted long ago")
    delete(1, at=80 * DAY)
    lately = write(2, "deleted lately")
    delete(2, at=99 * DAY)
    ordinary = write(3, "never deleted")
    _keep(None, (EVERYWHERE, Kept.DELETED, 7))

    _sweep()

    assert _kept() == {lately, ordinary} and long_gone not in _kept()


def test_a_channels_own_rule_comes_first_and_covers_its_threads(village: Village) -> None:
    general, thread = write(1, "general"), write(2, "thread", channel=HELP_THREAD)
    elsewhere = write(3, "random", channel=RANDOM)
    _keep(30, (GENERAL, Kept.MESSAGES, None))

    _sweep()

    assert _kept() == {general, thread} and elsewhere not in _kept()


def test_earlier_versions_go_and_the_message_stays_as_it_is_and_is_found_by_its_words(village: Village) -> None:
    one = write(1, "first wording")
    edit(1, "second wording", at=50 * DAY)
    edit(1, "third wording", at=99 * DAY)
    _keep(None, (EVERYWHERE, Kept.EARLIER, 30))

    _sweep()

    with tenant_scope(A):
        message = db.session.scalars(select(Message)).one()
        assert (message.id, message.content, message.revision_count) == (one, "third wording", 0)
    assert counted(MessageRevision) == 0 and counted(RevisionTerm) == 0
    assert counted(Word, token="first") == 0 and counted(Word, token="third") == 1


@pytest.mark.parametrize(
    ("kind", "object_id"), [("message", message_id(1)), ("channel", GENERAL), ("member", VERA)], ids=str
)
def test_what_is_held_stays_until_the_hold_is_lifted(village: Village, kind: str, object_id: int) -> None:
    held = write(1, "held")
    free = write(2, "free", channel=RANDOM, author=CHARLIE)
    with tenant_scope(A):
        hold = set_hold(OWNER, SetHold(kind, object_id, "asked for by a court"))
    _keep(30)

    _sweep()
    assert _kept() == {held} and free not in _kept()

    with tenant_scope(A):
        lift_hold(OWNER, hold.id)
    _sweep()
    assert _kept() == set()


def test_a_sweep_that_was_killed_goes_on_where_it_was_and_counts_each_row_once(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        write(number, f"word{number}")
    _keep(30)
    monkeypatch.setattr(sweeping, "FORGOTTEN_AT_ONCE", 10)
    batches = iter(range(100))

    def killed(*_arguments: object) -> dict[str, int]:
        if next(batches) == 1:
            raise KeyboardInterrupt
        return forget(*_arguments)  # type: ignore[arg-type]

    forget = sweeping.forget_messages
    monkeypatch.setattr(sweeping, "forget_messages", killed)
    with pytest.raises(KeyboardInterrupt):
        _sweep()
    db.session.remove()
    assert len(_kept()) == 15

    _sweep()

    assert _kept() == set()
    with tenant_scope(A):
        entries = [one.after for one in db.session.scalars(select(AuditEntry).filter_by(kind="retention.deleted"))]
        assert [one["messages"] for one in entries if one] == [25]
        sweep = db.session.scalars(select(RetentionSweep)).one()
        assert sweep.state == JobState.PENDING and sweep.places == {} and sweep.attempts == 0


def test_a_round_is_due_again_an_hour_later_and_not_before(village: Village) -> None:
    _keep(30)
    _sweep()
    write(1, "old but late")
    assert sweep_retention(RETENTION) == 0
    assert _sweep() == 1


def test_lines_of_discords_audit_log_are_kept_as_long_as_messages(village: Village) -> None:
    common = {"channel_id": GENERAL, "actor_id": VERA, "at_ms": 1, "counted_ms": 1, "least_ms": 1}
    with tenant_scope(A), transaction():
        db.session.add_all(DeletionEntry(id=message_id(day * DAY), **common) for day in (1, 99))
    _keep(30)

    _sweep()

    assert counted(DeletionEntry) == 1 and counted(DeletionEntry, id=message_id(99 * DAY)) == 1
