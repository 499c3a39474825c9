"""The coverage page, the sentence beside a search, and what set-up shows arriving."""

from __future__ import annotations

from sqlalchemy import select

from app.db.scope import tenant_scope
from app.domain.coverage import service as coverage
from app.domain.coverage.models import Backfill, GapReason
from app.domain.coverage.service import COVERAGE, Missed
from app.extensions import db
from tests.app.coverage.conftest import GENERAL, STAFF_ROOM, Archive, id_of, message, now_ms
from tests.servers.sandbox import ALICE, BOB, VERA

HOUR = 3_600_000


def backfills(archive: Archive) -> list[Backfill]:
    db.session.rollback()
    with tenant_scope(archive.tenant_id):
        return list(db.session.scalars(select(Backfill).order_by(Backfill.created_at, Backfill.id)))


def test_each_channel_has_its_line_and_who_may_not_see_it_has_none(archive: Archive) -> None:
    archive.account(now_ms() - HOUR)

    owner, viewer = archive.get(ALICE, "/coverage"), archive.get(VERA, "/coverage")

    assert owner.status_code == viewer.status_code == 200
    assert "#staff-room" in owner.text
    assert "#staff-room" not in viewer.text
    assert "#general" in viewer.text


def test_a_channel_that_the_bot_cannot_read_is_named_with_the_fix(archive: Archive) -> None:
    archive.account(now_ms() - HOUR)

    for path in ("/coverage", "/set-up"):
        page = archive.get(ALICE, path).text
        assert "#barred" in page
        assert "Read Message History" in page


def test_a_search_says_what_it_rests_on(archive: Archive) -> None:
    began = now_ms()
    archive.account(began - 3 * HOUR)
    coverage.note_watermarks(COVERAGE, {began - HOUR: {archive.tenant_id}})
    archive.account(began, Missed(GapReason.RESTART, {GENERAL: id_of(began - 1000), STAFF_ROOM: 0}))

    page = archive.get(ALICE, "/messages", q="in:general snow").text

    assert "Complete since" in page
    assert "1 gap is being filled" in page


def test_history_is_asked_for_stopped_and_goes_on(archive: Archive) -> None:
    archive.account(now_ms() - HOUR)

    asked = archive.post(BOB, "/coverage/backfills", channel_id=str(GENERAL), days="all")
    assert asked.status_code == 303
    wanted = backfills(archive)[-1]
    assert (wanted.channel_id, wanted.requested_by, wanted.oldest_id) == (GENERAL, BOB, 0)
    assert "History of #general" in archive.get(BOB, "/coverage").text

    archive.post(BOB, f"/coverage/backfills/{wanted.id}/cancellation")
    assert backfills(archive)[-1].cancelled_at is not None
    assert "Stopped" in archive.get(BOB, "/coverage").text
    archive.post(BOB, f"/coverage/backfills/{wanted.id}/resumption")
    assert backfills(archive)[-1].is_running


def test_a_viewer_reads_the_page_and_asks_for_nothing(archive: Archive) -> None:
    archive.account(now_ms() - HOUR)

    assert "Fetch more history" not in archive.get(VERA, "/coverage").text
    assert archive.post(VERA, "/coverage/backfills", channel_id="", days="30").status_code == 403


def test_set_up_shows_the_newest_week_arriving_channel_by_channel(archive: Archive) -> None:
    began = now_ms()
    archive.account(began)
    (week,) = coverage.claim_backfills(COVERAGE, {archive.tenant_id}, 5, 60.0)
    with tenant_scope(archive.tenant_id):
        assert coverage.start_backfill(COVERAGE, week.id, week.token, archive.own, [], 250)
    page = archive.get(ALICE, "/set-up").text
    assert "Arriving" in page
    assert 'hx-trigger="every 2s"' in page
    for gap in archive.claim():
        asked = archive.asked(gap)
        assert asked is not None
        brought = [message(id_of(began - 1000 - n), channel=gap.channel_id) for n in range(3)]
        archive.take(gap, asked, brought if gap.channel_id == GENERAL else [])

    done = archive.get(ALICE, "/coverage/arriving").text

    assert "3 messages" in done
    assert "#general" in done
    assert "hx-trigger" not in done, "what is finished asks no more"


def test_the_archive_that_is_off_has_nothing_to_fetch(archive: Archive) -> None:
    answer = archive.post(ALICE, "/coverage/backfills", channel_id="", days="30")

    assert answer.status_code == 303
    assert backfills(archive) == []
