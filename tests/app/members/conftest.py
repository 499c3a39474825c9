"""A community to copy into."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.accounts.models import User
from app.domain.tenants.models import Tenant
from app.extensions import db
from tests.servers.sandbox import ALICE, CHARLIE, SERVER_A, SERVER_B


@pytest.fixture
def tenant(app: Flask) -> Iterator[Tenant]:
    """Alice's community, in whose scope the test runs; Charlie's stands beside it."""
    with transaction():
        db.session.add_all(
            (User(id=ALICE, username="alice", display_name="Alice"), User(id=CHARLIE, username="c", display_name="C"))
        )
        db.session.flush()
        ours = Tenant(id=1, guild_id=SERVER_A, slug="a", name="A", owner_id=ALICE)
        db.session.add_all((ours, Tenant(id=2, guild_id=SERVER_B, slug="b", name="B", owner_id=CHARLIE)))
    with tenant_scope(1):
        yield ours
