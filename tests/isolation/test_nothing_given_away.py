"""What a stranger tries first: files and consoles that should not be there (T38), and code in every parameter (T31)."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import limiter
from tests.app.browsing import Town
from tests.servers.sandbox import ALICE, SERVER_A

HIDDEN = [
    "/.git/config",
    "/.git/HEAD",
    "/.env",
    "/docker/.env",
    "/wsgi.py",
    "/app/config.py",
    "/setup.cfg",
    "/var/panel.sqlite3",
    "/console",
    "/_debug",
    "/__debugger__",
    "/metrics",
    "/server-status",
    "/actuator/env",
    "/swagger.json",
    "/static/",
    "/static/dist/",
    "/static/dist/manifest.json.map",
    "/static/%2e%2e/config.py",
    "/static/..%2f..%2fconfig.py",
    "/static/dist/../../../config.py",
]

ATTACKS = [
    "' OR '1'='1",
    "1' AND SLEEP(5)-- -",
    "'; DROP TABLE messages; --",
    '" UNION SELECT 1,2,3 -- ',
    "1 ORDER BY 99",
    "%' AND 1=0 UNION ALL SELECT token FROM sessions#",
    "%_%\\",
    "{{7*'7'}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "$(sleep 5)`id`|id;id&&id",
    "\x00\ud800\u202e\U0010ffff".encode("utf-8", "replace").decode(),
    "../../../../etc/passwd",
    "-1",
    "9" * 60,
    "NaN",
    "(" * 500,
    "a" * 5_000,
]

PARAMETERS = ("q", "before", "after", "name", "order", "presence", "role", "status", "kind", "days", "cursor", "at")


@pytest.fixture
def alice(app: Flask) -> FlaskClient:
    town = Town.of(app)
    town.install(ALICE, SERVER_A)
    return town.signed_in(ALICE)


def _pages(app: Flask) -> list[str]:
    """Every page of a community that takes no more than its id, and what asks for one in words."""
    rules = [
        rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and "guild_id" in rule.arguments
    ]
    found = [rule.rule.replace("<snowflake:guild_id>", str(SERVER_A)) for rule in rules if len(rule.arguments) == 1]
    assert len(found) >= 8
    return [*sorted(found), "/servers", "/login"]


@pytest.mark.parametrize("path", HIDDEN)
def test_t38_there_is_no_source_no_secret_no_console_and_no_figures(app: Flask, alice: FlaskClient, path: str) -> None:
    for browser in (alice, app.test_client()):
        assert browser.get(path).status_code == 404


def test_t38_trace_is_no_method_and_health_tells_only_its_status(app: Flask) -> None:
    stranger = Town.of(app).browser()

    for path in ("/", "/login", "/healthz"):
        assert stranger.open(path, method="TRACE").status_code == 405
    assert stranger.get("/healthz").json == {"status": "ok"}
    assert set(stranger.get("/readyz").json) <= {"status", "database", "redis", "live", "bot"}


def test_t38_built_assets_hold_no_source_maps(app: Flask) -> None:
    folder = Path(app.root_path) / "web/static/dist"
    scripts = [path for path in folder.iterdir() if path.suffix in (".js", ".css")]

    assert scripts and not list(folder.glob("*.map"))
    assert not [path.name for path in scripts if "sourceMappingURL" in path.read_text()]


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_t31_code_in_a_parameter_is_a_word_or_a_refusal(app: Flask, alice: FlaskClient, attack: str) -> None:
    limiter.reset()
    for page in _pages(app):
        for asked in ({"q": attack}, dict.fromkeys(PARAMETERS, attack)):
            answer = alice.get(page, query_string=asked)
            assert answer.status_code < 500, (page, asked)
            assert "7777777" not in answer.text and "&lt;class" not in answer.text, (page, asked)
