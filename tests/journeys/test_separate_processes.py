"""The same code by environment alone: granian, Celery's worker and beat, the bot; MariaDB, Redis, and Discord beside them."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Installed
from tests.journeys.stack import SeparateProcesses
from tests.journeys.steps import act, case_that_says, comes_up, find, is_banned, state, until
from tests.servers.person import words_of
from tests.servers.sandbox import ALICE

pytestmark = [pytest.mark.processes, pytest.mark.mariadb]


def test_an_install_leaves_webhooks_in_discord_and_a_page_that_says_so(installed: Installed) -> None:
    made = {webhook["channel_id"] for webhook in state(installed.discord, installed.guild_id)["webhooks"]}
    hidden = next(
        c["id"] for c in state(installed.discord, installed.guild_id)["channels"] if c["name"] == "staff-corner"
    )

    assert hidden in made
    assert "Alice's Workshop" in words_of(installed.alice.get(f"/servers/{installed.guild_id}"))


def test_a_message_is_found_by_its_words_its_edit_and_its_deletion(installed: Installed) -> None:
    author = installed.newcomer("walter")
    sent = installed.say(author, "the quixotic lantern is lit")
    comes_up(installed.alice, installed.guild_id, "quixotic", "quixotic lantern is lit")

    installed.discord.act(
        author, "message.edit", channel_id=installed.bench, message_id=sent["id"], content="the lantern is out"
    )
    comes_up(installed.alice, installed.guild_id, "was:quixotic", "lantern is out")
    assert "quixotic lantern" not in words_of(find(installed.alice, installed.guild_id, "quixotic"))

    installed.discord.act(author, "message.delete", channel_id=installed.bench, message_id=sent["id"])
    comes_up(installed.alice, installed.guild_id, "is:deleted lantern", "lantern is out")


def test_a_ban_from_the_page_is_a_ban_on_discord_and_an_applied_case(installed: Installed) -> None:
    spammer = installed.newcomer("spam_lord")
    until(
        lambda: installed.alice.ask("GET", f"/servers/{installed.guild_id}/members/{spammer}").status_code == 200,
        "the newcomer's page",
    )

    answer = act(installed.alice, installed.guild_id, spammer, "bans", reason="sells free keys")

    assert answer.status_code == 200, words_of(answer)
    until(lambda: is_banned(installed.discord, installed.guild_id, spammer), "the ban on Discord")
    told = case_that_says(installed.alice, installed.guild_id, "sells free keys", "Applied")
    assert "Alice" in told


def test_a_ban_made_in_discord_itself_becomes_a_case(installed: Installed) -> None:
    troll = installed.newcomer("bridge_troll")

    installed.discord.act(ALICE, "ban", guild_id=installed.guild_id, user_id=troll, reason="asks for toll")

    case_that_says(installed.alice, installed.guild_id, "asks for toll", "Discord")


def test_a_slash_command_is_answered_and_its_case_stands(installed: Installed) -> None:
    shouter = installed.newcomer("loud_lou")

    def command() -> dict[str, object] | None:
        try:
            return dict(
                installed.discord.act(
                    ALICE,
                    "interaction.command",
                    guild_id=installed.guild_id,
                    channel_id=installed.bench,
                    name="timeout",
                    options={"user": str(shouter), "duration": 600, "reason": "all capitals"},
                )
            )
        except AssertionError as error:
            # Commands are registered a moment after the bot has come in.
            if "Unknown" in str(error):
                return None
            raise

    answer = until(command, "the command")

    assert answer
    case_that_says(installed.alice, installed.guild_id, "all capitals", "Applied")
    member = next(m for m in state(installed.discord, installed.guild_id)["members"] if m["user"]["id"] == str(shouter))
    assert member["communication_disabled_until"]


def test_the_bot_ends_with_0_and_misses_nothing_that_comes_after_its_restart(
    stack: SeparateProcesses, installed: Installed
) -> None:
    assert stack.stop_one("bot") == 0, stack.processes["bot"].output
    page = installed.alice.get(f"/servers/{installed.guild_id}/messages")
    assert page.status_code == 200, "reading works while the bot is away"
    banned_nobody = act(installed.alice, installed.guild_id, ALICE + 40, "bans", reason="while away")
    assert banned_nobody.status_code == 503
    assert "while away" in banned_nobody.text, "what was typed is still there"

    stack.start_one("bot")
    stack.wait()
    author = installed.newcomer("early_bird")
    installed.say(author, "first words after the pause")

    comes_up(installed.alice, installed.guild_id, "pause", "first words after the pause")


@pytest.mark.parametrize("name", ["worker", "beat", "web"])
def test_each_process_ends_with_0_and_comes_back(stack: SeparateProcesses, installed: Installed, name: str) -> None:
    assert stack.stop_one(name) == 0, stack.processes[name].output

    stack.start_one(name)
    stack.wait()

    assert installed.alice.get(f"/servers/{installed.guild_id}").status_code == 200, "the session outlives the process"
