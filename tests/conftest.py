"""Fixtures shared by all suites. Databases are built by the migrations; servers are real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import inspect, text

from app import create_app
from app.clients import Clients
from app.clients.bot_api.fake import FakeBotApi
from app.clients.discord_guild.fake import FakeDiscordGuild
from app.clients.discord_oauth.fake import FakeDiscordOAuth
from app.clients.file_store.fake import FakeFileStore
from app.clients.job_queue.fake import FakeJobQueue
from app.clients.live_bus.ring import RingLiveBus
from app.clients.safe_http.fake import FakeSafeHttp
from app.db.scope import all_tenants
from app.extensions import db, limiter
from tests.client import Browser
from tests.environment import settings
from tests.servers.database import DatabaseServer, private_database
from tests.servers.redis import Redis
from tests.servers.sandbox import Sandbox
from tests.spreading import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

BACKENDS = ["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)]


@pytest.fixture(scope="session")
def mariadb() -> Iterator[DatabaseServer]:
    """One private server per test worker: MariaDB, or MySQL with MYSQLD."""
    server = private_database()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A small Discord with the bot already in servers A and B."""
    server = Sandbox("--scenario", "small", "--installed", "A,B")
    yield server
    server.stop()


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The database a test runs on: once SQLite, once MariaDB."""
    return str(request.param)


@pytest.fixture(scope="session")
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if backend == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'panel.sqlite3'}"
    return str(request.getfixturevalue("mariadb").url("panel"))


@pytest.fixture(scope="session")
def migrated_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The website on a migrated database. Tests use `app`, which also empties it."""
    app = create_app(settings(database_url, tmp_path_factory.mktemp("data")))
    app.testing = True
    app.test_client_class = Browser
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The website on an empty database, its outsiders fakes, inside an application context."""
    migrated_app.extensions["clients"] = Clients(
        bot_api=FakeBotApi(),
        job_queue=FakeJobQueue(),
        live_bus=RingLiveBus(),
        discord_oauth=FakeDiscordOAuth(),
        safe_http=FakeSafeHttp(),
        file_store=FakeFileStore(),
        discord_guild=FakeDiscordGuild(),
    )
    with migrated_app.app_context():
        if limiter.initialized:
            limiter.reset()
        yield migrated_app
        db.session.remove()
        _empty_tables()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that says so: same-origin requests, as a page's own forms send them."""
    browser = app.test_client()
    browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def _empty_tables() -> None:
    with all_tenants(reason="a test is over and leaves nothing behind"), db.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.execute(text("PRAGMA defer_foreign_keys=ON" if sqlite else "SET foreign_key_checks=0"))
        present = set(inspect(connection).get_table_names())
        for table in reversed(db.metadata.sorted_tables):
            if table.name in present:
                connection.execute(table.delete())
        if not sqlite:
            connection.execute(text("SET foreign_key_checks=1"))
