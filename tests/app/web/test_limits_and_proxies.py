"""Limits while Redis comes and goes, and whose address counts behind a proxy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.config import Process
from app.extensions import db, limiter
from tests.client import Browser
from tests.environment import settings
from tests.servers.redis import Redis


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A server of this test's own: it is stopped and started again."""
    server = Redis()
    yield server
    server.stop()


@pytest.fixture
def forget_limits() -> Iterator[None]:
    """Extensions are shared by the apps of one test process: leave them as an app without Redis expects them."""
    yield
    limiter._storage_dead = False


def _app(folder: Path, process: Process = Process.UP, **overrides: str) -> Flask:
    app = create_app(settings(f"sqlite:///{folder / 'panel.sqlite3'}", folder, process, **overrides))
    app.test_client_class = Browser
    with app.app_context():
        upgrade()
        db.session.remove()
    return app


def _sign_in_attempts(app: Flask, times: int) -> list[int]:
    return [app.test_client().get("/api/auth/discord").status_code for _try in range(times)]


def test_limits_are_counted_in_redis_and_by_a_quarter_in_memory_while_it_is_away(
    redis: Redis, folder: Path, forget_limits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T28"""
    app = _app(folder, Process.WEB, REDIS_URL=redis.url, DISCORD_TOKEN="")
    assert _sign_in_attempts(app, 11) == [302] * 10 + [429]

    redis.process.stop()
    began = time.monotonic()
    assert _sign_in_attempts(app, 3) == [302, 302, 429], "a quarter of ten, in this process"
    assert time.monotonic() - began < 5

    redis.start()
    monkeypatch.setattr(limiter, "_Limiter__last_check_backend", 0.0)
    assert _sign_in_attempts(app, 10) == [302] * 10, "handed back: Redis counts anew"


@pytest.mark.parametrize(("hops", "statuses"), [("0", [302] * 10 + [429] * 2), ("1", [302] * 12)])
def test_a_forwarded_address_counts_behind_a_trusted_proxy_alone(
    folder: Path, forget_limits: None, hops: str, statuses: list[int]
) -> None:
    """T28"""
    app = _app(folder, TRUSTED_PROXIES=hops)
    limiter.reset()
    browser = app.test_client()

    found = [
        browser.get("/api/auth/discord", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(12)
    ]

    assert found == statuses


def test_over_https_browsers_are_told_to_stay_there(folder: Path, forget_limits: None) -> None:
    app = _app(folder, PUBLIC_URL="https://panel.example.org", LIVE_URL="https://live.example.org", TRUSTED_PROXIES="1")

    answer = app.test_client().get("/", headers={"X-Forwarded-Proto": "https"})

    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert "connect-src 'self' wss://live.example.org" in answer.headers["Content-Security-Policy"]


def test_built_assets_are_served_for_ever_and_never_sniffed(folder: Path) -> None:
    app = _app(folder)
    with app.test_request_context():
        url = app.jinja_env.globals["asset_url"]("app.css")

    answer = app.test_client().get(url)

    assert answer.status_code == 200, "Cure: npm ci && npm run build"
    assert "immutable" in answer.headers["Cache-Control"] and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert app.test_client().get("/static/dist/../../__init__.py").status_code == 404
