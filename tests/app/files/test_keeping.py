"""The bytes of attached files: fetched while the link lives, kept once, and each outcome with its reason."""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import update

from app.clients.bot_api.port import Answer
from app.clients.errors import Refused, Unavailable
from app.clients.safe_http.port import Fetched
from app.db.claimable import JobState
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.billing import plans
from app.domain.clock import utcnow
from app.domain.files import shelf
from app.domain.files.models import Blob
from app.domain.files.service import FILES, keeping, let_files_go
from app.domain.holds.models import Hold
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment
from app.domain.tenants.models import RetentionRule
from app.domain.tenants.retention import EVERYWHERE
from app.extensions import db
from tests.app.files.conftest import (
    ALICE,
    GENERAL,
    PNG,
    A,
    B,
    Drawer,
    blobs,
    delete,
    file,
    keep,
    link,
    message_ago,
    post,
    row,
    usage,
)

SHA = hashlib.sha256(PNG).hexdigest()
DAY = 86_400


def test_a_file_is_fetched_and_kept_under_its_hash(drawer: Drawer) -> None:
    post(message_ago(5), file(71, PNG, drawer))

    assert keep() == 1

    kept = row(71)
    assert (kept.kept, kept.sha256, kept.state) == (Kept.KEPT, SHA, JobState.DONE)
    assert drawer.store.kept == {shelf.key_of(SHA): PNG}
    assert usage() == (1, len(PNG))
    assert keep() == 0 and len(drawer.cdn.asked) == 1


def test_the_same_bytes_are_stored_and_counted_once_however_many_messages_carry_them(drawer: Drawer) -> None:
    post(message_ago(9), file(71, PNG, drawer), file(72, PNG, drawer))
    post(message_ago(5), file(73, PNG, drawer), tenant=B)

    assert keep() == 3

    assert list(drawer.store.kept) == [shelf.key_of(SHA)]
    assert (usage(A), usage(B)) == ((2, len(PNG)), (1, len(PNG)))


def test_new_files_come_before_those_of_history(drawer: Drawer) -> None:
    post(message_ago(5 * DAY), file(71, PNG, drawer))
    post(message_ago(5), file(72, PNG, drawer))

    keep()

    assert ["/72/" in url for url in drawer.cdn.asked] == [True, False]


def test_communities_take_turns(drawer: Drawer) -> None:
    """One that sends a thousand pictures holds nobody else up."""
    post(message_ago(60), *(file(10 + number, PNG, drawer) for number in range(12)))
    post(message_ago(5), file(73, PNG, drawer), tenant=B)

    keep()

    assert next(place for place, url in enumerate(drawer.cdn.asked) if "/73/" in url) == keeping.CLAIMED_AT_ONCE


def test_a_file_of_a_message_that_was_deleted_meanwhile_is_kept_while_its_link_lives(drawer: Drawer) -> None:
    written = post(message_ago(5), file(71, PNG, drawer))
    delete(written)

    keep()

    assert row(71).kept == Kept.KEPT


def test_an_expired_link_is_asked_for_anew_by_way_of_the_bot(drawer: Drawer) -> None:
    old = f"https://cdn.discordapp.com/attachments/{GENERAL}/71/cat.png?ex=1&is=1&hm=2&"
    written = post(message_ago(3 * DAY), file(71, None, drawer, url=old))
    fresh = link(71)
    drawer.cdn.pages[fresh] = Fetched(fresh, "image/png", PNG)
    drawer.bot.answers["POST", "/attachments/links"] = Answer(200, {"links": {"71": fresh}})

    keep()

    assert (row(71).kept, row(71).url) == (Kept.KEPT, fresh)
    caller, _method, _path, body = drawer.bot.calls[-1]
    assert (caller.tenant_id, caller.actor) == (A, "system:files")
    assert body == {"channel_id": str(GENERAL), "message_id": str(written)}
    assert drawer.cdn.asked == [fresh]


