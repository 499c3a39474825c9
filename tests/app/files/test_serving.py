"""Kept files in the browser: who gets their bytes, what a browser may do with them, what covers them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from app.clients import Clients
from app.clients.file_store.fake import FakeFileStore
from app.clients.safe_http.port import Fetched
from app.contracts.live import Topic
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role
from app.domain.billing import plans
from app.domain.clock import frozen, utcnow
from app.domain.files import shelf
from app.domain.files.service import FILES, bar_file, keep_due_files, unbar_file
from app.domain.files.signing import sign_attachment
from app.domain.members.models import GuildChannel
from app.domain.messages.kept import Kept
from app.domain.messages.records import RecordKind
from app.domain.staff.models import Membership
from app.extensions import db
from app.web.messages.images import signed_address
from tests.app.files.conftest import PNG, message_ago, row
from tests.app.messages_web.conftest import GENERAL, HELP_THREAD, STAFF_ROOM, A, Village, payload, village
from tests.app.messages_web.conftest import _index as index
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, STAN, VERA

__all__ = ["village"]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
BOMB = PNG[:16] + (50_000).to_bytes(4, "big") * 2 + PNG[24:]
"""A small picture that unpacks to gigabytes (T20)."""
VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 8


def post(number: int, body: bytes, *, name: str = "cat.png", kind: str = "image/png", **changes: object) -> int:
    """A message with one file, kept; the attachment's id is `number`."""
    url = f"https://cdn.discordapp.com/attachments/1/{number}/{number}"
    file = {"id": str(number), "filename": name, "content_type": kind, "size": len(body), "url": url}
    message_id = message_ago(60, number)
    wire = payload(1, "look", attachments=[{**file, "width": 2, "height": 2}], **changes) | {"id": str(message_id)}
    index(A, RecordKind.CREATED, wire, 1)
    _safe_http().pages[url] = Fetched(url, kind, body)
    keep_due_files(FILES)
    return message_id


def _clients() -> Clients:
    from flask import current_app

    found: Clients = current_app.extensions["clients"]
    return found


def _safe_http():  # type: ignore[no-untyped-def]
    return _clients().safe_http


def store() -> FakeFileStore:
    found = _clients().file_store
    assert isinstance(found, FakeFileStore)
    return found


def test_a_kept_file_comes_from_our_store_and_discord_is_not_asked(village: Village) -> None:
    post(71, PNG)
    asked = len(village.safe_http.asked)

    answer = village.file(VERA, 71)

    assert (answer.data, answer.content_type, answer.content_length) == (PNG, "image/png", len(PNG))
    assert len(village.safe_http.asked) == asked
    assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("name", "kind", "body"),
    [
        ("a.svg", "image/svg+xml", SVG),
        ("a.html", "text/html", HTML),
        ("a.png", "image/png", HTML),
        ("a", "", b"\x00\x01"),
        ("bomb.png", "image/png", BOMB),
    ],
)
def test_t15_t42_what_could_carry_a_script_is_only_ever_offered_for_saving(
    village: Village, name: str, kind: str, body: bytes
) -> None:
    """Whatever Discord, and with it the sender, calls it."""
    post(71, body, name=name, kind=kind)

    answer = village.file(VERA, 71)

    assert answer.status_code == 200
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    _is_sealed(answer)


def test_every_kept_file_is_sealed_in_a_page_of_its_own(village: Village) -> None:
    post(71, PNG)
    _is_sealed(village.file(VERA, 71))


def _is_sealed(answer: TestResponse) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_t42_a_name_cannot_leave_its_header(village: Village) -> None:
    """T26: CRLF and quotes in a file's name."""
    post(71, PNG, name='x"\r\nSet-Cookie: a=b; filename=".html')

    answer = village.file(VERA, 71)

    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert "\n" not in answer.headers["Content-Disposition"]


def test_t42_an_address_opens_for_whom_it_was_signed_alone_and_for_a_day(village: Village) -> None:
    post(71, PNG)
    path = f"/servers/{SERVER_A}/attachments/71"
    bobs = sign_attachment(SERVER_A, 71, BOB)
    veras = sign_attachment(SERVER_A, 71, VERA)
    other = sign_attachment(SERVER_A, 72, VERA)

    def asked(who: int, signature: str | None) -> int:
        return village.browser(who).get(path, query_string={"for": signature} if signature else {}).status_code

    assert asked(VERA, veras) == 200
    for wrong in (None, "", bobs, other, veras[:-1], veras.replace("t1.", "t2."), "t1.zz.00", "é.1.2"):
        assert asked(VERA, wrong) == 404, wrong
    with frozen(utcnow() - timedelta(days=1, minutes=1)):
        old = sign_attachment(SERVER_A, 71, VERA)
    assert asked(VERA, old) == 404


