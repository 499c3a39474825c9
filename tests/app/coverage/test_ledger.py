"""The ledger's rules: what opens a gap, what fills it, what is stated."""

from __future__ import annotations

from sqlalchemy import select

from app.db.claimable import JobState
from app.db.scope import tenant_scope
from app.domain.coverage import service as coverage
from app.domain.coverage.models import CoverageInterval, Gap, GapReason
from app.domain.coverage.queries import coverage_of
from app.domain.coverage.service import COVERAGE, Missed
from app.domain.messages.models import Message
from app.domain.messages.reader import Reader
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.extensions import db
from tests.app.coverage.conftest import BARRED, EVERYTHING, GENERAL, STAFF_ROOM, Archive, id_of, message, now_ms

HOUR = 3_600_000


def live_channels(archive: Archive) -> set[int]:
    with tenant_scope(archive.tenant_id):
        return set(db.session.scalars(select(CoverageInterval.channel_id).where(CoverageInterval.until_id.is_(None))))


def gaps(archive: Archive, reason: GapReason) -> list[Gap]:
    db.session.rollback()
    with tenant_scope(archive.tenant_id):
        return list(db.session.scalars(select(Gap).where(Gap.reason == reason).order_by(Gap.channel_id)))


def heard(archive: Archive, message_id: int, content: str = "hello", channel: int = GENERAL) -> None:
    """A message over the gateway."""
    told = message(message_id, content, channel)
    index_batch(COVERAGE, [ArchiveRecord(archive.tenant_id, RecordKind.CREATED, told, now_ms())])


def interrupted(archive: Archive, since_ms: int, until_ms: int, **newest: int) -> None:
    """The bot was away between two moments."""
    coverage.note_watermarks(COVERAGE, {since_ms: {archive.tenant_id}})
    ids = {GENERAL: newest.get("general", 0), STAFF_ROOM: newest.get("staff", 0)}
    archive.account(until_ms, Missed(GapReason.RESTART, ids))


def test_what_the_bot_can_read_goes_live_and_nothing_is_missing_yet(archive: Archive) -> None:
    archive.account(now_ms())

    assert live_channels(archive) == {GENERAL, STAFF_ROOM}
    assert not gaps(archive, GapReason.RESTART)