def test_a_link_that_leads_nowhere_is_tried_anew_once_and_then_the_file_is_gone(drawer: Drawer) -> None:
    post(message_ago(5), file(71, None, drawer))

    keep()

    assert (row(71).kept, row(71).state) == (Kept.GONE, JobState.DONE)
    assert [path for _caller, _method, path, _body in drawer.bot.calls] == ["/attachments/links"]


def test_the_bot_gives_no_link_outside_of_discords_hosts(drawer: Drawer) -> None:
    post(message_ago(5), file(71, None, drawer))
    evil = "https://cdn.discordapp.com.evil.example/71.png"
    drawer.cdn.pages[evil] = Fetched(evil, "image/png", PNG)
    drawer.bot.answers["POST", "/attachments/links"] = Answer(200, {"links": {"71": evil}})

    keep()

    assert row(71).kept == Kept.GONE and evil not in drawer.cdn.asked


@pytest.mark.parametrize("away", ["cdn", "store", "bot"])
def test_what_cannot_be_reached_is_tried_again_and_not_given_up(drawer: Drawer, away: str) -> None:
    url = link(71) if away != "bot" else "https://cdn.discordapp.com/attachments/1/71/cat.png?ex=1&"
    post(message_ago(5), file(71, PNG if away != "bot" else None, drawer, url=url))
    if away == "cdn":
        drawer.cdn.failures[url] = Unavailable("timeout")
    drawer.store.away, drawer.bot.away = away == "store", away == "bot"

    keep()

    waiting = row(71)
    assert (waiting.kept, waiting.state) == (Kept.WAITING, JobState.PENDING)
    assert waiting.due_at > utcnow() and waiting.last_code
    drawer.cdn.failures.clear()
    drawer.store.away = drawer.bot.away = False
    fresh = link(71)
    drawer.cdn.pages[fresh] = Fetched(fresh, "image/png", PNG)
    drawer.bot.answers["POST", "/attachments/links"] = Answer(200, {"links": {"71": fresh}})
    _make_due()
    keep()
    assert row(71).kept == Kept.KEPT


def test_what_was_tried_for_hours_is_given_up_and_says_so(drawer: Drawer) -> None:
    post(message_ago(5), file(71, PNG, drawer))
    drawer.cdn.failures[row(71).url] = Unavailable("timeout")
    with tenant_scope(A), transaction():
        db.session.execute(update(Attachment).values(attempts=30))

    keep()

    assert (row(71).kept, row(71).state, row(71).last_code) == (Kept.UNREACHABLE, JobState.DONE, "timeout")


