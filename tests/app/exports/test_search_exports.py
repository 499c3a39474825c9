"""A search's messages as a file: what its reader may see, written in pieces, gone after a week."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import timedelta
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.clients import clients
from app.clients.file_store.fake import FakeFileStore
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role
from app.domain.clock import frozen, utcnow
from app.domain.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from app.domain.exports import service
from app.domain.exports.models import Export
from app.domain.exports.queries import key_of, newest_exports, open_export
from app.domain.exports.service import EXPORTS, cancel_export, export_search, run_exports
from app.domain.exports.signing import sign_export
from app.domain.messages.grammar import parse
from app.domain.messages.reader import reader_for
from app.domain.messages.search import search
from app.domain.notifications.models import Notification
from app.extensions import db
from tests.app.messages.conftest import ALICE, BOB, STAFF_ROOM, A, created, index, message_id
from tests.app.searches.conftest import GUILD, MODERATOR, OWNER, VIEWER

ADMIN = Actor(BOB, A, GUILD, Role.ADMIN)


def export(query: str, actor: Actor = MODERATOR) -> list[dict[str, str]]:
    """The rows of the file."""
    with tenant_scope(A):
        export_id = export_search(actor, query).id
    run_exports(EXPORTS)
    with tenant_scope(A):
        row = db.session.scalars(select(Export).where(Export.id == export_id)).one()
        packed = b"".join(open_export(actor, export_id, sign_export(row, actor.user_id))[1])
    text = gzip.decompress(packed).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_the_file_holds_what_the_search_finds_newest_first(community: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ROWS_AT_ONCE", 7)
    index(*(created(number, f"sled {number}" if number % 2 else "ice") for number in range(1, 60)))

    rows = export("sled")

    with tenant_scope(A):
        found = search(reader_for(MODERATOR), parse("sled"), limit=100).messages
        assert [int(row["id"]) for row in rows] == [message.id for message in found]
    assert rows[0]["content"] == "sled 59" and rows[0]["channel"] == "general"
    assert rows[0]["link"].endswith(f"/servers/{GUILD}/messages/{message_id(59)}")


def test_t41_the_file_holds_only_what_its_reader_sees(community: Flask) -> None:
    index(created(1, "plan", channel=STAFF_ROOM), created(2, "plan"))

    assert len(export("plan")) == 2
    with tenant_scope(A), pytest.raises(Forbidden):
        export_search(VIEWER, "plan")


def test_t41_a_file_with_a_channel_that_was_taken_from_its_reader_opens_no_more(community: Flask) -> None:
    index(created(1, "plan", channel=STAFF_ROOM))
    export("plan")
    with tenant_scope(A):
        row = db.session.scalars(select(Export)).one()
        clients().live_bus.put_readable_channels(A, BOB, frozenset(), 60)

        with pytest.raises(Gone):
            open_export(MODERATOR, row.id, sign_export(row, BOB))


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"),
        ("＝1", "'＝1"),
        ('say "hi", you', 'say "hi", you'),
        ("two\nlines", "two\nlines"),
    ],
)
def test_t26_no_cell_is_a_formula(community: Flask, written: str, cell: str) -> None:
    index(created(1, written))

    assert export("")[0]["content"] == cell


def test_a_moderator_takes_so_many_rows_and_an_admin_all_of_which_the_owner_is_told(
    community: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_ROWS", 5)
    index(*(created(number, "sled") for number in range(1, 9)))

    assert [len(export("sled")), len(export("sled", ADMIN))] == [5, 8]
    with tenant_scope(A):
        assert [row.is_cut for row in newest_exports(ADMIN)] == [False, True]
        assert db.session.scalars(select(Notification.user_id)).all() == [ALICE]


def test_t26_an_export_is_for_whoever_asked_for_it_by_its_signed_address_until_it_expires(community: Flask) -> None:
    index(created(1, "sled"))
    export("sled", OWNER)
    with tenant_scope(A):
        row = db.session.scalars(select(Export)).one()
        for actor, signature in ((MODERATOR, sign_export(row, BOB)), (OWNER, sign_export(row, BOB)), (OWNER, "")):
            with pytest.raises(NotFound):
                open_export(actor, row.id, signature)
        old = sign_export(row, ALICE)
        with frozen(utcnow() + timedelta(minutes=16)), pytest.raises(Gone):
            open_export(OWNER, row.id, old)
        with frozen(utcnow() + timedelta(days=8)):
            with pytest.raises(Gone):
                open_export(OWNER, row.id, sign_export(row, ALICE))
            key = key_of(row.file_name)
            run_exports(EXPORTS)
    assert not clients().file_store.exists(key)


def test_an_expired_file_is_deleted_once_the_store_is_back(community: Flask) -> None:
    index(created(1, "sled"))
    export("sled", OWNER)
    with tenant_scope(A):
        key = key_of(db.session.scalars(select(Export)).one().file_name)
    store = cast(FakeFileStore, clients().file_store)
    with frozen(utcnow() + timedelta(days=8)):
        store.away = True
        run_exports(EXPORTS)
        store.away = False
        assert store.exists(key)

        run_exports(EXPORTS)

    assert not store.exists(key)


def test_a_cancelled_export_ends_without_a_file(community: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ROWS_AT_ONCE", 2)
    index(*(created(number, "sled") for number in range(1, 9)))
    with tenant_scope(A):
        export_id = export_search(MODERATOR, "sled").id
    find = service.find

    def find_and_cancel(*arguments, **named):  # type: ignore[no-untyped-def]
        found = find(*arguments, **named)
        cancel_export(MODERATOR, export_id)
        return found

    monkeypatch.setattr(service, "find", find_and_cancel)
    run_exports(EXPORTS)

    with tenant_scope(A):
        row = db.session.scalars(select(Export)).one()
        assert (row.state, row.file_name) == ("cancelled", "")


def test_what_cannot_be_searched_or_is_too_much_at_once_is_refused(community: Flask) -> None:
    with tenant_scope(A):
        with pytest.raises(Invalid):
            export_search(MODERATOR, "from:nobody")
        for _number in range(3):
            export_search(MODERATOR, "sled")
        with pytest.raises(Conflict):
            export_search(MODERATOR, "sled")


def test_an_export_whose_worker_died_is_made_by_the_next(community: Flask) -> None:
    index(created(1, "sled"))
    with tenant_scope(A):
        export_search(MODERATOR, "sled")
        with transaction():
            past = utcnow() - timedelta(hours=1)
            db.session.execute(
                update(Export).values(state="in_progress", lease_token="old", lease_until=past, attempts=1)
            )

    run_exports(EXPORTS)

    with tenant_scope(A):
        assert [(row.state, row.rows_done) for row in newest_exports(MODERATOR)] == [("done", 1)]
