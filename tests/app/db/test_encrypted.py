"""Secrets at rest."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import text

from app.config import EncryptionKey
from app.db.encrypted import KeyMissing, Keyring
from app.db.transaction import transaction
from app.domain.accounts.models import User
from app.extensions import db

OLD, NEW = EncryptionKey("old", None, b"o" * 32), EncryptionKey("new", None, b"n" * 32)


def test_the_database_holds_no_readable_token(app: Flask) -> None:
    with transaction():
        db.session.add(User(id=1, username="a", display_name="A", access_token="very-secret-token"))
    stored = db.session.execute(text("SELECT access_token FROM users")).scalar_one()
    assert b"very-secret-token" not in bytes(stored)
    db.session.expunge_all()
    user = db.session.get(User, 1)
    assert user is not None and user.access_token == "very-secret-token"


def test_a_rotated_key_still_reads_what_the_old_one_wrote() -> None:
    sealed = Keyring((OLD,)).encrypt("accounts", "x")
    rotated = Keyring((NEW, OLD))
    assert rotated.decrypt("accounts", sealed) == "x"
    assert rotated.encrypt("accounts", "x").startswith(b"new:")
    with pytest.raises(KeyMissing):
        Keyring((NEW,)).decrypt("accounts", sealed)


def test_a_ciphertext_cannot_be_moved_to_another_purpose_or_forged() -> None:
    ring = Keyring((OLD,))
    sealed = ring.encrypt("accounts", "x")
    with pytest.raises(InvalidTag):
        ring.decrypt("discord", sealed)
    with pytest.raises(InvalidTag):
        ring.decrypt("accounts", sealed[:-8] + b"AAAAAAA=")


def test_a_process_without_the_purposes_key_cannot_write_or_read_it() -> None:
    website = Keyring((EncryptionKey("a", "accounts", b"a" * 32),))
    with pytest.raises(KeyMissing):
        website.encrypt("discord", "x")