def test_t01_t41_hidden_foreign_and_missing_files_are_the_same(village: Village) -> None:
    post(72, PNG, channel=STAFF_ROOM, author=BOB)

    answers = [village.file(VERA, 72), village.file(VERA, 99)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert village.file(CHARLIE, 72).status_code == village.file(STAN, 72).status_code == 404
    assert village.file(BOB, 72).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=100-", 206, 100, len(VIDEO)),
        ("bytes=-5", 206, len(VIDEO) - 5, len(VIDEO)),
        ("bytes=0-0,5-6", 200, 0, len(VIDEO)),
        ("lines=1-2", 200, 0, len(VIDEO)),
    ],
)
def test_a_video_is_read_in_ranges(village: Village, asked: str, status: int, start: int, end: int) -> None:
    post(71, VIDEO, name="a.mp4", kind="video/mp4")

    answer = village.file(VERA, 71, Range=asked)

    assert (answer.status_code, answer.data) == (status, VIDEO[start:end])
    assert answer.headers["Accept-Ranges"] == "bytes" and answer.content_type == "video/mp4"
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(VIDEO)}"


def test_a_range_outside_of_the_file_is_416(village: Village) -> None:
    post(71, VIDEO, name="a.mp4", kind="video/mp4")

    answer = village.file(VERA, 71, Range="bytes=999999-")

    assert answer.status_code == 416 and answer.headers["Content-Range"] == f"bytes */{len(VIDEO)}"


def test_a_store_that_is_away_is_said_and_the_page_works(village: Village) -> None:
    message_id = post(71, PNG)
    store().away = True

    assert village.file(VERA, 71).status_code == 503
    assert village.get(VERA, f"/messages/{message_id}").status_code == 200


def test_each_outcome_is_said_at_the_file(village: Village) -> None:
    message_id = post(71, b"MZ\x90", name="tool.exe", kind="application/x-msdownload")

    html = village.get(VERA, f"/messages/{message_id}").text

    assert "Not kept: files of this kind are not." in html
    assert "/attachments/71" not in html


def test_files_of_deleted_messages_and_age_restricted_channels_are_covered_until_asked_for(village: Village) -> None:
    plain = post(71, PNG)
    assert not _covers(village, plain)
    index(A, RecordKind.DELETED, {"id": str(plain), "channel_id": str(GENERAL)}, 99)
    assert _covers(village, plain) == ["This message was deleted."]

    with tenant_scope(A), transaction():
        db.session.get_one(GuildChannel, (A, GENERAL)).is_nsfw = True
    restricted = post(72, PNG)
    in_thread = post(73, VIDEO, name="a.mp4", kind="video/mp4", channel=HELP_THREAD)
    assert "This channel is age-restricted." in _covers(village, restricted)
    assert _covers(village, in_thread) == ["This channel is age-restricted."], "a thread is as its channel is"


def _covers(village: Village, message_id: int) -> list[str]:
    html = village.get(ALICE, f"/messages/{message_id}").text
    return re.findall(r'<details class="dc-cover">.*?</svg><span>([^<]+)</span>', html, re.DOTALL)


def test_t42_a_withdrawn_file_is_unreadable_at_once_and_never_kept_again(village: Village) -> None:
    """By an admin, for the community: every message that carries it, and every one to come."""
    _make_admin(BOB)
    message_id = post(71, PNG)
    post(72, PNG)
    asked = village.browser(BOB).post(
        f"/servers/{SERVER_A}/attachments/71/quarantines", data={"reason": "private address on it"}
    )
    assert asked.status_code == 303 and asked.headers["Location"].endswith(f"/messages/{message_id}")

    post(73, PNG)

    assert [village.file(ALICE, one).status_code for one in (71, 72, 73)] == [410, 410, 410]
    assert {row(one).kept for one in (71, 72, 73)} == {Kept.QUARANTINED}
    page = village.get(BOB, "/usage").text
    assert "private address on it" in page and hashlib.sha256(PNG).hexdigest() in page and "Bob" in page
    assert _audited("file.quarantined") == [(BOB, "private address on it")]


def test_t41_only_who_sees_its_channel_hears_that_a_file_was_withdrawn(village: Village) -> None:
    _make_admin(BOB)
    post(71, PNG, channel=STAFF_ROOM, author=BOB)
    bus = _clients().live_bus
    before = bus.read(A, None).cursor

    village.browser(BOB).post(f"/servers/{SERVER_A}/attachments/71/quarantines", data={"reason": "x"})

    told = [one.signal for one in bus.read(A, before).entries if one.signal.topic is Topic.MESSAGES]
    assert told and {one.channel_id for one in told} == {STAFF_ROOM}


