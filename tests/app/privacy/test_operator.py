"""What the operator does on the command line: erasing, verifying a receipt, rotating the keys of secrets at rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.cli.privacy import privacy
from app.cli.secrets import secrets
from app.config import EncryptionKey
from app.db import rotating
from app.db.encrypted import KeyMissing, Keyring
from app.db.rotating import encrypted_columns
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import transaction
from app.domain.accounts.models import User
from app.domain.messages.models import Message
from app.domain.webhooks.models import DiscordWebhook
from app.extensions import db
from tests.app.messages_web.conftest import DEN, A, B, Village, write
from tests.app.privacy.conftest import counted
from tests.servers.sandbox import SERVER_A

PERSON = 287654321098765432
OLD, NEW = EncryptionKey("t1", None, b"e" * 32), EncryptionKey("t2", None, b"n" * 32)


@pytest.fixture
def keys(app: Flask) -> Iterator[Flask]:
    before = app.extensions["keyring"]
    yield app
    app.extensions["keyring"] = before


def test_one_community_is_erased_by_the_operator_and_the_other_is_not(village: Village, folder: Path) -> None:
    write(1, author=PERSON)
    write(1, tenant=B, channel=DEN, author=PERSON)
    runner = village.town.app.test_cli_runner()

    done = runner.invoke(privacy, ["erase", "--user", str(PERSON), "--tenant", str(SERVER_A)])

    assert done.exit_code == 0, done.output
    assert counted(Message) == 0 and counted(Message, B) == 1
    told = json.loads(json.loads(done.output)["receipt"])
    assert (told["ordered_by"], told["deleted"]["messages"]) == ("operator", 1)
    file = folder / "receipt.json"
    file.write_text(done.output)
    assert runner.invoke(privacy, ["verify", str(file), "--user", str(PERSON)]).output == "genuine\n"
    assert runner.invoke(privacy, ["verify", str(file), "--user", "1"]).exit_code == 1
    file.write_text(done.output.replace("operator", "community"))
    assert runner.invoke(privacy, ["verify", str(file)]).exit_code == 1


def test_everywhere_means_every_community_and_the_account(village: Village) -> None:
    write(1, author=PERSON)
    write(1, tenant=B, channel=DEN, author=PERSON)
    with transaction():
        db.session.add(User(id=PERSON, username="gone", display_name="Gone"))
    runner = village.town.app.test_cli_runner()

    done = runner.invoke(privacy, ["erase", "--user", str(PERSON), "--all"])

    assert done.exit_code == 0, done.output
    assert counted(Message) == 0 and counted(Message, B) == 0
    assert len(done.output.strip().splitlines()) == 3
    db.session.rollback()
    assert db.session.get(User, PERSON) is None
    assert runner.invoke(privacy, ["erase", "--user", "1"]).exit_code == 2


def _secrets() -> None:
    with transaction():
        db.session.add(User(id=PERSON, username="a", display_name="A", access_token="access", refresh_token="refresh"))
        db.session.add(User(id=PERSON + 1, username="b", display_name="B"))
    with tenant_scope(A), transaction():
        db.session.add(DiscordWebhook(id=1, purpose="alerts", channel_id=1, name="x", token="webhook-token"))


def _stored() -> list[bytes]:
    db.session.rollback()
    with all_tenants(reason="the test looks at what is stored"):
        users = db.session.execute(text("SELECT access_token, refresh_token FROM users")).all()
        hooks = db.session.execute(text("SELECT token FROM discord_webhooks")).all()
    return [bytes(value) for row in (*users, *hooks) for value in row if value is not None]


def test_every_secret_is_encrypted_again_under_the_first_key_and_readable_without_the_old_one(
    village: Village, keys: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    _secrets()
    assert all(one.startswith(b"t1:") for one in _stored()) and len(_stored()) == 3
    keys.extensions["keyring"] = Keyring((NEW, OLD))
    monkeypatch.setattr(rotating, "ROWS_AT_ONCE", 1)
    runner = keys.test_cli_runner()

    done = runner.invoke(secrets, ["rotate"])

    assert done.exit_code == 0 and "users.access_token: 1 encrypted again" in done.output
    assert all(one.startswith(b"t2:") for one in _stored()) and len(_stored()) == 3
    keys.extensions["keyring"] = Keyring((NEW,))
    db.session.expunge_all()
    person = db.session.get_one(User, PERSON)
    assert (person.access_token, person.refresh_token) == ("access", "refresh")
    with tenant_scope(A):
        assert db.session.query(DiscordWebhook).one().token == "webhook-token"
    assert "users.access_token: 0 encrypted again" in runner.invoke(secrets, ["rotate"]).output


def test_a_purpose_whose_key_is_not_here_is_left_and_named_and_a_lost_key_loses_nothing(
    village: Village, keys: Flask
) -> None:
    _secrets()
    before = _stored()
    runner = keys.test_cli_runner()
    keys.extensions["keyring"] = Keyring((EncryptionKey("t2", "endpoints", b"n" * 32),))
    assert "discord_webhooks.token: left" in runner.invoke(secrets, ["rotate"]).output
    keys.extensions["keyring"] = Keyring((NEW,))
    assert runner.invoke(secrets, ["rotate"]).exit_code == 1
    assert _stored() == before
    with pytest.raises(KeyMissing):
        list(rotating.rotate_secrets())


def test_every_kind_of_token_is_among_the_columns_that_are_encrypted_at_rest() -> None:
    found = {(table.name, column.name, purpose) for table, column, purpose in encrypted_columns()}
    assert found >= {
        ("users", "access_token", "accounts"),
        ("users", "refresh_token", "accounts"),
        ("discord_webhooks", "token", "discord"),
    }