def test_a_file_that_is_larger_than_the_plan_allows_is_not_kept(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Discord says of its size is believed where it speaks against the file; where it lies, the bytes are counted."""
    _plan(monkeypatch, largest_file_bytes=len(PNG) - 1)
    post(message_ago(5), file(71, PNG, drawer), file(72, PNG, drawer, size=1))

    keep()

    assert {row(71).kept, row(72).kept} == {Kept.TOO_LARGE}
    assert ["/72/" in url for url in drawer.cdn.asked] == [True], "nothing is fetched that says it is too large"
    assert not drawer.store.kept


@pytest.mark.parametrize(
    ("name", "body"), [("setup.EXE", b"x"), ("setup.exe. ", b"x"), ("cat.png", b"MZ\x90"), ("run", b"\x7fELF")]
)
def test_programs_are_not_kept(drawer: Drawer, name: str, body: bytes) -> None:
    post(message_ago(5), file(71, body, drawer, filename=name, url=link(71)))

    keep()

    assert row(71).kept == Kept.WRONG_KIND and not drawer.store.kept


def test_kinds_that_the_plan_leaves_out_are_not_kept_whatever_they_say_of_themselves(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plan(monkeypatch, file_kinds=("image/*",))
    post(message_ago(5), file(71, b"%PDF-1.7", drawer), file(72, PNG, drawer, content_type="application/pdf"))

    keep()

    assert (row(71).kept, row(72).kept) == (Kept.WRONG_KIND, Kept.KEPT)


def test_at_the_plans_limit_new_files_are_not_kept(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    _plan(monkeypatch, files_bytes=len(PNG) + 10)
    post(message_ago(9), file(71, PNG, drawer))
    keep()
    post(message_ago(5), file(72, PNG + b"more", drawer), file(73, PNG, drawer))

    keep()

    assert (row(72).kept, row(73).kept) == (Kept.OVER_LIMIT, Kept.KEPT), "what is here already takes up nothing more"
    assert usage() == (2, len(PNG))


def test_files_older_than_retention_are_not_fetched_and_kept_ones_go_when_their_time_is_over(drawer: Drawer) -> None:
    """30 days where the owner said nothing else."""
    post(message_ago(31 * DAY), file(71, PNG, drawer))
    post(message_ago(29 * DAY), file(72, PNG, drawer))
    keep()
    assert (row(71).kept, row(72).kept) == (Kept.EXPIRED, Kept.KEPT)
    with tenant_scope(A), transaction():
        db.session.add(RetentionRule(channel_id=GENERAL, kept="files", days=7))

    let_files_go(FILES)

    assert row(72).kept == Kept.EXPIRED
    assert usage() == (0, 0)


def test_where_the_owner_keeps_no_files_none_is_fetched_and_kept_ones_go(drawer: Drawer) -> None:
    post(message_ago(9), file(71, PNG, drawer))
    keep()
    with tenant_scope(A), transaction():
        db.session.add(RetentionRule(channel_id=EVERYWHERE, kept="files", days=0))
    post(message_ago(5), file(72, PNG, drawer))
    asked = len(drawer.cdn.asked)

    keep()
    let_files_go(FILES)

    assert (row(71).kept, row(72).kept) == (Kept.EXPIRED, Kept.NOT_WANTED)
    assert len(drawer.cdn.asked) == asked


def test_what_is_held_stays_until_the_hold_is_lifted(drawer: Drawer) -> None:
    held = post(message_ago(29 * DAY), file(71, PNG, drawer))
    keep()
    with tenant_scope(A), transaction():
        db.session.add(Hold(kind="message", object_id=held, reason="police", set_by=ALICE))
        db.session.add(RetentionRule(channel_id=GENERAL, kept="files", days=7))

    let_files_go(FILES)

    assert row(71).kept == Kept.KEPT
    with tenant_scope(A), transaction():
        db.session.execute(update(Hold).values(lifted_at=utcnow()))
    let_files_go(FILES)
    assert row(71).kept == Kept.EXPIRED


def test_bytes_go_when_nobody_names_them_any_more_and_stay_while_somebody_does(drawer: Drawer) -> None:
    post(message_ago(9), file(71, PNG, drawer))
    post(message_ago(5), file(73, PNG, drawer), tenant=B)
    keep()
    _forget(71, A)
    _let_time_pass()
    let_files_go(FILES)
    assert drawer.store.kept and usage(A) == (0, 0)

    _forget(73, B)
    let_files_go(FILES)

    assert not drawer.store.kept and not blobs()


def test_a_file_comes_back_after_its_bytes_were_deleted(drawer: Drawer) -> None:
    post(message_ago(9), file(71, PNG, drawer))
    keep()
    _forget(71, A)
    _let_time_pass()
    let_files_go(FILES)
    post(message_ago(5), file(72, PNG, drawer))

    keep()

    assert row(72).kept == Kept.KEPT and list(drawer.store.kept.values()) == [PNG]


def test_while_bytes_are_being_deleted_whoever_has_them_again_waits(drawer: Drawer) -> None:
    post(message_ago(9), file(71, PNG, drawer))
    keep()
    _forget(71, A)
    with transaction():
        blob = shelf.locked_blob(SHA)
        assert blob is not None
        blob.leaving_at = utcnow()
    post(message_ago(5), file(72, PNG, drawer))

    keep()

    assert (row(72).kept, row(72).last_code) == (Kept.WAITING, "blob_is_leaving")
    with transaction():
        blob = shelf.locked_blob(SHA)
        assert blob is not None
        blob.leaving_at = utcnow() - timedelta(hours=1)
    let_files_go(FILES)
    _make_due()
    keep()
    assert row(72).kept == Kept.KEPT and list(drawer.store.kept.values()) == [PNG]


def test_bytes_that_were_stored_for_a_row_that_never_came_go_after_a_while(drawer: Drawer) -> None:
    """A worker was killed between the store and the row, and the message was erased before anybody tried again."""
    with transaction():
        shelf.announce_blob(SHA, len(PNG), "image/png")
    drawer.store.kept[shelf.key_of(SHA)] = PNG
    let_files_go(FILES)
    assert drawer.store.kept, "whoever stored it may be about to name it"

    _let_time_pass()
    let_files_go(FILES)

    assert not drawer.store.kept and not blobs()


def test_a_claim_that_ran_out_is_done_again_and_the_late_worker_changes_nothing(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(message_ago(5), file(71, PNG, drawer))
    fetch = drawer.cdn.download

    def stolen(*args: object, **kwargs: object) -> object:
        with tenant_scope(A), transaction():
            db.session.execute(update(Attachment).values(lease_token="another's"))
        return fetch(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(drawer.cdn, "download", stolen)

    keep()

    assert (row(71).kept, row(71).lease_token) == (Kept.WAITING, "another's")
    assert usage() == (0, 0)


def test_a_refusal_of_the_address_itself_is_not_tried_again(drawer: Drawer) -> None:
    post(message_ago(5), file(71, PNG, drawer))
    drawer.cdn.failures[row(71).url] = Refused("blocked_address")

    keep()

    assert (row(71).kept, row(71).last_code) == (Kept.UNREACHABLE, "blocked_address")


def _plan(monkeypatch: pytest.MonkeyPatch, **limits: object) -> None:
    monkeypatch.setitem(plans.PLANS, "studio_plus", replace(plans.STUDIO_PLUS, **limits))  # type: ignore[arg-type]


def _forget(file_id: int, tenant: int) -> None:
    """As retention and erasure do: the row goes."""
    with tenant_scope(tenant), transaction():
        db.session.delete(row(file_id, tenant))


def _let_time_pass() -> None:
    with transaction():
        db.session.execute(update(Blob).values(touched_at=utcnow() - timedelta(hours=2)))


def _make_due() -> None:
    with tenant_scope(A), transaction():
        db.session.execute(update(Attachment).values(due_at=utcnow() - timedelta(seconds=1)))


def test_t40_files_fetched_at_once_do_not_overfill_the_plan(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is within the limit as long as nobody looks at the others."""
    _plan(monkeypatch, files_bytes=2 * len(PNG) + 10)
    post(message_ago(5), *(file(70 + number, PNG + bytes([number]), drawer) for number in range(8)))
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    together = threading.Barrier(4)
    download = drawer.cdn.download

    def when_all_have_begun(*arguments: object, **named: object) -> object:
        with suppress(threading.BrokenBarrierError):
            together.wait(5)
        return download(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(drawer.cdn, "download", when_all_have_begun)
    monkeypatch.setattr(keeping, "CLAIMED_AT_ONCE", 1)

    def work() -> None:
        with app.app_context():
            keeping._keep_due_files(FILES)

    workers = [threading.Thread(target=work) for _each in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(row(70 + number).kept for number in range(8)) == [Kept.KEPT] * 2 + [Kept.OVER_LIMIT] * 6
    assert usage() == (2, 2 * (len(PNG) + 1))
