"""The owner's settings, requests, one's own page, the data map: by browser, as each person sees them."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clients.bot_api.port import Answer
from app.db.claimable import JobState
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role
from app.domain.clock import utcnow
from app.domain.holds.models import Hold
from app.domain.messages.models import Message
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.moderation.models import Case
from app.domain.notifications.models import Notification
from app.domain.privacy.models import Erasure, ErasureRequest, MemberNotice, PersonalExport
from app.domain.privacy.service import PRIVACY, RETENTION, run_due_work, sweep_retention
from app.domain.staff.models import Membership
from app.domain.tenants.models import ArchiveExclusion, BotSettings, RetentionChange, RetentionRule
from app.extensions import db
from tests.app.messages_web.conftest import (
    FIRST_MOMENT_MS,
    GATEWAY,
    GENERAL,
    RANDOM,
    A,
    Village,
    delete,
    edit,
    payload,
    write,
)
from tests.app.privacy.conftest import counted, form, time_passes
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN, VERA

SETTINGS, REQUESTS = f"/servers/{SERVER_A}/settings/privacy", f"/servers/{SERVER_A}/privacy-requests"


def _settings() -> BotSettings:
    db.session.rollback()
    with tenant_scope(A):
        return db.session.scalars(select(BotSettings)).one()


def _one(model):  # type: ignore[no-untyped-def]
    db.session.rollback()
    with tenant_scope(A):
        return db.session.scalars(select(model)).one()


def test_a_shorter_time_is_counted_shown_and_in_force_only_a_day_after_it_was_confirmed(village: Village) -> None:
    """T44"""
    for number in range(3):
        write(number - 100 * 86_400)
    alice = village.browser(ALICE)

    asked = alice.post(SETTINGS + "/retention", data=form(messages=30, deleted="same", earlier="same", files="same"))
    assert asked.status_code == 200 and "Up to 3 of what is kept now" in asked.text
    assert _settings().retention_days is None and counted(RetentionChange) == 0
    saved = alice.post(SETTINGS + "/retention", data=form(messages=30, confirmed=1))
    assert saved.status_code == 303 and _settings().retention_days is None
    assert "takes effect soon" in alice.get(SETTINGS).text
    sweep_retention(RETENTION)
    assert counted(Message) == 3

    time_passes()
    sweep_retention(RETENTION)

    assert _settings().retention_days == 30 and counted(Message) == 0


def test_a_shortening_is_taken_back_before_it_is_in_force_and_not_after(village: Village) -> None:
    write(1)
    alice = village.browser(ALICE)
    alice.post(SETTINGS + "/retention", data=form(deleted=7, confirmed=1))
    change = _one(RetentionChange)

    assert alice.post(f"{SETTINGS}/retention-changes/{change.id}/undo").status_code == 303
    time_passes()
    sweep_retention(RETENTION)

    assert _one(RetentionChange).state == JobState.CANCELLED and counted(RetentionRule) == 0
    assert alice.post(f"{SETTINGS}/retention-changes/{change.id}/undo").status_code == 409


def test_a_longer_time_and_a_channels_exception_are_in_force_at_once(village: Village) -> None:
    alice = village.browser(ALICE)
    with tenant_scope(A), transaction():
        db.session.scalars(select(BotSettings)).one().retention_days = 30

    assert alice.post(SETTINGS + "/retention", data=form(messages=90)).status_code == 303
    assert _settings().retention_days == 90
    assert alice.post(SETTINGS + "/retention", data=form(channel_id=GENERAL, messages="keep")).status_code == 303

    rule = _one(RetentionRule)
    assert (rule.channel_id, rule.days) == (GENERAL, None) and "#general" in alice.get(SETTINGS).text
    answer = alice.post(SETTINGS + "/retention", data=form(channel_id=GENERAL, messages="same"))
    assert answer.status_code == 200 and "Keep for a shorter time?" in answer.text


@pytest.mark.parametrize("fields", [form(messages=31, confirmed=1), form(messages="same", confirmed=1)])
def test_a_time_that_is_not_offered_is_refused(village: Village, fields: dict[str, str]) -> None:
    with tenant_scope(A), transaction():
        db.session.scalars(select(BotSettings)).one().retention_days = 30
    assert village.browser(ALICE).post(SETTINGS + "/retention", data=fields).status_code == 422
    assert _settings().retention_days == 30 and counted(RetentionChange) == 0


def test_the_set_up_page_shortens_with_the_same_day_of_grace(village: Village) -> None:
    with tenant_scope(A), transaction():
        settings = db.session.scalars(select(BotSettings)).one()
        settings.retention_days, settings.chosen_at = 365, utcnow()
    alice = village.browser(ALICE)

    answer = alice.post(f"/servers/{SERVER_A}/set-up/archive", data=form(retention=30, purpose="moderation"))

    assert answer.status_code == 303
    assert _settings().retention_days == 365 and _one(RetentionChange).days == 30


def test_what_is_excluded_offers_to_delete_what_is_kept_and_does_so_a_day_later(village: Village) -> None:
    gone, stays = write(1, author=STAN), write(2, author=VERA)
    alice = village.browser(ALICE)

    answer = alice.post(SETTINGS + "/exclusions", data=form(kind="member", user_id=STAN))
    assert answer.status_code == 303
    asked = alice.get(answer.headers["Location"])
    assert "Kept now: 1 messages" in asked.text
    assert alice.post(answer.headers["Location"]).status_code == 303
    time_passes()
    sweep_retention(RETENTION)
    assert counted(Message) == 2

    with tenant_scope(A), transaction():
        db.session.scalars(select(ArchiveExclusion)).one().deletes_kept_at = utcnow().replace(year=2020)
    time_passes()
    sweep_retention(RETENTION)

    assert counted(Message, id=gone) == 0 and counted(Message, id=stays) == 1
    assert alice.post(f"{SETTINGS}/exclusions/member/{STAN}/removal").status_code == 303
    assert counted(ArchiveExclusion) == 0


@pytest.mark.parametrize(("kind", "field", "value"), [("channel", "channel_id", GENERAL), ("bots", "x", "")])
def test_kept_messages_of_a_channel_or_of_bots_are_deleted_by_their_own_index(
    village: Village, kind: str, field: str, value: object
) -> None:
    robot = {"id": str(STAN), "username": "robot", "bot": True}
    gone = write(1) if kind == "channel" else write(1, author=STAN, channel=RANDOM)
    if kind == "bots":
        wire = payload(1, channel=RANDOM, edited=5) | {"author": robot}
        index_batch(GATEWAY, [ArchiveRecord(A, RecordKind.FETCHED, wire, FIRST_MOMENT_MS + 5000)])
    stays = write(2, channel=RANDOM)
    alice = village.browser(ALICE)
    where = alice.post(SETTINGS + "/exclusions", data={"kind": kind, field: str(value)}).headers["Location"]
    alice.post(where)
    with tenant_scope(A), transaction():
        db.session.scalars(select(ArchiveExclusion)).one().deletes_kept_at = utcnow().replace(year=2020)
    time_passes()
    sweep_retention(RETENTION)

    assert counted(Message, id=gone) == 0 and counted(Message, id=stays) == 1


def test_only_the_owner_sets_and_only_owner_and_admins_answer(village: Village) -> None:
    for path in (SETTINGS, REQUESTS + "/erasures/new"):
        assert village.browser(BOB).get(path).status_code == 403
        assert village.browser(CHARLIE).get(path).status_code == 404
    assert village.browser(BOB).get(REQUESTS).status_code == 403


def test_my_page_shows_what_each_community_keeps_and_nothing_to_a_stranger(village: Village) -> None:
    write(1, "one", author=STAN)
    write(2, "two", author=STAN)
    edit(2, "two, edited", at=5, author=STAN)
    delete(2, at=9)

    page = village.browser(STAN).get("/me").text

    assert "Snowfall Village" in page and "Charlie&#39;s Den" not in page and "Ask to be erased" in page
    assert village.browser(CHARLIE).get(f"/me/{SERVER_A}/erasure").status_code == 404
    assert village.browser(STAN).get(f"/me/{SERVER_B}/erasure").status_code == 404
    assert village.town.browser().get("/me").status_code == 302


def test_a_member_asks_the_community_is_told_and_grants_and_the_receipt_is_theirs_alone(village: Village) -> None:
    write(1, "one", author=STAN)
    stan, alice = village.browser(STAN), village.browser(ALICE)
    assert stan.post(f"/me/{SERVER_A}/erasure-requests", data=form(words="I have left")).status_code == 303
    assert stan.post(f"/me/{SERVER_A}/erasure-requests").status_code == 303
    request = _one(ErasureRequest)
    assert (request.answer_by - request.asked_at).days == 30
    assert counted(Notification, user_id=ALICE, kind="erasure_requested") == 1
    assert "I have left" in alice.get(REQUESTS).text

    answered = alice.post(f"{REQUESTS}/{request.id}/answers", data=form(answer="grant", words="Done, take care"))
    assert answered.status_code == 303
    time_passes(Erasure)
    run_due_work(PRIVACY)

    assert counted(Message) == 0 and _one(ErasureRequest).user_id is None
    erasure = _one(Erasure)
    mine = stan.get(f"/me/{SERVER_A}/erasures/{erasure.id}/receipt")
    assert json.loads(json.loads(mine.text)["receipt"])["deleted"]["messages"] == 1
    assert village.browser(VERA).get(f"/me/{SERVER_A}/erasures/{erasure.id}/receipt").status_code == 404
    assert alice.get(f"{REQUESTS}/erasures/{erasure.id}/receipt").status_code == 200
    assert alice.post(f"{REQUESTS}/{request.id}/answers", data=form(answer="grant")).status_code == 409


def test_nobody_grants_their_own_request(village: Village) -> None:
    """An erasure takes its person out of the activity log: an admin must not wipe their own trail."""
    with transaction():
        db.session.get_one(Membership, (A, BOB)).role = Role.ADMIN
    write(1, "one", author=BOB)
    bob = village.browser(BOB)
    assert bob.post(f"/me/{SERVER_A}/erasure-requests").status_code == 303
    request = _one(ErasureRequest)

    assert bob.post(f"{REQUESTS}/{request.id}/answers", data=form(answer="grant")).status_code == 403

    assert _one(ErasureRequest).status == "waiting" and counted(Erasure) == 0
    answered = village.browser(ALICE).post(f"{REQUESTS}/{request.id}/answers", data=form(answer="grant"))
    assert answered.status_code == 303 and counted(Erasure) == 1


def test_a_refusal_needs_a_reason_which_the_person_reads_and_a_request_can_be_taken_back(village: Village) -> None:
    stan, alice = village.browser(STAN), village.browser(ALICE)
    stan.post(f"/me/{SERVER_A}/erasure-requests")
    request = _one(ErasureRequest)

    assert alice.post(f"{REQUESTS}/{request.id}/answers", data=form(answer="decline")).status_code == 422
    assert (
        alice.post(
            f"{REQUESTS}/{request.id}/answers", data=form(answer="decline", words="A dispute is open")
        ).status_code
        == 303
    )
    assert "A dispute is open" in stan.get("/me").text

    stan.post(f"/me/{SERVER_A}/erasure-requests")
    assert stan.post(f"/me/{SERVER_A}/erasure-requests/withdrawal").status_code == 303
    assert counted(ErasureRequest, status="withdrawn") == 1 and counted(Erasure) == 0


def test_open_cases_and_holds_are_named_as_exceptions_beside_the_request(village: Village) -> None:
    with tenant_scope(A), transaction():
        db.session.add(Case(number=7, kind="ban", source="panel", status="pending", target_id=STAN))
        db.session.add(Hold(kind="member", object_id=STAN, reason="a court asked"))
    village.browser(STAN).post(f"/me/{SERVER_A}/erasure-requests")

    page = village.browser(ALICE).get(REQUESTS).text

    assert "Case 7" in page and "A legal hold is on them" in page


def test_a_copy_holds_everything_of_mine_and_nothing_of_a_moderator_and_opens_for_me_alone(village: Village) -> None:
    write(1, "first", author=STAN)
    edit(1, "second", at=5, author=STAN)
    write(2, "somebody else's", author=VERA)
    with tenant_scope(A), transaction():
        db.session.add(
            Case(
                number=1,
                kind="kick",
                source="panel",
                status="applied",
                target_id=STAN,
                actor_id=BOB,
                actor_name="Bob the moderator",
                reason="spam",
            )
        )
        declined = ErasureRequest(user_id=STAN, answer_by=utcnow(), status="declined", answered_by=BOB, answer="no")
        db.session.add(declined)
        db.session.add(Membership(tenant_id=A, user_id=STAN, role=Role.VIEWER, added_by=BOB))
    stan = village.browser(STAN)
    assert stan.post(f"/me/{SERVER_A}/copies").status_code == 303
    run_due_work(PRIVACY)
    export = _one(PersonalExport)

    answer = stan.get(f"/me/{SERVER_A}/copies/{export.id}")

    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as copy:
        told = {name: copy.read(name).decode() for name in copy.namelist()}
    [message] = [json.loads(line) for line in told["messages.jsonl"].splitlines()]
    assert message["content"] == "second" and [one["content"] for one in message["earlier_versions"]] == ["first"]
    assert json.loads(told["cases.json"])[0]["reason"] == "spam" and "guild_members.json" in told
    assert json.loads(told["erasure_requests.json"])[0]["answer"] == "no" and "memberships.json" in told
    everything = "".join(told.values())
    assert "Bob" not in everything and str(BOB) not in everything and "somebody else" not in everything
    assert village.browser(VERA).get(f"/me/{SERVER_A}/copies/{export.id}").status_code == 404

    with tenant_scope(A), transaction():
        db.session.scalars(select(PersonalExport)).one().expires_at = utcnow().replace(year=2020)
    assert stan.get(f"/me/{SERVER_A}/copies/{export.id}").status_code == 410
    run_due_work(PRIVACY)
    assert counted(PersonalExport) == 0


def test_the_notice_names_purpose_and_time_and_is_posted_once_by_the_webhook_after_a_question(village: Village) -> None:
    with tenant_scope(A), transaction():
        settings = db.session.scalars(select(BotSettings)).one()
        settings.retention_days, settings.archive_purpose = 90, "moderation"
        settings.publish_channel_id, settings.channels_confirmed_at = GENERAL, utcnow()
    alice, bot = village.browser(ALICE), village.town.bot
    bot.answers[("POST", "/webhooks/messages")] = Answer(200, {"id": "4711", "channel_id": str(GENERAL)})
    assert "for 90 days" in alice.get(SETTINGS + "/notice").text

    assert alice.post(SETTINGS + "/notices").status_code == 303
    assert alice.post(SETTINGS + "/notices").status_code == 409
    run_due_work(PRIVACY)
    run_due_work(PRIVACY)

    [sent] = [body for _caller, _method, path, body in bot.calls if path == "/webhooks/messages"]
    assert sent is not None and "for 90 days" in str(sent["content"]) and "/me" in str(sent["content"])
    assert (sent["purpose"], sent["channel_id"]) == ("publish", str(GENERAL))
    assert (_one(MemberNotice).state, _one(MemberNotice).posted_id) == (JobState.DONE, 4711)


def test_a_notice_whose_outcome_nobody_knows_is_not_posted_again(village: Village) -> None:
    with tenant_scope(A), transaction():
        settings = db.session.scalars(select(BotSettings)).one()
        settings.publish_channel_id, settings.channels_confirmed_at = GENERAL, utcnow()
    bot = village.town.bot
    bot.answers[("POST", "/webhooks/messages")] = Answer(503, {"code": "discord_timeout"})
    village.browser(ALICE).post(SETTINGS + "/notices")

    for _sweep in range(3):
        time_passes(MemberNotice)
        run_due_work(PRIVACY)

    assert len([path for _c, _m, path, _b in bot.calls if path == "/webhooks/messages"]) == 1
    assert "look into the channel" in village.browser(ALICE).get(SETTINGS).text


def test_a_hold_needs_a_reason_and_says_who_set_it(village: Village) -> None:
    alice = village.browser(ALICE)
    assert alice.post(REQUESTS + "/holds", data=form(kind="member", object_id=STAN)).status_code == 422
    assert (
        alice.post(REQUESTS + "/holds", data=form(kind="member", object_id=STAN, reason="a court")).status_code == 303
    )
    page = alice.get(REQUESTS).text
    assert "a court" in page and "Alice" in page
    assert alice.post(f"{REQUESTS}/holds/{_one(Hold).id}/lifting").status_code == 303
    assert _one(Hold).lifted_by == ALICE


def test_the_owner_sees_what_goes_and_what_stays_before_erasing_somebody(village: Village) -> None:
    write(1, author=VERA)
    alice = village.browser(ALICE)
    asked = alice.get(REQUESTS + "/erasures/new", query_string={"user_id": VERA}).text
    assert "They are a member" in asked and "They work here" in asked
    assert alice.post(REQUESTS + "/erasures", data=form(user_id=VERA)).status_code == 303
    assert alice.post(REQUESTS + "/erasures", data=form(user_id="nobody")).status_code == 422
    assert alice.post(REQUESTS + "/erasures", data=form(user_id=ALICE)).status_code == 409
    assert counted(Erasure) == 1


def test_the_data_map_names_every_table_that_holds_something_of_people(village: Village) -> None:
    page = village.town.browser().get("/privacy/data-map").text
    for name in ("messages", "guild_members", "cases", "sessions", "reaction_changes", "erasures"):
        if name in db.metadata.tables:
            assert f"<code>{name}</code>" in page
    assert "counters" not in page


def test_the_set_up_offers_the_notice_once_something_is_kept(village: Village) -> None:
    alice, page = village.browser(ALICE), f"/servers/{SERVER_A}/set-up"
    assert SETTINGS + "/notice" not in alice.get(page).text
    alice.post(page + "/archive", data=form(retention=90, purpose="history"))
    assert SETTINGS + "/notice" in alice.get(page).text
    assert "to find again what was discussed" in alice.get(SETTINGS + "/notice").text


def test_the_case_of_somebody_erased_is_still_a_case(village: Village) -> None:
    with tenant_scope(A), transaction():
        db.session.add(Case(number=5, kind="kick", source="panel", status="applied", target_id=0, target_name=""))
    alice = village.browser(ALICE)
    for path in ("/cases/5", "/cases", ""):
        page = alice.get(f"/servers/{SERVER_A}{path}")
        assert page.status_code == 200 and "somebody who was erased" in page.text and "/members/0" not in page.text


def test_whoever_keeps_longer_after_all_takes_the_waiting_shortening_back_with_it(village: Village) -> None:
    alice = village.browser(ALICE)
    alice.post(SETTINGS + "/retention", data=form(messages=30, confirmed=1))
    alice.post(SETTINGS + "/retention", data=form(messages=90, confirmed=1))
    assert counted(RetentionChange, state=JobState.CANCELLED) == 1 and counted(RetentionChange, state="pending") == 1

    with tenant_scope(A), transaction():
        db.session.scalars(select(BotSettings)).one().retention_days = 30
    alice.post(SETTINGS + "/retention", data=form(messages="keep"))

    assert counted(RetentionChange, state="pending") == 0 and _settings().retention_days is None


def test_whoever_may_answer_is_told_again_once_before_the_thirty_days_are_over(village: Village) -> None:
    village.browser(STAN).post(f"/me/{SERVER_A}/erasure-requests")
    run_due_work(PRIVACY)
    assert _one(Notification).times == 1
    with tenant_scope(A), transaction():
        db.session.scalars(select(ErasureRequest)).one().answer_by = utcnow() + timedelta(days=4)

    for _sweep in range(2):
        run_due_work(PRIVACY)

    assert _one(Notification).times == 2
    alice = village.browser(ALICE)
    alice.post(f"{REQUESTS}/{_one(ErasureRequest).id}/answers", data=form(answer="grant"))
    assert _one(Notification).closed_at is not None
