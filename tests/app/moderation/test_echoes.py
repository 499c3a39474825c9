"""Discord's audit log: our own acts come back as confirmation, everybody else's become cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.clients.errors import Unavailable
from app.contracts.bot_api import Act
from app.domain import errors
from app.domain.access import SystemActor
from app.domain.clock import first_snowflake, utcnow
from app.domain.moderation.commands import BanMember, KickMember, TimeoutMember
from app.domain.moderation.models import Case, CaseKind
from app.domain.moderation.queries import events_of
from app.domain.moderation.service import (
    ban_member,
    kick_member,
    record_audit_entry,
    request_lifting,
    timeout_member,
)
from app.extensions import db
from tests.app.moderation.conftest import BOT_USER, MALLORY, ROBOT, Community
from tests.servers.sandbox import ALICE, BOB, SERVER_A, VERA

GATEWAY = SystemActor("gateway")
KICK, BAN, UNBAN, MEMBER, AUTOMOD, QUARANTINE = 20, 22, 23, 24, 145, 146


def entry(action: int, by: int | None, target: int = MALLORY, *, number: int = 1, **more: Any) -> dict[str, Any]:
    identity = first_snowflake(utcnow()) + number
    payload = {"id": str(identity), "guild_id": str(SERVER_A), "action_type": action, "target_id": str(target)}
    return {**payload, "user_id": None if by is None else str(by), **more}


def until(moment: datetime | None) -> list[dict[str, Any]]:
    change: dict[str, Any] = {"key": "communication_disabled_until"}
    return [change | ({"new_value": moment.isoformat()} if moment else {"old_value": "2026-01-01T00:00:00+00:00"})]


def all_cases() -> list[Case]:
    return list(db.session.scalars(select(Case).order_by(Case.number).execution_options(populate_existing=True)))


def test_our_own_echo_confirms_the_case_and_opens_none(community: Community) -> None:
    ban_member(community.bob, BanMember(target_id=MALLORY, reason="spam"))
    record_audit_entry(GATEWAY, entry(BAN, BOT_USER, reason=community.reasons()[0]))
    case = all_cases()[0]
    assert len(all_cases()) == 1
    assert (case.status, case.discord_audit_entry_id is not None) == ("applied", True)
    assert [event.kind for event in events_of(case)] == ["opened", "applied", "confirmed"]


def test_an_echo_that_overtakes_the_answer_applies_the_case(community: Community) -> None:
    community.discord.failures["ban"] = Unavailable("discord_timeout")
    ban_member(community.bob, BanMember(target_id=MALLORY, reason="spam"))
    record_audit_entry(GATEWAY, entry(BAN, BOT_USER, reason="spam (Bob, case 1)"))
    case = all_cases()[0]
    assert (case.status, case.state, case.lease_token) == ("applied", "done", None)


def test_an_echo_without_a_readable_number_finds_the_newest_fitting_case(community: Community) -> None:
    timeout_member(community.bob, TimeoutMember(target_id=VERA, seconds=60))
    timeout_member(community.bob, TimeoutMember(target_id=MALLORY, seconds=60))
    record_audit_entry(
        GATEWAY, entry(MEMBER, BOT_USER, changes=until(utcnow() + timedelta(minutes=1)), reason="cut off")
    )
    assert [case.discord_audit_entry_id is not None for case in all_cases()] == [False, True]


def test_a_number_of_another_case_in_the_reason_confirms_nothing_foreign(community: Community) -> None:
    kick_member(community.bob, KickMember(target_id=VERA))
    record_audit_entry(GATEWAY, entry(BAN, BOT_USER, MALLORY, reason="(Bob, case 1)"))
    assert [(case.kind, case.source, case.discord_audit_entry_id is None) for case in all_cases()] == [
        ("kick", "panel", True),
        ("ban", "bot", False),
    ]


@pytest.mark.parametrize(
    ("action", "changes", "kind"),
    [
        (KICK, None, "kick"),
        (BAN, None, "ban"),
        (UNBAN, None, "unban"),
        (MEMBER, until(datetime(2030, 1, 1, tzinfo=UTC)), "timeout"),
        (MEMBER, until(None), "untimeout"),
    ],
)
def test_what_a_human_does_in_discord_becomes_a_case_of_theirs(
    community: Community, action: int, changes: Any, kind: str
) -> None:
    record_audit_entry(GATEWAY, entry(action, BOB, reason="rude, case 1)", changes=changes))
    case = all_cases()[0]
    assert (case.number, case.kind, case.source, case.status) == (1, kind, "discord", "applied")
    assert (case.actor_id, case.actor_name, case.target_name, case.reason) == (BOB, "Bob", "Mallory", "rude, case 1)")
    assert (case.expires_at == datetime(2030, 1, 1, tzinfo=UTC)) is (kind == "timeout")


def test_another_bots_act_makes_no_human_responsible(community: Community) -> None:
    record_audit_entry(GATEWAY, entry(BAN, ROBOT))
    case = all_cases()[0]
    assert (case.source, case.actor_id, case.actor_name) == ("bot", None, "Robot")


def test_a_bot_that_our_copy_does_not_know_is_looked_up(community: Community) -> None:
    stranger = 777_000_000_000_000_000
    community.discord.add_member(SERVER_A, stranger, "other", is_bot=True)
    record_audit_entry(GATEWAY, entry(KICK, stranger))
    community.discord.failures["member"] = Unavailable("discord_unreachable")
    record_audit_entry(GATEWAY, entry(KICK, 777_000_000_000_000_001, number=2))
    assert [case.source for case in all_cases()] == ["bot", "discord"]


def test_automods_timeout_is_a_case_under_its_rules_name(community: Community) -> None:
    record_audit_entry(
        GATEWAY,
        entry(
            AUTOMOD,
            ALICE,
            options={"auto_moderation_rule_name": "No slurs", "channel_id": "1"},
            changes=until(datetime(2030, 1, 1, tzinfo=UTC)),
        ),
    )
    case = all_cases()[0]
    assert (case.kind, case.source, case.actor_id, case.actor_name) == ("timeout", "automod", None, "No slurs")


def test_automods_quarantine_is_a_case_that_only_discord_can_end(community: Community) -> None:
    record_audit_entry(GATEWAY, entry(QUARANTINE, ALICE, options={"auto_moderation_rule_name": "No slurs in names"}))
    case = all_cases()[0]
    assert (case.kind, case.source, case.actor_name) == ("quarantine", "automod", "No slurs in names")
    assert (case.status, case.act, case.expires_at) == ("applied", None, None)
    with pytest.raises(errors.Conflict):
        request_lifting(community.bob, case.number, {})


def test_every_act_that_people_can_ask_for_is_a_kind_of_case() -> None:
    assert {act.value for act in Act} == {kind.value for kind in CaseKind} - {CaseKind.QUARANTINE.value}


def test_the_same_entry_again_changes_nothing(community: Community) -> None:
    ban_member(community.bob, BanMember(target_id=MALLORY))
    own = entry(BAN, BOT_USER, reason="(Bob, case 1)")
    native = entry(KICK, BOB, VERA, number=2)
    for payload in (own, native, own, native):
        record_audit_entry(GATEWAY, payload)
    assert [(case.kind, case.status) for case in all_cases()] == [("ban", "applied"), ("kick", "applied")]
    assert [event.kind for event in events_of(all_cases()[0])] == ["opened", "applied", "confirmed"]


def test_a_native_unban_lifts_the_panels_ban(community: Community) -> None:
    ban_member(community.bob, BanMember(target_id=MALLORY))
    record_audit_entry(GATEWAY, entry(UNBAN, ALICE))
    assert [(case.kind, case.status) for case in all_cases()] == [("ban", "lifted"), ("unban", "applied")]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"id": "1", "guild_id": str(SERVER_A), "target_id": "5", "action_type": 25},
        {"id": "1", "guild_id": str(SERVER_A), "target_id": "5", "action_type": 24, "changes": [{"key": "nick"}]},
        {"id": "1", "guild_id": str(SERVER_A), "target_id": "5", "action_type": 24, "changes": "x"},
        {"id": "x", "guild_id": str(SERVER_A), "target_id": "5", "action_type": 20},
        {
            "id": "1",
            "guild_id": str(SERVER_A),
            "target_id": None,
            "action_type": 21,
            "options": {"members_removed": "5"},
        },
    ],
)
def test_entries_that_are_no_act_on_one_person_open_no_case(community: Community, payload: dict[str, Any]) -> None:
    assert record_audit_entry(GATEWAY, payload) is None
    assert all_cases() == []


def test_people_cannot_forge_entries(community: Community) -> None:
    with pytest.raises(errors.Forbidden):
        record_audit_entry(community.actor(ALICE), entry(BAN, BOB))  # type: ignore[arg-type]
    assert all_cases() == []
