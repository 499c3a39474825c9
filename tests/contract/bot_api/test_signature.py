"""The signature between website and bot: one vector, and every way to get it wrong (T05, T07)."""

from __future__ import annotations

import pytest

from app.contracts.bot_api import (
    SIGNED_HEADERS,
    Accepted,
    Call,
    Code,
    Direction,
    Rejection,
    sign,
    signed_headers,
    string_to_sign,
    verify,
)

SECRET = "a-throw-away-secret-for-the-vector-0001"
CALL = Call(
    Direction.TO_BOT,
    "post",
    "/moderation/ban?x=1",
    7,
    300000000000000001,
    "200000000000000002",
    1_800_000_000,
    b'{"a":1}',
)


def test_the_vector() -> None:
    assert string_to_sign(CALL) == (
        b"v1\nto-bot\nPOST\n/moderation/ban?x=1\n7\n300000000000000001\n200000000000000002\n1800000000\n"
        b"015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    )
    assert sign(CALL, SECRET) == "44fd55c41ed024fdb0df6209813c27c1f0871a13c9bdb2f77dc29a813f2c50fd"


def _verify(
    headers: list[tuple[str, str]], *, now: int = CALL.timestamp, body: bytes = CALL.body, target: str = CALL.target
) -> Accepted | Rejection:
    return verify(
        direction=Direction.TO_BOT,
        method="POST",
        target=target,
        body=body,
        headers=headers,
        secrets=(SECRET, "s" * 40),
        now=now,
    )


def _headers(secret: str = SECRET) -> list[tuple[str, str]]:
    return list(signed_headers(CALL, secret, "request-1").items())


def test_a_signed_call_is_accepted_under_either_live_secret() -> None:
    expected = Accepted(7, 300000000000000001, "200000000000000002", "request-1")
    assert _verify(_headers()) == expected
    assert _verify(_headers("s" * 40)) == expected
    assert _verify([(name.title(), value) for name, value in _headers()]) == expected


@pytest.mark.parametrize("name", SIGNED_HEADERS)
def test_a_header_missing_twice_or_empty_is_400(name: str) -> None:
    headers = _headers()
    without = [pair for pair in headers if pair[0] != name]
    assert _verify(without) == Rejection(400, Code.BAD_HEADERS)
    assert _verify([*headers, (name, "1")]) == Rejection(400, Code.BAD_HEADERS)
    assert _verify([*headers, (name.upper().replace("-", "_"), "1")]) == Rejection(400, Code.BAD_HEADERS)
    assert _verify([*without, (name, "")]) == Rejection(400, Code.BAD_HEADERS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-tenant-id", "8"),
        ("x-guild-id", "9"),
        ("x-actor-id", "1"),
        ("x-bot-secret", "wrong"),
        ("x-signature", "0" * 64),
    ],
)
def test_a_changed_header_is_401(name: str, value: str) -> None:
    headers = [(key, value if key == name else old) for key, old in _headers()]
    assert _verify(headers) == Rejection(401, Code.BAD_SIGNATURE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-tenant-id", "-1"),
        ("x-tenant-id", "٧"),
        ("x-guild-id", "1e3"),
        ("x-actor-id", "root"),
        ("x-actor-id", "system:a b"),
        ("x-timestamp", "now"),
    ],
)
def test_a_malformed_header_is_400(name: str, value: str) -> None:
    headers = [(key, value if key == name else old) for key, old in _headers()]
    assert _verify(headers) == Rejection(400, Code.BAD_HEADERS)


@pytest.mark.parametrize("name", ["x-bot-secret", "x-signature", "x-request-id"])
def test_t07_bytes_that_are_no_text_are_refused_and_no_failure(name: str) -> None:
    """aiohttp hands such bytes on as lone surrogates, which cannot be encoded to be compared."""
    headers = [(key, b"\xff\xfe".decode("utf-8", "surrogateescape") if key == name else old) for key, old in _headers()]
    assert _verify(headers) == Rejection(400, Code.BAD_HEADERS)


def test_an_old_or_future_call_a_changed_body_and_a_changed_path_are_401() -> None:
    for offset in (-61, 61):
        assert _verify(_headers(), now=CALL.timestamp + offset) == Rejection(401, Code.BAD_SIGNATURE)
    assert isinstance(_verify(_headers(), now=CALL.timestamp + 60), Accepted)
    assert _verify(_headers(), body=b'{"a":2}') == Rejection(401, Code.BAD_SIGNATURE)
    assert _verify(_headers(), target="/moderation/ban?x=2") == Rejection(401, Code.BAD_SIGNATURE)


def test_a_signature_for_the_other_direction_is_401() -> None:
    other = Call(
        Direction.TO_WEB, CALL.method, CALL.target, CALL.tenant_id, CALL.guild_id, CALL.actor, CALL.timestamp, CALL.body
    )
    assert _verify(list(signed_headers(other, SECRET, "r").items())) == Rejection(401, Code.BAD_SIGNATURE)
