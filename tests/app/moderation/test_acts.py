"""Acts as the bot carries them out: refused by rule, recorded before Discord hears of them, settled by what it says."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.clients import clients
from app.clients.errors import Refused as DiscordRefused
from app.clients.errors import Unavailable as DiscordUnavailable
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain import clock, errors
from app.domain.access import Role
from app.domain.audit.models import AuditEntry
from app.domain.discord import NotTheBot
from app.domain.members.models import GuildMember
from app.domain.moderation.commands import BanMember, KickMember, TimeoutMember, UnbanMember, UntimeoutMember
from app.domain.moderation.models import Case, CaseStatus
from app.domain.moderation.queries import CaseFilter, case_numbered, count_cases, events_of, list_cases
from app.domain.moderation.service import (
    ban_member,
    kick_member,
    perform,
    timeout_member,
    unban_member,
    untimeout_member,
)
from app.extensions import db
from tests.app.moderation.conftest import BOT_USER, MALLORY, PAT, UMA, Community
from tests.servers.sandbox import ALICE, BOB, VERA


def all_cases() -> list[Case]:
    return list(db.session.scalars(select(Case).order_by(Case.number).execution_options(populate_existing=True)))


def test_a_ban_becomes_one_applied_case_with_who_why_and_how_far_back(community: Community) -> None:
    case = ban_member(community.bob, BanMember(target_id=MALLORY, reason="spam", delete_message_seconds=3600))
    assert (case.number, case.kind, case.status, case.source) == (1, "ban", "applied", "panel")
    assert (case.target_name, case.actor_id, case.actor_name) == ("Mallory", BOB, "Bob")
    assert (case.reason, case.delete_message_seconds) == ("spam", 3600)
    assert community.reasons() == ["spam (Bob, case 1)"]
    assert MALLORY in community.guild.bans
    assert [event.kind for event in events_of(case)] == ["opened", "applied"]


def test_cases_are_numbered_without_gap_in_each_community(community: Community) -> None:
    ban_member(community.bob, BanMember(target_id=MALLORY))
    unban_member(community.bob, UnbanMember(target_id=MALLORY))
    timeout_member(community.bob, TimeoutMember(target_id=VERA, seconds=60))
    assert [case.number for case in all_cases()] == [1, 2, 3]
    with tenant_scope(2):
        assert count_cases(CaseFilter()) == 0


def test_an_unban_lifts_the_bans_case_and_an_untimeout_the_timeouts(community: Community) -> None:
    ban_member(community.bob, BanMember(target_id=MALLORY))
    unban_member(community.bob, UnbanMember(target_id=MALLORY, reason="appeal"))
    timeout_member(community.bob, TimeoutMember(target_id=VERA, seconds=600))
    untimeout_member(community.bob, UntimeoutMember(target_id=VERA))
    assert [(case.kind, case.status) for case in all_cases()] == [
        ("ban", "lifted"),
        ("unban", "applied"),
        ("timeout", "lifted"),
        ("untimeout", "applied"),
    ]
    lifted = events_of(all_cases()[0])[-1]
    assert (lifted.kind, lifted.detail) == ("lifted", {"by_case": 2})


def test_a_new_timeout_replaces_the_one_that_runs(community: Community) -> None:
    timeout_member(community.bob, TimeoutMember(target_id=MALLORY, seconds=60))
    timeout_member(community.bob, TimeoutMember(target_id=MALLORY, seconds=600))
    assert [case.status for case in all_cases()] == ["lifted", "applied"]


def test_a_timeout_ends_when_it_was_said_to(community: Community) -> None:
    moment = datetime(2026, 5, 4, 12, tzinfo=UTC)
    with clock.frozen(moment):
        case = timeout_member(community.bob, TimeoutMember(target_id=MALLORY, seconds=3600))
    assert case.expires_at == moment + timedelta(hours=1)
    assert community.guild.members[MALLORY].timed_out_until == moment + timedelta(hours=1)


def test_the_longest_timeout_is_accepted_by_discord(community: Community) -> None:
    case = timeout_member(community.bob, TimeoutMember(target_id=MALLORY, seconds=28 * 86400))
    assert case.status == CaseStatus.APPLIED
    assert case.expires_at is not None
    assert case.expires_at < datetime.now(UTC) + timedelta(days=28)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (ALICE, "rank:target_is_owner"),
        (UMA, "rank:target_not_below_actor"),
        (BOB, "rank:target_is_yourself"),
        (BOT_USER, "rank:target_is_this_bot"),
        (PAT, "rank:target_is_protected_staff"),
    ],
)
@pytest.mark.parametrize("kind", [BanMember, KickMember, TimeoutMember])
def test_t35_nobody_acts_on_the_owner_on_higher_ranks_on_themselves_on_staff_or_on_the_bot(
    community: Community, target: int, code: str, kind: type[Any]
) -> None:
    more = {"seconds": 60} if kind is TimeoutMember else {}
    with pytest.raises(errors.Forbidden) as refused:
        perform(community.bob, kind(target_id=target, **more))
    assert refused.value.code == code
    assert refused.value.status == 403
    assert refused.value.message
    assert community.acts() == []
    assert all_cases() == []


def test_t35_twenty_clicks_at_once_make_one_case_and_one_call(community: Community, app: Flask) -> None:
    command = BanMember(target_id=MALLORY, reason="spam", idempotency_key="one-form")
    results: list[tuple[str, int]] = []
    start = threading.Barrier(20)

    def click() -> None:
        start.wait()
        with app.app_context(), tenant_scope(1):
            try:
                results.append(("case", ban_member(community.bob, command).number))
            except errors.DomainError as error:
                results.append((error.code, error.status))
            except OperationalError as error:
                results.append(("database", (error.code and 1) or 0))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 20
    assert set(results) == {("case", 1)}
    assert community.acts() == [("ban", MALLORY)]
    assert len(all_cases()) == 1


def test_t35_two_tabs_cannot_do_the_same_at_the_same_time(community: Community) -> None:
    community.discord.failures["ban"] = DiscordUnavailable("discord_timeout")
    ban_member(community.bob, BanMember(target_id=MALLORY, idempotency_key="first"))
    with pytest.raises(errors.Conflict) as refused:
        ban_member(community.actor(ALICE, Role.OWNER), BanMember(target_id=MALLORY, idempotency_key="second"))
    assert refused.value.code == "already_pending"
    assert "1" in refused.value.message
    assert community.acts() == []


@pytest.mark.parametrize(
    "command",
    [BanMember(target_id=MALLORY), TimeoutMember(target_id=MALLORY, seconds=600), KickMember(target_id=MALLORY)],
)
def test_t35_who_decided_before_somebody_else_did_just_that_is_refused(
    community: Community, monkeypatch: pytest.MonkeyPatch, command: Any
) -> None:
    """Bob has looked, and before he acts Alice does the same."""
    really_known, done = community.discord.member, []

    def known(guild_id: int, user_id: int) -> Any:
        found = really_known(guild_id, user_id)
        if user_id == BOT_USER and not done:
            done.append(True)
            perform(community.actor(ALICE, Role.OWNER), command)
        return found

    monkeypatch.setattr(community.discord, "member", known)
    with pytest.raises(errors.Conflict) as refused:
        perform(community.bob, command)

    assert refused.value.code == "just_done"
    assert len(community.acts()) == len(all_cases()) == 1


def test_a_key_belongs_to_one_act_of_one_person(community: Community) -> None:
    ban_member(community.bob, BanMember(target_id=MALLORY, idempotency_key="k"))
    for actor, command in (
        (community.actor(ALICE, Role.OWNER), BanMember(target_id=MALLORY, idempotency_key="k")),
        (community.bob, BanMember(target_id=VERA, idempotency_key="k")),
        (community.bob, UnbanMember(target_id=MALLORY, idempotency_key="k")),
    ):
        with pytest.raises(errors.Conflict) as refused:
            perform(actor, command)
        assert refused.value.code == "key_used"


def test_the_panel_role_alone_is_not_enough(community: Community) -> None:
    with pytest.raises(errors.Forbidden) as refused:
        ban_member(community.actor(VERA), BanMember(target_id=MALLORY))
    assert refused.value.code == "rank:actor_lacks_right"
    assert "Ban Members" in refused.value.message


def test_discord_rights_alone_are_not_enough(community: Community) -> None:
    with pytest.raises(errors.Forbidden) as refused:
        ban_member(community.actor(BOB, Role.VIEWER), BanMember(target_id=MALLORY))
    assert refused.value.code == "panel_role:ban_members"


def test_rights_are_those_of_now_not_those_of_the_copy(community: Community) -> None:
    community.guild.members[BOB] = replace(community.guild.members[BOB], role_ids=frozenset())
    with pytest.raises(errors.Forbidden):
        ban_member(community.bob, BanMember(target_id=MALLORY))
    assert community.acts() == []


def test_a_bot_without_the_right_says_so_before_anything_is_recorded(community: Community) -> None:
    community.guild.members[BOT_USER] = replace(community.guild.members[BOT_USER], role_ids=frozenset())
    with pytest.raises(errors.Forbidden) as refused:
        kick_member(community.bob, KickMember(target_id=MALLORY))
    assert refused.value.code == "rank:bot_lacks_right"
    assert all_cases() == []


def test_what_discord_refuses_is_a_failed_case_with_its_code(community: Community) -> None:
    community.discord.failures["kick"] = DiscordRefused("discord_50013", "Missing Permissions")
    case = kick_member(community.bob, KickMember(target_id=MALLORY))
    assert (case.status, case.failure_code) == ("failed", "discord_50013")
    assert MALLORY in community.guild.members


def test_a_lost_answer_leaves_the_case_pending(community: Community) -> None:
    community.discord.failures["ban"] = DiscordUnavailable("discord_timeout")
    case = ban_member(community.bob, BanMember(target_id=MALLORY))
    assert (case.status, case.state, case.last_code) == ("pending", "pending", "discord_timeout")
    assert [event.kind for event in events_of(case)] == ["opened", "outcome_unknown"]


@pytest.mark.parametrize("method", ["guild", "member"])
def test_nothing_is_recorded_while_discord_cannot_be_asked(community: Community, method: str) -> None:
    community.discord.failures[method] = DiscordUnavailable("discord_429", retry_after=3)
    with pytest.raises(errors.Unavailable) as away:
        ban_member(community.bob, BanMember(target_id=MALLORY))
    assert away.value.retry_after == 3
    assert all_cases() == []


def test_what_is_so_already_is_said_and_not_done_again(community: Community) -> None:
    ban_member(community.bob, BanMember(target_id=MALLORY))
    with transaction():
        row = db.session.scalars(select(GuildMember).where(GuildMember.user_id == MALLORY)).one()
        row.banned_at = datetime.now(UTC)
    for actor_command, code in (
        (BanMember(target_id=MALLORY), "already_banned"),
        (UnbanMember(target_id=PAT), "not_banned"),
        (UntimeoutMember(target_id=PAT), "not_timed_out"),
    ):
        with pytest.raises(errors.Conflict) as refused:
            perform(community.bob, actor_command)
        assert refused.value.code == code
    assert community.acts() == [("ban", MALLORY)]


def test_a_ban_that_only_our_copy_believes_in_does_not_stop_a_real_one(community: Community) -> None:
    with transaction():
        db.session.scalars(select(GuildMember).where(GuildMember.user_id == MALLORY)).one().banned_at = datetime.now(
            UTC
        )
    assert ban_member(community.bob, BanMember(target_id=MALLORY)).status == "applied"


def test_somebody_who_never_was_here_can_be_banned_by_id(community: Community) -> None:
    case = ban_member(community.bob, BanMember(target_id=799_000_000_000_000_000, reason="raid"))
    assert (case.status, case.target_name) == ("applied", "")


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (BanMember(target_id=0), "target_id"),
        (BanMember(target_id=2**63), "target_id"),
        (BanMember(target_id=MALLORY, delete_message_seconds=604_801), "delete_message_seconds"),
        (BanMember(target_id=MALLORY, delete_message_seconds=-1), "delete_message_seconds"),
        (BanMember(target_id=MALLORY, reason="x" * 513), "reason"),
        (BanMember(target_id=MALLORY, idempotency_key="k" * 65), "idempotency_key"),
        (TimeoutMember(target_id=MALLORY, seconds=28 * 86400 + 1), "seconds"),
        (TimeoutMember(target_id=MALLORY, seconds=0), "seconds"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(community: Community, command: Any, field: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        perform(community.bob, command)
    assert list(refused.value.fields) == [field]
    assert community.discord.calls == []


def test_each_act_is_in_the_activity_log_in_the_same_transaction(community: Community) -> None:
    ban_member(community.bob, BanMember(target_id=MALLORY, reason="spam"))
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.kind, entry.actor_id) == ("moderation.ban", BOB)
    assert entry.after == {"case": 1, "target_id": str(MALLORY), "reason": "spam"}


def test_who_watches_hears_of_the_case_and_of_the_person(community: Community) -> None:
    start = clients().live_bus.read(1, None).cursor
    ban_member(community.bob, BanMember(target_id=MALLORY))
    told = {(entry.signal.topic, entry.signal.ref) for entry in clients().live_bus.read(1, start).entries}
    assert told == {("moderation", "case:1"), ("members", f"member:{MALLORY}")}


def test_only_the_bots_process_acts_on_discord(community: Community) -> None:
    clients().discord_guild = None
    with pytest.raises(NotTheBot):
        ban_member(community.bob, BanMember(target_id=MALLORY))
    assert db.session.scalar(select(func.count()).select_from(Case)) == 0


def test_lists_of_cases_are_filtered_and_paged_newest_first(community: Community) -> None:
    for _ in range(3):
        timeout_member(community.bob, TimeoutMember(target_id=MALLORY, seconds=60))
        kick_member(community.bob, KickMember(target_id=VERA))
        community.discord.add_member(community.guild.live.id, VERA, "vera")
    first = list_cases(CaseFilter(), limit=4)
    second = list_cases(CaseFilter(), first.following, limit=4)
    assert [case.number for case in (*first.cases, *second.cases)] == [6, 5, 4, 3, 2, 1]
    assert second.following is None and first.preceding is None
    back = list_cases(CaseFilter(), above=second.preceding, limit=4)
    assert ([case.number for case in back.cases], back.preceding) == ([6, 5, 4, 3], None)
    assert [case.number for case in list_cases(CaseFilter(target_id=VERA)).cases] == [6, 4, 2]
    assert [case.number for case in list_cases(CaseFilter(status=CaseStatus.LIFTED)).cases] == [3, 1]
    assert case_numbered(7) is None
