"""Databases for the benchmarks: migrated, with three communities that keep an archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app.bootstrap import create_core_app
from app.db.scope import all_tenants
from app.db.transaction import transaction
from app.domain.access import SystemActor
from app.domain.accounts.models import User
from app.domain.messages import service
from app.domain.messages.postings import KnownWords
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db
from tests.bench.corpus import guild_of
from tests.environment import settings

BENCH = SystemActor("bench")
TENANTS = (1, 2, 3)
BATCH = 500
"""As the bot hands them over."""


@contextmanager
def archive_on(url: str, folder: Path) -> Iterator[Flask]:
    """The bot's app on a fresh database, inside an application context."""
    app = create_core_app(settings(url, folder))
    with app.app_context():
        upgrade()
        service.KNOWN_WORDS = KnownWords()
        with transaction():
            db.session.add(User(id=1, username="owner", display_name="Owner"))
            db.session.flush()
            db.session.add_all(
                Tenant(id=i, guild_id=guild_of(i), slug=f"t{i}", name=f"T{i}", owner_id=1) for i in TENANTS
            )
        with all_tenants(reason="the benchmark fills its communities"), transaction():
            db.session.add_all(BotSettings(tenant_id=i, archive_enabled=True) for i in TENANTS)
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
