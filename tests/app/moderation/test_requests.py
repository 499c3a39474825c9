"""How the website asks: through the bot, with the answer in the reader's words, and nothing lost when the bot is away."""

from __future__ import annotations

from typing import Any

import pytest

from app.clients import clients
from app.clients.bot_api.fake import FakeBotApi
from app.clients.bot_api.port import Answer
from app.clients.errors import Unavailable
from app.contracts.bot_api import Act
from app.domain import errors
from app.domain.access import Role
from app.domain.moderation.commands import BanMember, TimeoutMember
from app.domain.moderation.queries import CaseFilter, count_cases
from app.domain.moderation.service import ban_member, request_act, request_lifting, timeout_member
from tests.app.moderation.conftest import MALLORY, Community
from tests.servers.sandbox import ALICE, BOB, SERVER_A, VERA

APPLIED = Answer(200, {"case": {"number": 4, "status": "applied", "failure_code": None}})


@pytest.fixture
def bot(community: Community) -> FakeBotApi:
    found = clients().bot_api
    assert isinstance(found, FakeBotApi)
    return found


def test_an_act_travels_with_its_actor_and_its_fields_only(bot: FakeBotApi, community: Community) -> None:
    bot.answers["POST", "/moderation/ban"] = APPLIED
    fields = {
        "target_id": str(MALLORY),
        "reason": " spam ",
        "delete_message_seconds": "3600",
        "idempotency_key": "k",
        "tenant_id": "2",
        "source": "slash",
        "role": "owner",
    }
    answer = request_act(community.bob, Act.BAN, fields)
    assert (answer.number, answer.status) == (4, "applied")
    caller, method, path, body = bot.calls[0]
    assert (caller.tenant_id, caller.guild_id, caller.actor, method, path) == (
        1,
        SERVER_A,
        str(BOB),
        "POST",
        "/moderation/ban",
    )
    assert body == {"target_id": str(MALLORY), "reason": "spam", "idempotency_key": "k", "delete_message_seconds": 3600}


def test_every_request_has_a_key_even_where_the_form_had_none(bot: FakeBotApi, community: Community) -> None:
    bot.answers["POST", "/moderation/kick"] = APPLIED
    for fields in ({}, {"idempotency_key": ""}):
        request_act(community.bob, Act.KICK, {"target_id": str(MALLORY), **fields})
    keys = [body["idempotency_key"] for *_rest, body in bot.calls]
    assert all(keys)
    assert keys[0] != keys[1]


@pytest.mark.parametrize("code", ["bot_unreachable", "bot_circuit_open"])
def test_a_bot_that_is_away_is_said_and_nothing_is_recorded(bot: FakeBotApi, community: Community, code: str) -> None:
    def away(*_arguments: Any, **_named: Any) -> Answer:
        raise Unavailable(code, retry_after=7)

    bot.call = away  # type: ignore[method-assign]
    with pytest.raises(errors.Unavailable) as refused:
        request_act(community.bob, Act.KICK, {"target_id": str(MALLORY)})
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, code, 7)
    assert count_cases(CaseFilter()) == 0


def test_a_bot_that_answers_too_late_is_read_from_its_case(bot: FakeBotApi, community: Community) -> None:
    def late(*_arguments: Any, **named: Any) -> Answer:
        ban_member(community.bob, BanMember(target_id=MALLORY, idempotency_key=named["body"]["idempotency_key"]))
        raise Unavailable("bot_timeout")

    bot.call = late  # type: ignore[method-assign]
    answer = request_act(community.bob, Act.BAN, {"target_id": str(MALLORY), "idempotency_key": "k"})
    assert (answer.number, answer.status) == (1, "applied")


def test_a_bot_that_never_got_to_it_says_that_trying_again_is_safe(bot: FakeBotApi, community: Community) -> None:
    def silent(*_arguments: Any, **_named: Any) -> Answer:
        raise Unavailable("bot_timeout")

    bot.call = silent  # type: ignore[method-assign]
    with pytest.raises(errors.Unavailable) as refused:
        request_act(community.bob, Act.BAN, {"target_id": str(MALLORY)})
    assert refused.value.code == "bot_timeout"


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(403, {"code": "rank:target_is_owner", "message": "x"}), errors.Forbidden, "rank:target_is_owner"),
        (Answer(403, {"code": "panel_role:ban_members", "message": "x"}), errors.Forbidden, "panel_role:ban_members"),
        (Answer(409, {"code": "already_banned", "message": "x"}), errors.Conflict, "already_banned"),
        (Answer(409, {"code": "discord_50001", "message": "x"}), errors.Refused, "discord_50001"),
        (Answer(404, {"code": "not_found", "message": "x"}), errors.NotFound, "not_found"),
        (Answer(422, {"code": "invalid", "message": "x", "fields": {"reason": "y"}}), errors.Invalid, "invalid"),
        (Answer(503, {"code": "discord_429", "message": "x", "retry_after": 3}), errors.Unavailable, "discord_429"),
        (Answer(401, {"code": "bad_signature"}), errors.Unavailable, "bad_signature"),
        (Answer(500, {}), errors.Unavailable, ""),
    ],
)
def test_each_refusal_comes_back_as_the_error_it_was(
    bot: FakeBotApi, community: Community, answer: Answer, kind: type[errors.DomainError], code: str
) -> None:
    bot.answers["POST", "/moderation/ban"] = answer
    with pytest.raises(kind) as refused:
        request_act(community.bob, Act.BAN, {"target_id": str(MALLORY)})
    assert type(refused.value) is kind
    assert refused.value.code == (code or refused.value.code)
    if answer.status == 422:
        assert refused.value.fields == {"reason": "y"}


def test_bad_fields_and_missing_rights_never_reach_the_bot(bot: FakeBotApi, community: Community) -> None:
    with pytest.raises(errors.Invalid) as refused:
        request_act(community.bob, Act.TIMEOUT, {"target_id": str(MALLORY), "seconds": "soon", "reason": "x" * 600})
    assert set(refused.value.fields) == {"seconds", "reason"}
    with pytest.raises(errors.Forbidden):
        request_act(community.actor(BOB, Role.VIEWER), Act.KICK, {"target_id": str(MALLORY)})
    assert bot.calls == []


def test_lifting_asks_for_what_takes_the_case_back(bot: FakeBotApi, community: Community) -> None:
    bot.answers["POST", "/moderation/unban"] = bot.answers["POST", "/moderation/untimeout"] = APPLIED
    ban_member(community.bob, BanMember(target_id=MALLORY))
    timeout_member(community.bob, TimeoutMember(target_id=VERA, seconds=60))
    request_lifting(community.bob, 1, {"reason": "appeal", "target_id": str(ALICE)})
    request_lifting(community.bob, 2, {})
    assert [(path, body["target_id"], body["reason"]) for _caller, _method, path, body in bot.calls] == [
        ("/moderation/unban", str(MALLORY), "appeal"),
        ("/moderation/untimeout", str(VERA), ""),
    ]


def test_what_does_not_stand_cannot_be_lifted(bot: FakeBotApi, community: Community) -> None:
    community.discord.failures["ban"] = Unavailable("discord_timeout")
    ban_member(community.bob, BanMember(target_id=MALLORY))
    with pytest.raises(errors.Conflict):
        request_lifting(community.bob, 1, {})
    with pytest.raises(errors.NotFound):
        request_lifting(community.bob, 2, {})
    assert bot.calls == []