def test_a_withdrawn_picture_is_not_shown_from_discord_either(village: Village) -> None:
    _make_admin(BOB)
    post(71, PNG)
    village.browser(BOB).post(f"/servers/{SERVER_A}/attachments/71/quarantines", data={"reason": "x"})
    store().away = True  # the next one is not kept yet
    url = "https://cdn.discordapp.com/attachments/1/74/74"
    village.safe_http.pages[url] = Fetched(url, "image/png", PNG)
    file = {"id": "74", "filename": "b.png", "content_type": "image/png", "size": 9, "url": url}
    index(A, RecordKind.CREATED, payload(1, attachments=[file]) | {"id": str(message_ago(1))}, 1)

    assert row(74).kept == Kept.WAITING
    assert village.file(ALICE, 74).status_code == 410


def test_t42_a_link_to_a_withdrawn_picture_does_not_show_it_to_those_it_was_withdrawn_from(village: Village) -> None:
    """Discord makes an embed of a link to its own file: the same bytes, by way of `/img`."""
    _make_admin(BOB)
    post(71, PNG)
    url = "https://cdn.discordapp.com/attachments/1/71/71"
    assert [_linked(village, one, url) for one in (ALICE, BOB, CHARLIE)] == [200, 200, 200]

    village.browser(BOB).post(f"/servers/{SERVER_A}/attachments/71/quarantines", data={"reason": "x"})

    assert [_linked(village, one, url) for one in (ALICE, BOB)] == [410, 410]
    assert _linked(village, CHARLIE, url) == 200  # another community's


def _linked(village: Village, person: int, url: str) -> int:
    with village.town.app.test_request_context():
        address = signed_address(url, person)
    return village.browser(person).get(address).status_code


def test_withdrawing_needs_a_reason_and_an_admin(village: Village) -> None:
    _make_admin(BOB)
    post(71, PNG)
    path = f"/servers/{SERVER_A}/attachments/71/quarantines"

    assert village.browser(VERA).post(path, data={"reason": "x"}).status_code == 403
    refused = village.browser(BOB).post(path, data={"reason": "  "})

    assert refused.status_code == 422 and "Say why" in refused.text
    assert row(71).kept == Kept.KEPT


def test_a_released_file_can_be_read_again(village: Village) -> None:
    _make_admin(BOB)
    post(71, PNG)
    village.browser(BOB).post(f"/servers/{SERVER_A}/attachments/71/quarantines", data={"reason": "x"})
    sha256 = hashlib.sha256(PNG).hexdigest()

    answer = village.browser(BOB).post(f"/servers/{SERVER_A}/quarantined-files/{sha256}/releases")

    assert answer.status_code == 303
    assert village.file(VERA, 71).data == PNG
    assert village.browser(BOB).post(f"/servers/{SERVER_A}/quarantined-files/{sha256}/releases").status_code == 404


def test_the_operator_withdraws_a_file_from_everybody_and_says_why(village: Village) -> None:
    post(71, PNG)
    sha256 = hashlib.sha256(PNG).hexdigest()

    assert bar_file(FILES, sha256, reason="order 12/26", by="root") == 1

    assert village.file(ALICE, 71).status_code == 410
    post(72, PNG)
    assert row(72).kept == Kept.QUARANTINED
    assert shelf.key_of(sha256) in store().kept, "locked away, not destroyed"
    assert _audited("file.barred") == [(None, "order 12/26")]
    assert unbar_file(FILES, sha256, by="root") is True
    assert village.file(ALICE, 71).data == PNG


def test_the_operator_destroys_a_file(village: Village) -> None:
    post(71, PNG)

    bar_file(FILES, hashlib.sha256(PNG).hexdigest(), reason="order", by="root", destroy=True)

    assert not store().kept and village.file(ALICE, 71).status_code == 410


def test_the_usage_page_says_what_is_taken_up_and_what_was_not_kept(village: Village) -> None:
    _make_admin(BOB)
    post(71, PNG)
    post(72, b"MZ", name="a.exe")

    page = village.get(BOB, "/usage").text

    assert (
        f"{len(PNG)} bytes" in page and "Of a kind that is not kept" in page and "Files are kept for 30 days." in page
    )
    assert village.get(VERA, "/usage").status_code == 403


def test_at_the_plans_limit_the_usage_page_and_the_file_say_so(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make_admin(BOB)
    monkeypatch.setitem(plans.PLANS, "studio_plus", replace(plans.STUDIO_PLUS, files_bytes=len(PNG)))
    post(71, PNG)
    refused = post(72, PNG + b"more")

    page = village.get(BOB, "/usage").text

    assert "The room for files is full" in page and "No room left in the plan" in page and 'value="100"' in page
    assert "the plan&#39;s room for files was full" in village.get(VERA, f"/messages/{refused}").text


def _make_admin(person: int) -> None:
    with transaction():
        membership = db.session.get_one(Membership, (A, person))
        membership.role = Role.ADMIN


def _audited(kind: str) -> list[tuple[int | None, str]]:
    from sqlalchemy import select

    from app.domain.audit.models import AuditEntry

    with tenant_scope(A):
        rows = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == kind))
        return [(one.actor_id, (one.after or {})["reason"]) for one in rows]
