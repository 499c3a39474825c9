"""Acts asked for by the website, done by a real bot on the sandbox's Discord, and told back by its audit log."""

from __future__ import annotations

from app.contracts.bot_api import Act
from app.db.scope import tenant_scope
from app.domain.members.queries import member_of
from app.extensions import db
from tests.bot.moderation.conftest import Server
from tests.bot.running import eventually
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, VERA


def test_a_ban_reaches_discord_and_comes_back_confirmed(server: Server) -> None:
    target = server.plain_member()
    status, body = server.ask(
        Act.BAN, target_id=str(target), reason="Spam – 🧊", delete_message_seconds=3600, idempotency_key="k1"
    )
    assert (status, body["case"]) == (200, {"number": 1, "status": "applied", "failure_code": None})
    case = server.confirmed(1)
    assert (case.kind, case.status, case.source, case.actor_id, case.target_id) == (
        "ban",
        "applied",
        "panel",
        BOB,
        target,
    )
    bans = server.discord.get(f"/sandbox/state/{SERVER_A}")["bans"]
    assert [str(target)] == [one["user"]["id"] for one in bans]
    calls = [one for one in server.discord.get("/sandbox/calls") if one["method"] == "PUT" and "/bans/" in one["path"]]
    assert [one["reason"] for one in calls] == [f"Spam – 🧊 ({case.actor_name}, case 1)"]

    def is_banned_in_the_copy() -> bool:
        db.session.rollback()
        with tenant_scope(server.tenant_id):
            found = member_of(target)
            return found is not None and found.banned_at is not None and not found.is_here

    eventually(is_banned_in_the_copy)


def test_every_act_has_its_way_back(server: Server) -> None:
    target = str(server.plain_member())
    for act, more in ((Act.TIMEOUT, {"seconds": 600}), (Act.UNTIMEOUT, {}), (Act.BAN, {}), (Act.UNBAN, {})):
        status, body = server.ask(act, target_id=target, **more)
        assert (status, body["case"]["status"]) == (200, "applied"), body
    eventually(lambda: all(case.discord_audit_entry_id for case in server.cases()))
    assert [(case.kind, case.status) for case in server.cases()] == [
        ("timeout", "lifted"),
        ("untimeout", "applied"),
        ("ban", "lifted"),
        ("unban", "applied"),
    ]


def test_what_a_moderator_does_in_discord_itself_becomes_a_case(server: Server) -> None:
    target = server.plain_member()
    server.discord.act(BOB, "kick", guild_id=SERVER_A, user_id=target, reason="by hand")
    eventually(lambda: len(server.cases()) == 1)
    case = server.cases()[0]
    assert (case.number, case.kind, case.source, case.actor_id, case.reason) == (1, "kick", "discord", BOB, "by hand")


def test_the_bot_refuses_whom_the_rules_refuse_and_asks_discord_for_nothing(server: Server) -> None:
    for actor, target, status, code in (
        (BOB, ALICE, 403, "rank:target_is_owner"),
        (BOB, BOB, 403, "rank:target_is_yourself"),
        (VERA, server.plain_member(), 403, "panel_role:ban_members"),
        (CHARLIE, server.plain_member(), 403, "not_staff"),
    ):
        answer = server.ask(Act.BAN, actor, target_id=str(target))
        assert (answer[0], answer[1]["code"]) == (status, code)
    assert server.cases() == []
    assert server.discord.get(f"/sandbox/state/{SERVER_A}")["bans"] == []


def test_an_act_costs_discord_one_call(server: Server) -> None:
    before = len(server.discord.get("/sandbox/calls"))
    status, body = server.ask(Act.TIMEOUT, target_id=str(server.plain_member()), seconds=600)
    assert (status, body["case"]["status"]) == (200, "applied")
    calls = server.discord.get("/sandbox/calls")[before:]
    assert [one["method"] for one in calls] == ["PATCH"]


def test_who_lost_their_right_while_the_gateway_was_away_is_refused(server: Server) -> None:
    server.discord.post("/sandbox/gateway/refuse", kind="http", count=None)
    server.discord.post("/sandbox/gateway/cut", how="expire")
    eventually(lambda: server.bot.health()["status"] != "ok")
    for role_id in server.roles_of(BOB):
        server.discord.act(ALICE, "role.remove", guild_id=SERVER_A, user_id=BOB, role_id=role_id)
    status, body = server.ask(Act.BAN, target_id=str(server.plain_member()))
    assert (status, body["code"]) == (403, "rank:actor_lacks_right")


def test_what_the_bot_has_not_heard_of_yet_discord_itself_refuses(server: Server) -> None:
    server.discord.post("/sandbox/gateway/drop", next=2)  # the role's change and its line of the audit log
    for role_id in server.roles_of(server.bot_user_id):
        server.discord.act(ALICE, "role.edit", guild_id=SERVER_A, role_id=role_id, permissions="0")
    status, body = server.ask(Act.KICK, target_id=str(server.plain_member()))
    assert (status, body["case"]["status"], body["case"]["failure_code"]) == (200, "failed", "discord_50013")


def test_a_malformed_call_is_answered_beside_its_field(server: Server) -> None:
    status, body = server.ask(Act.TIMEOUT, target_id="x", seconds=-5)
    assert (status, set(body["fields"])) == (422, {"target_id", "seconds"})


def test_an_unknown_act_is_not_found(server: Server) -> None:
    answer = server.bot.call(
        "POST", "/moderation/drown", tenant=server.tenant_id, guild=SERVER_A, actor=str(BOB), body=b"{}"
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_machinery_cannot_act_on_people(server: Server) -> None:
    answer = server.bot.call(
        "POST", "/moderation/ban", tenant=server.tenant_id, guild=SERVER_A, actor="system:x", body=b"{}"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "person_only")


def test_a_discord_that_refuses_leaves_a_failed_case_with_its_code(server: Server) -> None:
    target = server.plain_member()
    server.discord.post("/sandbox/faults", route="PUT /guilds/*/bans/*", status=403, code=50013, count=1)
    status, body = server.ask(Act.BAN, target_id=str(target))
    assert (status, body["case"]["status"]) == (200, "failed")
    assert body["case"]["failure_code"].startswith("discord_")


def test_a_discord_that_breaks_leaves_a_question_that_the_sweep_answers(server: Server) -> None:
    target = server.plain_member()
    server.discord.post("/sandbox/faults", route="PUT /guilds/*/bans/*", status=500, count=1)
    _status, body = server.ask(Act.BAN, target_id=str(target))
    assert body["case"]["status"] == "pending"
    eventually(lambda: server.cases()[0].status == "failed", 25)
    assert server.cases()[0].failure_code == "not_applied"
