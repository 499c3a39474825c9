"""The walls around every route: origin, size, limits, headers, and one 404 for all that is not yours."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.contracts.bot_api import Call, Direction, signed_headers
from app.contracts.membership import REPORT_PATH
from app.domain.tenants.queries import presence_of, tenant_of_guild
from app.extensions import db
from app.web.guards import GuardedBlueprint, RouteClass, UnguardedRoute, needs_sign_in, refuse_unguarded
from tests.app.browsing import PUBLIC_URL, Town
from tests.environment import BOT_SECRET
from tests.servers.sandbox import ALICE, CHARLIE, SERVER_A, SERVER_B, STAN

REFERENCE = {"X-Request-Id": "same-for-both-0001"}

FOREIGN = {
    "cross-site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
    "same-site": {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:6000"},
    "typed in": {"Sec-Fetch-Site": "none"},
    "only a foreign Origin": {"Sec-Fetch-Site": None, "Origin": "https://evil.test"},
    "a look-alike Origin": {"Sec-Fetch-Site": None, "Origin": PUBLIC_URL + ".evil.test"},
    "Origin null": {"Sec-Fetch-Site": None, "Origin": "null"},
    "neither header": {"Sec-Fetch-Site": None},
}


@pytest.fixture
def town(app: Flask) -> Town:
    return Town.of(app)


def _unsafe_rules(app: Flask) -> list[tuple[str, str]]:
    """Every route and unsafe method that takes a cookie."""
    found = []
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints[rule.endpoint.rpartition(".")[0]]
        assert isinstance(blueprint, GuardedBlueprint)
        if blueprint.guard is RouteClass.SIGNED:
            continue
        url = rule.rule
        for argument in rule.arguments:
            kind = rule._converters[argument].__class__.__name__
            value = {"SnowflakeConverter": str(SERVER_A), "TokenConverter": "t" * 22}.get(kind, "1")
            for name in ("snowflake", "token", "int", "path", "string"):
                url = url.replace(f"<{name}:{argument}>", value)
            url = url.replace(f"<{argument}>", value)
        found += [(method, url) for method in rule.methods or () if method not in ("GET", "HEAD", "OPTIONS")]
    return found


@pytest.mark.parametrize("how", FOREIGN, ids=lambda how: how.replace(" ", "-"))
def test_no_unsafe_route_obeys_a_request_from_elsewhere(town: Town, app: Flask, how: str) -> None:
    """T13, T14"""
    town.install(ALICE, SERVER_A)
    browser = town.signed_in(ALICE)
    browser.environ_base.pop("HTTP_SEC_FETCH_SITE")
    headers = {name: value for name, value in FOREIGN[how].items() if value is not None}
    rules = _unsafe_rules(app)
    assert ("POST", "/logout") in rules and len(rules) > 8

    for method, url in rules:
        answer = browser.open(url, method=method, headers=headers)
        assert answer.status_code == 403, (method, url)
        assert "Access-Control-Allow-Origin" not in answer.headers

    browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert browser.get("/servers").status_code == 200, "still signed in"


def test_a_browser_without_fetch_metadata_is_known_by_its_origin(town: Town) -> None:
    browser = town.signed_in(ALICE)
    browser.environ_base.pop("HTTP_SEC_FETCH_SITE")

    assert browser.post("/logout", headers={"Origin": PUBLIC_URL}).status_code == 303


def test_a_link_from_elsewhere_may_open_a_page(town: Town) -> None:
    browser = town.signed_in(ALICE)

    assert browser.get("/servers", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("path", ["", "/set-up", "/settings/staff", "/notifications"])
def test_stranger_unknown_and_missing_are_told_in_the_same_bytes(town: Town, path: str) -> None:
    town.install(CHARLIE, SERVER_B)
    browser = town.signed_in(ALICE)

    foreign = browser.get(f"/servers/{SERVER_B}{path}", headers=REFERENCE)
    unknown = browser.get(f"/servers/{SERVER_B + 77}{path}", headers=REFERENCE)
    no_route = browser.get("/no/such/page", headers=REFERENCE)

    assert [foreign.status_code, unknown.status_code, no_route.status_code] == [404] * 3
    assert foreign.data == unknown.data == no_route.data


@pytest.mark.parametrize(
    "word", ["0", "01", "-1", "abc", "1e5", "9223372036854775808", "99999999999999999999", "١٢٣", " 1", "%00"]
)
def test_what_is_no_id_is_no_address(town: Town, word: str) -> None:
    assert town.signed_in(ALICE).get(f"/servers/{word}").status_code == 404


def test_a_request_larger_than_its_class_allows_is_refused_unread(town: Town) -> None:
    browser = town.signed_in(ALICE)

    assert browser.post("/logout", data=b"x" * (256 * 1024 + 1)).status_code == 413
    assert browser.get("/servers").status_code == 200


def test_every_answer_carries_the_strict_headers(town: Town) -> None:
    for path in ("/", "/login", "/nothing", "/healthz"):
        answer = town.browser().get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-" not in policy and "frame-ancestors 'none'" in policy and "'nonce-" in policy, path
        assert "connect-src 'self' ws://127.0.0.1:8001" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in answer.headers, "not on loopback"
        assert answer.headers["X-Request-Id"]


def test_two_answers_never_share_a_nonce(town: Town) -> None:
    policies = {town.browser().get("/").headers["Content-Security-Policy"] for _look in range(5)}

    assert len(policies) == 5


def test_too_many_sign_ins_from_one_address_have_to_wait(town: Town) -> None:
    browser = town.browser()
    answers = [browser.get("/api/auth/discord", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(12)]

    assert [answer.status_code for answer in answers] == [302] * 10 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) <= 60


def test_limits_count_a_person_over_all_their_sessions_and_pages(town: Town) -> None:
    """T28: another session, method case or spelling of the path is no new budget."""
    first, second = town.browser(), town.browser()
    town.sign_in(first, ALICE)
    town.sign_in(second, ALICE)
    for _click in range(30):
        assert first.post(f"/servers/{SERVER_A}/notifications/readings").status_code == 404
        assert second.post(f"/servers/{SERVER_A}/set-up/retries").status_code == 404

    assert second.post(f"/servers/{SERVER_A}/set-up/archive").status_code == 429
    assert first.get("/servers").status_code == 200, "reads have their own budget"
    other = town.signed_in(STAN)
    assert other.post(f"/servers/{SERVER_A}/set-up/archive").status_code == 404, "others are not affected"


def test_the_error_page_names_the_reference_that_the_log_knows(
    town: Town, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "home.page", _broken(app.view_functions["home.page"]))

    answer = town.browser().get("/", headers=REFERENCE)

    assert answer.status_code == 500 and REFERENCE["X-Request-Id"] in answer.text
    assert "secret inside" not in answer.text
    assert any(getattr(record, "request_id", "") == REFERENCE["X-Request-Id"] for record in caplog.records)


def _broken(view: Any) -> Any:
    def broken() -> str:
        raise RuntimeError("secret inside")

    broken.__access__ = view.__access__  # type: ignore[attr-defined]
    return broken


def test_an_app_with_an_unguarded_route_does_not_start() -> None:
    app = Flask("unguarded")
    blueprint = GuardedBlueprint("some", __name__, guard=RouteClass.PAGE)
    blueprint.add_url_rule("/marked", view_func=needs_sign_in(lambda: ""), endpoint="marked")
    blueprint.add_url_rule("/bare", view_func=lambda: "", endpoint="bare")
    app.register_blueprint(blueprint)

    with pytest.raises(UnguardedRoute, match=r"/bare .*no mark") as refusal:
        refuse_unguarded(app)
    assert "/marked" not in str(refusal.value)


def _report(client: FlaskClient, body: Any, **changes: Any) -> Any:
    raw = json.dumps(body).encode()
    call = Call(
        Direction.TO_WEB,
        "POST",
        REPORT_PATH,
        0,
        0,
        changes.pop("actor", "system:membership"),
        changes.pop("at", int(time.time())),
        raw,
    )
    headers = signed_headers(call, changes.pop("secret", BOT_SECRET), "r1") | {"content-type": "application/json"}
    headers |= changes.pop("headers", {})
    client.environ_base.pop("HTTP_SEC_FETCH_SITE", None)
    return client.post(REPORT_PATH, data=changes.pop("sent", raw), headers=headers)


def _joined() -> dict[str, Any]:
    guild = {"id": str(SERVER_A), "name": "Snowfall Village", "icon": None, "owner_id": str(ALICE)}
    return {"kind": "joined", "shard_ids": [0], "shard_count": 1, "guilds": [guild]}


def test_the_bots_signed_report_is_taken(town: Town) -> None:
    assert _report(town.browser(), _joined()).status_code == 204

    assert presence_of(SERVER_A).name == "Snowfall Village"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": "w" * 40}, 401),
        ({"at": int(time.time()) - 3600}, 401),
        ({"sent": b'{"kind": "left"}'}, 401),
        ({"headers": {"x-signature": ""}}, 400),
        ({"headers": {"x-signature": "0" * 64}}, 401),
        ({"actor": "system:set_up"}, 403),
        ({"actor": str(ALICE)}, 403),
    ],
)
def test_a_report_that_the_bot_did_not_sign_changes_nothing(town: Town, changes: dict[str, Any], status: int) -> None:
    answer = _report(town.browser(), _joined(), **changes)

    assert answer.status_code == status and presence_of(SERVER_A) is None


def test_a_cookie_opens_no_signed_route(town: Town) -> None:
    """T13"""
    answer = town.signed_in(ALICE).post(REPORT_PATH, json=_joined())

    assert answer.status_code == 400 and presence_of(SERVER_A) is None


def test_json_nested_ten_thousand_deep_is_malformed_and_no_failure(town: Town) -> None:
    """T29"""
    answer = town.signed_in(ALICE).post(
        "/api/bot/ws-ticket", data="[" * 10_000 + "]" * 10_000, content_type="application/json"
    )

    assert answer.status_code in (400, 404, 422)


@pytest.mark.parametrize(
    "body",
    [None, [], "x", {}, {"kind": "left"}, {"kind": "everything", "guilds": [], "shard_ids": [], "shard_count": 1}],
)
def test_a_malformed_report_is_refused_with_words(town: Town, body: Any) -> None:
    answer = _report(town.browser(), body)

    assert answer.status_code == 422 and answer.json["code"] == "bad_report"


def test_the_website_says_what_it_can_reach(town: Town) -> None:
    assert town.browser().get("/healthz").json == {"status": "ok"}
    assert town.browser().get("/readyz").json == {"status": "ok", "database": "ok", "live": "ok", "bot": "ok"}
    town.bot.away = True
    answer = town.browser().get("/readyz")
    assert (answer.status_code, answer.json["bot"]) == (200, "away")


def test_a_page_works_and_says_so_while_the_bot_is_away(town: Town) -> None:
    town.install(ALICE, SERVER_A)
    town.bot.away = True

    page = town.signed_in(ALICE).get(f"/servers/{SERVER_A}")

    assert page.status_code == 200 and "The bot is away" in page.text
    assert tenant_of_guild(SERVER_A) is not None
    db.session.rollback()
