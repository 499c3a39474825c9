"""A missing or bad setting stops the process with the whole list of what is wrong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from app.config import Process, Settings, SettingsError
from tests.environment import SIGNING_KEY, environment


def test_a_complete_environment_is_accepted(folder: Path) -> None:
    settings = Settings.from_env(environment("sqlite:///x.db", folder), Process.UP)
    assert settings.origin == "http://127.0.0.1:5999"
    assert settings.is_loopback and settings.database_url == "sqlite:///x.db"


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({}, Process.WEB)
    text = str(caught.value)
    for name in (
        "PUBLIC_URL",
        "SECRET_KEYS",
        "ENCRYPTION_KEYS",
        "BOT_API_SECRETS",
        "DISCORD_CLIENT_ID",
        "DISCORD_CLIENT_SECRET",
    ):
        assert name in text


@pytest.mark.parametrize(
    ("name", "value", "process"),
    [
        ("PUBLIC_URL", "http://panel.example.org", Process.UP),
        ("PUBLIC_URL", "ftp://127.0.0.1", Process.UP),
        ("SECRET_KEYS", "k1:c2hvcnQ=", Process.UP),
        ("SECRET_KEYS", "no-colon", Process.UP),
        ("ENCRYPTION_KEYS", f"k1:{SIGNING_KEY}", Process.UP),
        ("ENCRYPTION_KEYS", "nonsense.k1:ZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWU=", Process.UP),
        ("BOT_API_SECRETS", "short", Process.UP),
        ("PORT", "70000", Process.UP),
        ("PORT", "٣", Process.UP),
        ("TIME_SCALE", "0", Process.UP),
        ("LOG_FORMAT", "yaml", Process.UP),
        ("REDIS_URL", "redis://127.0.0.1", Process.UP),
    ],
)
def test_a_bad_value_is_named(folder: Path, name: str, value: str, process: Process) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environment("sqlite:///x.db", folder, **{name: value}), process)
    assert [problem for problem in caught.value.problems if problem.startswith(name)]


@pytest.mark.parametrize("name", ["SECRET_KEYS", "ENCRYPTION_KEYS", "BOT_API_SECRETS"])
@pytest.mark.parametrize("value", ["", "k1:c2hvcnQ="], ids=["missing", "too short"])
def test_the_command_that_a_message_proposes_makes_a_value_that_is_accepted(
    folder: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environment("sqlite:///x.db", folder, **{name: value}), Process.UP)
    proposed = re.search(rf"^ *-? *{name}: .*`(.+)`", str(caught.value), re.MULTILINE)
    assert proposed, str(caught.value)

    made = subprocess.run(["sh", "-c", proposed[1]], capture_output=True, text=True, check=True).stdout.strip()

    Settings.from_env(environment("sqlite:///x.db", folder, **{name: made}), Process.UP)


def test_the_bots_token_is_refused_by_everybody_else(folder: Path) -> None:
    variables = environment("sqlite:///x.db", folder, REDIS_URL="redis://127.0.0.1:1/0")
    for process in (Process.WEB, Process.WORKER, Process.BEAT, Process.LIVE):
        with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
            Settings.from_env(variables, process)
    assert Settings.from_env(variables, Process.BOT).discord_token


def test_the_demos_exemption_is_refused_on_a_public_address(folder: Path) -> None:
    variables = environment(
        "sqlite:///x.db", folder, PUBLIC_URL="https://panel.example.org", OUTBOUND_ALLOW="127.0.0.1:9"
    )
    with pytest.raises(SettingsError, match="OUTBOUND_ALLOW"):
        Settings.from_env(variables, Process.UP)


def test_secrets_stay_out_of_the_settings_repr(folder: Path) -> None:
    text = repr(Settings.from_env(environment("sqlite:///x.db", folder), Process.UP))
    for secret in ("throw-away", "ssss", "eeee", SIGNING_KEY):
        assert secret not in text
