"""The session cookie under attack, and how long it lasts."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask

from app.config import SigningKey
from app.domain.clock import frozen, utcnow
from tests.app.browsing import PUBLIC_URL, Town
from tests.servers.sandbox import ALICE

COOKIE = "__Host-session"
KEY = b"s" * 64


@pytest.fixture
def town(app: Flask) -> Town:
    return Town.of(app)


def _claims(town: Town) -> dict[str, Any]:
    """Those of a good cookie."""
    value = town.signed_in(ALICE).get_cookie(COOKIE).value
    return jwt.decode(value, options={"verify_signature": False})


def _signed(claims: dict[str, Any], *, key: Any = KEY, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(claims, key, algorithm, headers={"kid": "t1", **headers})


def _raw(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(claims)}.{signature}"


def _hmac(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """As a tool without scruples signs: with any key, an empty one too."""
    unsigned = _raw(header, claims).rpartition(".")[0]
    mac = hmac.digest(key, unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "none": lambda c: _raw({"alg": "none", "typ": "JWT", "kid": "t1"}, c),
    "nOnE": lambda c: _raw({"alg": "nOnE", "typ": "JWT", "kid": "t1"}, c),
    "stripped signature": lambda c: _signed(c).rpartition(".")[0] + ".",
    "tampered": lambda c: _raw(
        {"alg": "HS256", "typ": "JWT", "kid": "t1"}, c | {"sub": "1"}, _signed(c).rpartition(".")[2]
    ),
    "another algorithm": lambda c: _signed(c, algorithm="HS512"),
    "RS256 instead of HS256": lambda c: _signed(c, key=RSA_KEY, algorithm="RS256"),
    "kid is a path": lambda c: _hmac({"alg": "HS256", "kid": "../../../../dev/null"}, c, b""),
    "kid is SQL": lambda c: _signed(c, kid="x' UNION SELECT 'ssss", key=b"ssss"),
    "jku": lambda c: _signed(c, key=b"k" * 64, jku="https://evil.test/keys"),
    "wrong audience": lambda c: _signed(c | {"aud": "__Host-oauth"}),
    "the bot's audience": lambda c: _signed(c | {"aud": "bot"}),
    "wrong issuer": lambda c: _signed(c | {"iss": "http://127.0.0.1:6000"}),
    "no expiry": lambda c: _signed(_without(c, "exp")),
    "expired": lambda c: _signed(c | {"exp": int(utcnow().timestamp()) - 1}),
    "not yet valid": lambda c: _signed(c | {"nbf": int(utcnow().timestamp()) + 3600}),
    "issued in the future": lambda c: _signed(c | {"iat": int(utcnow().timestamp()) + 3600}),
    "no session": lambda c: _signed(_without(c, "sid")),
    "no person": lambda c: _signed(_without(c, "sub")),
    "another person's session": lambda c: _signed(c | {"sub": "200000000000000002"}),
    "numbers for words": lambda c: _raw({"alg": "HS256", "kid": "t1"}, c | {"sid": 1}),
    "unknown key": lambda c: _signed(c, kid="t9"),
    "no kid": lambda c: jwt.encode(c, KEY, "HS256"),
    "not a token": lambda c: "x" * 50,
    "endless": lambda c: _signed(c | {"pad": "x" * 5000}),
}


@pytest.mark.parametrize("how", FORGERIES, ids=lambda how: how.replace(" ", "-"))
def test_a_forged_cookie_opens_nothing(town: Town, how: str) -> None:
    """T10"""
    claims = _claims(town)
    thief = town.browser()
    thief.set_cookie(COOKIE, _signed(claims))
    assert thief.get("/servers", headers={"HX-Request": "true"}).status_code == 200, "the honest copy opens"
    thief.set_cookie(COOKIE, FORGERIES[how](claims))

    assert thief.get("/servers", headers={"HX-Request": "true"}).status_code == 401


def test_the_cookie_says_neither_role_nor_name(town: Town) -> None:
    assert set(_claims(town)) == {"sub", "sid", "aud", "iss", "iat", "exp"}
    assert _claims(town)["iss"] == PUBLIC_URL


def test_a_session_in_use_slides_and_an_idle_one_ends_after_twelve_hours(town: Town) -> None:
    browser = town.signed_in(ALICE)
    start = utcnow()
    with frozen(start + timedelta(hours=11)):
        assert browser.get("/servers").status_code == 200
    with frozen(start + timedelta(hours=22)):
        assert browser.get("/servers").status_code == 200
    with frozen(start + timedelta(hours=34, minutes=1)):
        assert browser.get("/servers").status_code == 302


def test_no_session_lasts_longer_than_fourteen_days(town: Town) -> None:
    browser = town.signed_in(ALICE)
    start = utcnow()
    for hours in range(10, 14 * 24, 10):
        with frozen(start + timedelta(hours=hours)):
            assert browser.get("/servers").status_code == 200
    with frozen(start + timedelta(days=14, minutes=1)):
        assert browser.get("/servers").status_code == 302


def test_an_old_copy_of_the_cookie_does_not_outlive_its_own_time(town: Town) -> None:
    browser = town.signed_in(ALICE)
    copy, start = browser.get_cookie(COOKIE).value, utcnow()
    with frozen(start + timedelta(hours=11)):
        browser.get("/servers")
    thief = town.browser()
    thief.set_cookie(COOKIE, copy)

    with frozen(start + timedelta(hours=12, minutes=1)):
        assert thief.get("/servers").status_code == 302


def test_a_key_that_was_rotated_still_verifies_and_the_new_one_signs(
    town: Town, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    browser = town.signed_in(ALICE)
    old = app.config["SETTINGS"]
    new = dataclasses.replace(old, secret_keys=(SigningKey("t2", b"n" * 64), *old.secret_keys))
    monkeypatch.setitem(app.config, "SETTINGS", new)

    assert browser.get("/servers").status_code == 200
    with frozen(utcnow() + timedelta(minutes=10)):
        browser.get("/servers")
    assert jwt.get_unverified_header(browser.get_cookie(COOKIE).value)["kid"] == "t2"

    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(old, secret_keys=(SigningKey("t2", b"n" * 64),)))
    with frozen(utcnow() + timedelta(minutes=10)):
        assert browser.get("/servers").status_code == 200
