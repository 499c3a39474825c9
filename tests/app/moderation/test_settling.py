"""No case stays a question: what a crash or a lost answer left open is settled by asking Discord."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select, update

from app.clients.errors import ClientError, Refused, Unavailable
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain import clock
from app.domain.access import SystemActor
from app.domain.clock import utcnow
from app.domain.moderation.commands import BanMember, KickMember, TimeoutMember, UnbanMember, UntimeoutMember
from app.domain.moderation.models import Case
from app.domain.moderation.service import ban_member, expire_timeouts, perform, settle_unknown_outcomes, timeout_member
from app.extensions import db
from tests.app.moderation.conftest import MALLORY, Community
from tests.servers.sandbox import VERA

SWEEP = SystemActor("sweep")
COMMANDS: dict[str, Any] = {
    "ban": BanMember(target_id=MALLORY),
    "kick": KickMember(target_id=MALLORY),
    "timeout": TimeoutMember(target_id=MALLORY, seconds=600),
    "unban": UnbanMember(target_id=MALLORY),
    "untimeout": UntimeoutMember(target_id=MALLORY),
}


def newest() -> Case:
    query = select(Case).order_by(Case.number.desc()).limit(1).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def make_due(**columns: Any) -> None:
    with transaction():
        past = utcnow() - timedelta(hours=1)
        db.session.execute(update(Case).values(due_at=past, **columns))


def lose_the_answer(community: Community, kind: str, *, did_happen: bool) -> None:
    """Discord's answer to the act is lost, after or before it had its effect."""
    if kind in ("unban", "untimeout"):
        perform(community.bob, COMMANDS["ban" if kind == "unban" else "timeout"])
    method = "timeout" if kind == "untimeout" else kind
    real = getattr(community.discord, method)

    def lossy(*arguments: Any, **named: Any) -> None:
        if did_happen:
            real(*arguments, **named)
        raise Unavailable("discord_timeout")

    setattr(community.discord, method, lossy)
    perform(community.bob, COMMANDS[kind])
    delattr(community.discord, method)


@pytest.mark.parametrize("kind", list(COMMANDS))
@pytest.mark.parametrize("did_happen", [True, False])
def test_a_lost_answer_is_settled_by_what_discord_shows(community: Community, kind: str, did_happen: bool) -> None:
    lose_the_answer(community, kind, did_happen=did_happen)
    assert newest().status == "pending"
    make_due()
    assert settle_unknown_outcomes(SWEEP) == 1
    case = newest()
    assert (case.status, case.failure_code) == (("applied", None) if did_happen else ("failed", "not_applied"))
    assert (case.state, case.lease_token) == ("done", None)
    assert settle_unknown_outcomes(SWEEP) == 0


def test_a_settled_unban_lifts_the_ban(community: Community) -> None:
    lose_the_answer(community, "unban", did_happen=True)
    make_due()
    settle_unknown_outcomes(SWEEP)
    statuses = db.session.scalars(select(Case.status).order_by(Case.number)).all()
    assert statuses == ["lifted", "applied"]


def test_a_case_whose_bot_died_in_the_act_is_taken_over_when_its_lease_runs_out(community: Community) -> None:
    case_id = ban_member(community.bob, BanMember(target_id=MALLORY)).id
    make_due(status="pending", state="in_progress", lease_token="dead", lease_until=utcnow() + timedelta(minutes=1))
    assert settle_unknown_outcomes(SWEEP) == 0
    make_due(lease_until=utcnow() - timedelta(minutes=1))
    assert settle_unknown_outcomes(SWEEP) == 1
    assert (newest().id, newest().status) == (case_id, "applied")


def test_a_question_waits_while_discord_is_away_and_is_asked_again(community: Community) -> None:
    lose_the_answer(community, "ban", did_happen=True)
    for _ in range(5):
        make_due()
        community.discord.failures["is_banned"] = Unavailable("discord_unreachable")
        assert settle_unknown_outcomes(SWEEP) == 1
        assert newest().status == "pending"
    assert newest().due_at > utcnow()
    make_due()
    settle_unknown_outcomes(SWEEP)
    assert newest().status == "applied"


@pytest.mark.parametrize("failure", [Refused("discord_10004"), Refused("discord_50001")])
def test_a_question_that_discord_will_never_answer_fails_with_its_code(
    community: Community, failure: ClientError
) -> None:
    lose_the_answer(community, "ban", did_happen=False)
    make_due()
    community.discord.failures["is_banned"] = failure
    settle_unknown_outcomes(SWEEP)
    assert (newest().status, newest().failure_code) == ("failed", failure.code)


def test_a_question_that_kills_its_bot_three_times_is_left_to_people(community: Community) -> None:
    lose_the_answer(community, "ban", did_happen=True)
    make_due(state="in_progress", attempts=3, lease_token="x", lease_until=utcnow() - timedelta(minutes=1))
    settle_unknown_outcomes(SWEEP)
    assert (newest().status, newest().failure_code) == ("failed", "poison")


def test_one_sweep_serves_every_community_and_mixes_none(community: Community) -> None:
    lose_the_answer(community, "ban", did_happen=True)
    make_due()
    with tenant_scope(2):
        assert settle_unknown_outcomes(SWEEP) == 1
        assert db.session.scalars(select(Case)).all() == []
    assert newest().status == "applied"


def test_a_timeout_that_has_run_out_expires_and_a_running_or_lifted_one_does_not(community: Community) -> None:
    timeout_member(community.bob, TimeoutMember(target_id=MALLORY, seconds=60))
    timeout_member(community.bob, TimeoutMember(target_id=MALLORY, seconds=120))
    timeout_member(community.bob, TimeoutMember(target_id=VERA, seconds=3600))
    with clock.frozen(utcnow() + timedelta(seconds=121)):
        assert expire_timeouts(SWEEP) == 1
        assert expire_timeouts(SWEEP) == 0
    assert db.session.scalars(select(Case.status).order_by(Case.number)).all() == ["lifted", "expired", "applied"]


def test_the_sweeps_waits_follow_the_time_scale(community: Community) -> None:
    lose_the_answer(community, "ban", did_happen=True)
    timings = current_app.config["SETTINGS"].timings
    assert newest().due_at <= utcnow() + timedelta(seconds=timings.retry(1) + 1)
