"""One person is taken out of every table; what a rule keeps is said; a killed run goes on; the receipt is signed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.clients import clients
from app.contracts.jobs import Job
from app.db.claimable import JobState
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role, SystemActor
from app.domain.accounts.models import LoginSession, User
from app.domain.audit.models import AuditEntry
from app.domain.clock import utcnow
from app.domain.errors import Conflict
from app.domain.exports.models import Export
from app.domain.holds.service import SetHold, lift_hold, set_hold
from app.domain.members.models import GuildMember
from app.domain.messages.models import Message
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.moderation.models import Case, CaseStatus
from app.domain.privacy import erasing, receipts
from app.domain.privacy.models import AccountErasure, Erasure
from app.domain.privacy.receipts import Receipt
from app.domain.privacy.service import PRIVACY, order_erasure, order_everywhere, run_due_work
from app.domain.privacy.service.erasing import run_erasures
from app.domain.staff.models import Membership
from app.extensions import db
from tests.app.messages_web.conftest import (
    DEN,
    FIRST_MOMENT_MS,
    GATEWAY,
    GENERAL,
    RANDOM,
    A,
    B,
    Village,
    payload,
    write,
)
from tests.app.privacy.conftest import OWNER, counted, time_passes
from tests.app.privacy.people import every_value, fill
from tests.servers.sandbox import ALICE, VERA

PERSON, OTHER = 287654321098765432, 287654321098765433
OWN_WORDS, OTHERS_WORDS = "zanzibarquartz", "yellowstonebasalt"
OPERATOR = SystemActor("operator")


def _somebody(user_id: int, words: str) -> None:
    with transaction():
        db.session.add(User(id=user_id, username=words[:32], display_name=words, access_token=words))
        db.session.flush()
        db.session.add(Membership(tenant_id=A, user_id=user_id, role=Role.VIEWER))
    fill(user_id, words)


def _author(user_id: int, words: str) -> dict[str, Any]:
    return {"id": str(user_id), "username": words, "global_name": words, "avatar": "f" * 32}


def _talk() -> None:
    """What both wrote, and what others wrote about the person."""
    for number, user_id, words in ((1, PERSON, OWN_WORDS), (2, OTHER, OTHERS_WORDS)):
        file = {"id": str(700 + number), "filename": f"{words}.png", "size": 3, "url": f"https://cdn/{words}"}
        wire = payload(number, f"I am {words}", author=user_id, attachments=[file])
        _index(wire | {"author": _author(user_id, words)})
        later = payload(number, f"I was {words}x", author=user_id, edited=number + 50, attachments=[file])
        _index(later | {"author": _author(user_id, words)}, RecordKind.UPDATED)
    mention = {"id": str(PERSON), "username": OWN_WORDS}
    _index(payload(3, f"thanks <@{PERSON}> and <@{OTHER}>", author=VERA, mentions=[mention]))
    _index(payload(4, "a reply without the name", author=VERA, mentions=[mention]))
    command = {"id": "1", "name": "roll", "user": mention}
    _index(payload(5, "rolled a six", author=VERA, interaction_metadata=command))
    _index(payload(6, f"was <@!{PERSON}>", author=VERA))
    _index(payload(6, "was somebody", author=VERA, edited=60), RecordKind.UPDATED)


def _index(wire: dict[str, Any], kind: RecordKind = RecordKind.CREATED) -> None:
    assert not index_batch(GATEWAY, [ArchiveRecord(A, kind, wire, FIRST_MOMENT_MS)]).set_aside


def _order(user_id: int = PERSON) -> int:
    with tenant_scope(A):
        return order_erasure(OWNER, user_id).id


def _run() -> None:
    time_passes(Erasure, AccountErasure)
    run_due_work(PRIVACY)


def _row(erasure_id: int) -> Erasure:
    db.session.rollback()
    with all_tenants(reason="the test looks at one erasure"):
        return db.session.scalars(select(Erasure).where(Erasure.id == erasure_id)).one()


def _places_of(needle: str) -> set[str]:
    return {f"{table}.{column}" for table, column, value in every_value() if needle in value}


def test_nothing_of_the_person_is_left_in_any_column_of_any_table_and_all_of_everybody_else_is(
    village: Village,
) -> None:
    """T43"""
    _talk()
    _somebody(PERSON, OWN_WORDS)
    _somebody(OTHER, OTHERS_WORDS)
    others_before = sorted(one for one in every_value() if str(OTHER) in one[2] or OTHERS_WORDS in one[2])
    assert len(_places_of(str(PERSON))) > 20 and len(_places_of(OWN_WORDS)) > 10

    erasure_id = _order()
    _run()

    account = {
        "users.id",
        "users.username",
        "users.display_name",
        "users.access_token",
        "sessions.user_id",
        "sessions.user_agent",
    }
    account |= {"sessions.address", "guild_presences.owner_id"}
    assert _places_of(str(PERSON)) <= account and _places_of(OWN_WORDS) <= account
    others_after = [one for one in every_value() if str(OTHER) in one[2] or OTHERS_WORDS in one[2]]
    lost = {one[:2] for one in others_before} - {one[:2] for one in others_after}
    assert not lost
    row = _row(erasure_id)
    assert row.state == JobState.DONE and row.user_id is None and row.withheld == {}
    assert row.counts["messages"] == 1 and row.counts["message_revisions"] == 1 and row.counts["attachments"] == 1
    assert row.counts["redacted_messages"] == 4 and row.counts["words"] > 0


def test_the_operator_erases_the_account_too_and_then_nothing_is_left_at_all(village: Village) -> None:
    _talk()
    write(9, OWN_WORDS, tenant=B, channel=DEN, author=PERSON)
    _somebody(PERSON, OWN_WORDS)
    with transaction():
        db.session.add(LoginSession(user_id=PERSON, expires_at=utcnow(), user_agent=OWN_WORDS, address="192.0.2.7"))

    account, ordered = order_everywhere(OPERATOR, PERSON)
    account_id = account.id
    assert len(ordered) == 2
    for _round in range(3):
        _run()

    assert _places_of(str(PERSON)) == set() and _places_of(OWN_WORDS) == set()
    db.session.rollback()
    done = db.session.get_one(AccountErasure, account_id)
    assert done.state == JobState.DONE and done.counts["users"] == 1 and done.receipt and done.signature


def test_the_receipt_is_genuine_about_its_person_alone_and_a_changed_one_is_not(village: Village) -> None:
    """T43"""
    write(1, "hello", author=PERSON)
    row = _row(_order())
    _run()
    row = _row(row.id)
    assert row.receipt is not None and row.signature is not None
    receipt = Receipt(row.receipt, row.signature)
    told = json.loads(receipt.text)

    assert told["is_complete"] and told["deleted"]["messages"] == 1 and told["ordered_by"] == "community"
    assert receipts.is_genuine(receipt)
    assert receipts.is_about(receipt, PERSON) and not receipts.is_about(receipt, OTHER)
    assert not receipts.is_genuine(Receipt(receipt.text.replace('"messages": 1', '"messages": 9'), row.signature))
    assert not receipts.is_genuine(Receipt(receipt.text, row.signature.replace("t1.", "t2.")))
    assert str(PERSON) not in receipt.text


def test_a_run_that_was_killed_goes_on_and_counts_each_row_once(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        write(number, f"word{number}", author=PERSON)
    monkeypatch.setattr(erasing, "MESSAGES_AT_ONCE", 10)
    forget, calls = erasing.forget_messages, iter(range(100))

    def killed(ids: Any) -> dict[str, int]:
        counts = forget(ids)
        if next(calls) in (1, 2):
            raise KeyboardInterrupt
        return counts

    monkeypatch.setattr(erasing, "forget_messages", killed)
    erasure_id = _order()
    for _kill in range(2):
        time_passes(Erasure)
        with pytest.raises(KeyboardInterrupt):
            run_erasures(PRIVACY)
        db.session.remove()
    assert counted(Message, author_id=PERSON) == 15

    _run()

    row = _row(erasure_id)
    assert (row.state, row.counts["messages"]) == (JobState.DONE, 25) and counted(Message) == 0


def test_whoever_lost_the_claim_changes_nothing_more(village: Village) -> None:
    write(1, author=PERSON)
    _order()
    time_passes(Erasure)
    from app.domain.privacy.service import erasing as running

    with all_tenants(reason="the test claims and loses the claim"), transaction():
        db.session.execute(update(Erasure).values(lease_token="somebody-else"))
    with tenant_scope(A):
        assert running._one_batch("an-old-token") is False
    assert counted(Message) == 1


def test_a_held_person_keeps_everything_until_the_hold_is_lifted_and_the_receipt_says_so(village: Village) -> None:
    write(1, author=PERSON)
    with tenant_scope(A):
        hold = set_hold(OWNER, SetHold("member", PERSON, "a court asked"))
    erasure_id = _order()
    _run()

    row = _row(erasure_id)
    assert counted(Message) == 1 and row.state == JobState.PENDING and row.user_id == PERSON
    assert row.due_at > utcnow() + timedelta(hours=23)
    assert [one["why"] for one in json.loads(row.receipt or "")["withheld"]] == ["hold"]

    with tenant_scope(A):
        lift_hold(OWNER, hold.id)
    _run()
    assert counted(Message) == 0 and _row(erasure_id).state == JobState.DONE


def test_held_messages_open_cases_and_bans_are_withheld_and_go_when_the_reason_ends(village: Village) -> None:
    held, free = write(1, author=PERSON), write(2, author=PERSON, channel=RANDOM)
    now = utcnow()
    common = {"target_id": PERSON, "source": "panel", "target_name": OWN_WORDS, "reason": OWN_WORDS}
    with tenant_scope(A), transaction():
        db.session.add(Case(number=1, kind="timeout", status="applied", expires_at=now + timedelta(days=1), **common))
        db.session.add(Case(number=2, kind="ban", status="applied", **common))
        db.session.add(Case(number=3, kind="kick", status="applied", **common))
        db.session.add(GuildMember(user_id=PERSON, username=OWN_WORDS, left_at=now, banned_at=now))
    with tenant_scope(A):
        hold = set_hold(OWNER, SetHold("channel", GENERAL, "a court asked"))
    erasure_id = _order()
    _run()

    row = _row(erasure_id)
    assert row.withheld == {"messages": [["hold", 1]], "cases": [["ban", 1], ["open_case", 1]], "member": [["ban", 1]]}
    with tenant_scope(A):
        assert set(db.session.scalars(select(Message.id))) == {held} and free != held
        ban = db.session.scalars(select(Case).where(Case.number == 2)).one()
        assert (ban.target_id, ban.target_name, ban.reason) == (PERSON, "", "")
        member = db.session.scalars(select(GuildMember).where(GuildMember.user_id == PERSON)).one()
        assert (member.username, member.banned_at is None) == ("", False)
        lift_hold(OWNER, hold.id)
    with tenant_scope(A), transaction():
        db.session.execute(update(Case).values(status=CaseStatus.LIFTED))
        db.session.execute(update(GuildMember).where(GuildMember.user_id == PERSON).values(banned_at=None))
    _run()

    assert _row(erasure_id).state == JobState.DONE
    assert _places_of(str(PERSON)) == set() and _places_of(OWN_WORDS) == set()


def test_a_present_members_names_stay_while_they_are_members(village: Village) -> None:
    erasure_id = _order(VERA)
    _run()
    assert _row(erasure_id).withheld == {"member": [["member", 1]]} and counted(GuildMember, user_id=VERA) == 1

    with tenant_scope(A), transaction():
        db.session.execute(update(GuildMember).where(GuildMember.user_id == VERA).values(left_at=utcnow()))
    _run()
    assert _row(erasure_id).state == JobState.DONE and counted(GuildMember, user_id=VERA) == 0


def test_what_is_fetched_again_from_before_the_erasure_stays_away(village: Village) -> None:
    write(1, "before", author=PERSON)
    _order()
    _run()

    outcome = index_batch(GATEWAY, [ArchiveRecord(A, RecordKind.FETCHED, payload(1, author=PERSON), FIRST_MOMENT_MS)])

    assert [one.reason for one in outcome.set_aside] == ["excluded"] and counted(Message) == 0


def test_the_owner_is_not_erased_and_an_order_under_way_is_not_ordered_twice(village: Village) -> None:
    with pytest.raises(Conflict), tenant_scope(A):
        order_erasure(OWNER, ALICE)
    assert _order() == _order()
    assert counted(Erasure) == 1 and counted(Erasure, B) == 0


def test_an_erasure_tells_the_log_what_it_did_and_wakes_the_files(village: Village) -> None:
    write(1, author=PERSON)
    _order()
    _run()

    with tenant_scope(A):
        entries = {one.kind: one for one in db.session.scalars(select(AuditEntry))}
    assert entries["erasure.ordered"].actor_id == ALICE and entries["erasure.finished"].after["messages"] == 1  # type: ignore[index]
    assert not any(str(PERSON) in str(one.after) for one in entries.values())
    assert Job.EXPIRE_FILES in [job for job, _ids in clients().job_queue.woken]  # type: ignore[attr-defined]


def test_files_that_staff_took_out_expire_and_those_being_made_begin_anew(village: Village) -> None:
    later = utcnow() + timedelta(days=1)
    with tenant_scope(A), transaction():
        db.session.add(Export(asked_by=ALICE, due_at=later, state=JobState.DONE, file_name="1.zip", expires_at=later))
        db.session.add(
            Export(asked_by=ALICE, due_at=later, state=JobState.IN_PROGRESS, lease_token="x", lease_until=later)
        )
    _order()
    _run()

    with tenant_scope(A):
        ready = db.session.scalars(select(Export).where(Export.file_name == "1.zip")).one()
        running = db.session.scalars(select(Export).where(Export.file_name == "")).one()
    assert ready.expires_at is not None and ready.expires_at < utcnow()
    assert (running.state, running.lease_token) == (JobState.PENDING, None)
