"""The app without routes: settings, database, clients. Bot, worker and website all start here."""

from __future__ import annotations

from pathlib import Path

from celery import Celery
from flask import Flask

from app.clients import Clients
from app.clients.bot_api.http import HttpBotApi
from app.clients.discord_guild.port import DiscordGuild
from app.clients.discord_oauth.http import HttpDiscordOAuth
from app.clients.file_store import open_file_store
from app.clients.job_queue.celery_queue import CeleryQueue
from app.clients.live_bus import open_live_bus
from app.clients.safe_http.http import PinnedSafeHttp
from app.config import Settings
from app.contracts.jobs import QUEUE_OF
from app.db import engine, guard
from app.db.encrypted import Keyring
from app.domain import tables
from app.domain.searches.watching import start_watching
from app.error_reports import start_error_reports
from app.extensions import babel, celery, db, migrate
from app.logs import start_logging

PACKAGE_FOLDER = Path(__file__).resolve().parent
TABLES = tables
"""Imported here so that the mappers are complete in every process."""


def create_core_app(settings: Settings, *, discord_guild: DiscordGuild | None = None) -> Flask:
    """A Flask app with everything but routes. `discord_guild` is the bot's own hand in Discord; nobody else has one."""
    app = Flask("app", root_path=str(PACKAGE_FOLDER), static_folder=None, template_folder=None)
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine.engine_options(settings.database_url),
        BABEL_DEFAULT_LOCALE="en",
    )
    start_logging(settings.log_format)
    start_error_reports(settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(PACKAGE_FOLDER.parent / "migrations"), render_as_batch=True)
    babel.init_app(app)
    engine.install(app)
    guard.install(app)
    app.extensions["keyring"] = Keyring(settings.encryption_keys)
    configure_celery(settings)
    start_watching()
    app.extensions["clients"] = Clients(
        bot_api=HttpBotApi(settings),
        job_queue=CeleryQueue(celery),
        live_bus=open_live_bus(settings),
        discord_oauth=HttpDiscordOAuth(settings),
        safe_http=PinnedSafeHttp(settings.outbound_allow),
        file_store=open_file_store(settings),
        discord_guild=discord_guild,
    )
    return app


def configure_celery(settings: Settings, queue: Celery = celery) -> None:
    """Point Celery at Redis, or at its in-process broker where there is none."""
    queue.conf.update(
        broker_url=settings.redis_url or "memory://localhost/",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        task_routes={job.value: {"queue": queue.value} for job, queue in QUEUE_OF.items()},
        task_default_queue="default",
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 120,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "max_retries": 0,
            "socket_connect_timeout": 0.5,
            "polling_interval": 0.2,
        }
        if settings.redis_url
        else {"polling_interval": 0.2},
    )
