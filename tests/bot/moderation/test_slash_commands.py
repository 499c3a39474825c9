"""`/ban` and its kin, typed by people in the sandbox's Discord and answered by a real bot."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.moderation.conftest import Server
from tests.bot.running import eventually
from tests.servers.sandbox import ALICE, BOB, SERVER_A, VERA


def run(server: Server, as_user: int, name: str, **options: Any) -> dict[str, Any]:
    """What the bot answered to a command in the first channel."""
    channel = server.discord.get(f"/sandbox/state/{SERVER_A}")["channels"][0]["id"]
    written = {key: str(value) if key == "user" else value for key, value in options.items()}
    return server.discord.act(
        as_user, "interaction.command", guild_id=SERVER_A, channel_id=channel, name=name, options=written
    )


@pytest.fixture
def commands(server: Server) -> Server:
    """The server, once its commands are known to Discord."""

    def are_known() -> bool:
        calls = server.discord.get("/sandbox/calls")
        return any(
            one["method"] == "PUT" and one["path"].endswith("/commands") and one["status"] == 200 for one in calls
        )

    eventually(are_known)
    return server


def test_a_ban_from_discord_is_the_same_case_as_one_from_the_panel(commands: Server) -> None:
    target = commands.plain_member()
    answer = run(commands, BOB, "ban", user=target, reason="spam", delete_messages=3600)
    assert f"<@{target}>" in answer["message"]["content"]
    assert f"/servers/{SERVER_A}/cases/1" in answer["message"]["content"]
    case = commands.confirmed(1)
    assert (case.kind, case.source, case.status, case.actor_id) == ("ban", "slash", "applied", BOB)
    assert (case.reason, case.delete_message_seconds) == ("spam", 3600)
    assert case.target_name


def test_every_command_does_what_it_says(commands: Server) -> None:
    target = commands.plain_member()
    run(commands, BOB, "timeout", user=target, duration=600)
    run(commands, BOB, "untimeout", user=target)
    run(commands, BOB, "kick", user=target, reason="rude")
    run(commands, BOB, "ban", user=target)
    run(commands, BOB, "unban", user=target)
    assert [(case.kind, case.status) for case in commands.cases()] == [
        ("timeout", "lifted"),
        ("untimeout", "applied"),
        ("kick", "applied"),
        ("ban", "lifted"),
        ("unban", "applied"),
    ]


def test_the_answer_is_for_the_asker_alone_and_names_the_rule_that_refused(commands: Server) -> None:
    answer = run(commands, BOB, "ban", user=ALICE)
    assert answer["ephemeral"]
    assert "own this server" in answer["message"]["content"]
    assert commands.cases() == []


def test_a_discord_moderator_who_is_not_on_the_panel_is_told_what_to_do(commands: Server) -> None:
    moderator_role = next(
        role["id"]
        for role in commands.discord.get(f"/sandbox/state/{SERVER_A}")["roles"]
        if role["name"] == "Moderator"
    )
    stranger, target = commands.plain_member(), VERA
    commands.discord.act(ALICE, "role.add", guild_id=SERVER_A, user_id=stranger, role_id=moderator_role)
    answer = run(commands, stranger, "kick", user=target)
    assert "/settings/staff" in answer["message"]["content"]
    assert commands.cases() == []


def test_mydata_tells_anybody_alone_where_to_see_what_is_kept(commands: Server) -> None:
    answer = run(commands, commands.plain_member(), "mydata")
    assert answer["ephemeral"] and "/me>" in answer["message"]["content"]
    assert commands.cases() == []
