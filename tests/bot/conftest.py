"""The bot's tests: a real hikari against the sandbox, the real domain on SQLite and MariaDB."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.config import Process
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role
from app.domain.accounts.models import User
from app.domain.coverage.models import CoverageWatermark
from app.domain.staff.models import Membership
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db
from tests.bot.running import RunningBot
from tests.environment import settings
from tests.servers.sandbox import ALICE, SERVER_A, Sandbox


@pytest.fixture
def bot_of(app: Flask, database_url: str, folder: Path) -> Iterator[Callable[..., RunningBot]]:
    """Start bots against a sandbox; all are stopped with the test."""
    running: list[RunningBot] = []

    def start(sandbox: Sandbox, **overrides: str) -> RunningBot:
        sandbox.post("/sandbox/gateway/settings", identify_spacing=0)
        credentials = sandbox.credentials
        environment = {
            "DISCORD_TOKEN": credentials["bot_token"],
            "DISCORD_API_URL": sandbox.api_url,
            "WEB_INTERNAL_URL": "http://127.0.0.1:9",
            **overrides,
        }
        running.append(RunningBot(app, settings(database_url, folder, Process.BOT, **environment)))
        return running[-1]

    yield start
    for each in running:
        each.stop()


def make_tenant(
    guild_id: int = SERVER_A, owner_id: int = ALICE, *, archive_enabled: bool = True, wants_history: bool = False
) -> int:
    """A community as an install leaves it; returns its id.

    Without `wants_history` its ledger has begun already, so that only what a test makes happen is archived.
    """
    with transaction():
        if db.session.get(User, owner_id) is None:
            db.session.add(User(id=owner_id, username=f"user{owner_id}", display_name=f"User {owner_id}"))
            db.session.flush()
        tenant = Tenant(guild_id=guild_id, slug=f"server-{guild_id}", name="Server", owner_id=owner_id)
        db.session.add(tenant)
        db.session.flush()
        db.session.add(Membership(tenant_id=tenant.id, user_id=owner_id, role=Role.OWNER))
        with tenant_scope(tenant.id):
            db.session.add(BotSettings(archive_enabled=archive_enabled))
            if not wants_history:
                now_ms = time.time_ns() // 1_000_000
                db.session.add(CoverageWatermark(seen_until_ms=now_ms, began_ms=now_ms, bot_id=0))
    return tenant.id