def test_accounting_again_changes_nothing(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - HOUR)
    interrupted(archive, began - HOUR, began, general=id_of(began - HOUR // 2))

    first = [(gap.after_id, gap.before_id) for gap in gaps(archive, GapReason.RESTART)]
    archive.account(began)
    archive.account(began + 1000)

    assert [(gap.after_id, gap.before_id) for gap in gaps(archive, GapReason.RESTART)] == first


def test_a_channel_in_which_nothing_can_have_happened_has_no_gap(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - 2 * HOUR)

    interrupted(archive, began - HOUR, began, general=id_of(began - HOUR // 2), staff=id_of(began - 90 * HOUR))

    # Away for an hour or more: the quiet channel is looked through for threads alone, its own stretch stays whole.
    assert gaps(archive, GapReason.RESTART)[0].channel_id == GENERAL
    with tenant_scope(archive.tenant_id):
        rows = list(db.session.scalars(select(CoverageInterval).where(CoverageInterval.channel_id == STAFF_ROOM)))
    assert len(rows) == 1


def test_pages_fill_a_gap_from_its_newest_end_and_find_what_is_new_changed_and_gone(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - 3 * HOUR)
    old, gone = id_of(began - 2 * HOUR), id_of(began - 2 * HOUR + 1000)
    heard(archive, old, "first words")
    heard(archive, gone, "soon gone")
    interrupted(archive, began - HOUR, began, general=id_of(began - 1000))
    (gap,) = [one for one in archive.claim() if one.channel_id == GENERAL]
    new = [id_of(began - 1000 - number * 10_000) for number in range(100)]

    asked = archive.asked(gap)
    assert asked is not None
    assert asked.before is None
    assert archive.take(gap, asked, [message(one) for one in new])
    asked = archive.asked(gap)
    assert asked is not None
    assert asked.before == min(new)
    edited = message(old, "second words") | {"edited_timestamp": "2099-01-01T00:00:00+00:00"}
    assert not archive.take(gap, asked, [edited])

    (row,) = [one for one in gaps(archive, GapReason.RESTART) if one.channel_id == GENERAL]
    assert (row.state, row.found_new, row.found_changed, row.found_deleted) == (JobState.DONE, 100, 1, 1)
    with tenant_scope(archive.tenant_id):
        lost = db.session.scalars(select(Message).where(Message.id == gone)).one()
        stretches = list(db.session.scalars(select(CoverageInterval).where(CoverageInterval.channel_id == GENERAL)))
        assert not coverage_of(EVERYTHING, [GENERAL]).holes
    assert lost.is_deletion_detected
    assert len(stretches) == 1, "the gap is closed: before, within and after are one"


def test_while_a_gap_is_open_the_answer_says_so(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - 3 * HOUR)
    interrupted(archive, began - HOUR, began, general=id_of(began - 1000))

    with tenant_scope(archive.tenant_id):
        stated = coverage_of(EVERYTHING, [GENERAL])
        elsewhere = coverage_of(EVERYTHING, [STAFF_ROOM])

    (hole,) = stated.holes
    assert hole.is_being_filled
    assert abs(hole.until.timestamp() * 1000 - began) < 1000
    assert not elsewhere.holes
    with tenant_scope(archive.tenant_id):
        assert [one.id for one in coverage_of(EVERYTHING).unreadable] == [BARRED]


def test_killed_between_writing_and_noting_a_page_is_read_again_without_harm(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - 3 * HOUR)
    interrupted(archive, began - HOUR, began, general=id_of(began - 1000))
    (gap,) = [one for one in archive.claim() if one.channel_id == GENERAL]
    page = [message(id_of(began - 1000))]
    asked = archive.asked(gap)
    assert asked is not None
    index_batch(COVERAGE, [ArchiveRecord(archive.tenant_id, RecordKind.FETCHED, page[0], now_ms())])

    asked = archive.asked(gap)
    assert asked is not None
    assert not archive.take(gap, asked, page)

    with tenant_scope(archive.tenant_id):
        assert len(list(db.session.scalars(select(Message)))) == 1


def test_a_claim_that_was_lost_writes_nothing_into_the_ledger(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - 3 * HOUR)
    interrupted(archive, began - HOUR, began, general=id_of(began - 1000))
    (gap,) = [one for one in archive.claim() if one.channel_id == GENERAL]
    asked = archive.asked(gap)
    assert asked is not None
    with tenant_scope(archive.tenant_id):
        coverage.set_back(COVERAGE, gap.id, gap.token, None, 0.0)

    assert not archive.take(gap, asked, [message(id_of(began - 1000))])

    assert [one.pages for one in gaps(archive, GapReason.RESTART) if one.channel_id == GENERAL] == [0]


def test_a_loss_inside_a_stretch_cuts_it_until_it_is_read_again(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - HOUR)
    lost = id_of(began - 60_000)
    with tenant_scope(archive.tenant_id):
        coverage.open_loss_gaps(COVERAGE, GapReason.QUEUE_FULL, {GENERAL: {lost, lost + 5}}, since_ms=began)
        coverage.note_watermarks(COVERAGE, {began: {archive.tenant_id}})
        assert len(coverage_of(EVERYTHING, [GENERAL]).holes) == 1
    (gap,) = [one for one in archive.claim() if one.channel_id == GENERAL]

    asked = archive.asked(gap)
    assert asked is not None
    assert asked.before == lost + 6
    assert not archive.take(gap, asked, [message(lost + 5), message(lost), message(lost - 1)])

    with tenant_scope(archive.tenant_id):
        assert not coverage_of(EVERYTHING, [GENERAL]).holes
        assert set(db.session.scalars(select(Message.id))) == {lost, lost + 5}, "what is older was not asked for"


def test_who_does_not_see_a_channel_hears_of_no_hole_in_it(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - 3 * HOUR)
    interrupted(archive, began - HOUR, began, staff=id_of(began - 1000))
    with tenant_scope(archive.tenant_id):
        assert coverage_of(EVERYTHING).holes
        assert not coverage_of(Reader(1, frozenset({GENERAL}))).holes
