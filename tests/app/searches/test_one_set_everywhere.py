"""T41: the same query by the same reader is the same set on every surface, and it is the naive reading's."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import UTC, datetime

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from app.clients import clients
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role
from app.domain.clock import frozen, utcnow
from app.domain.errors import Invalid
from app.domain.exports.models import Export
from app.domain.exports.queries import key_of
from app.domain.exports.service import EXPORTS, export_search, run_exports
from app.domain.messages.facets import facets
from app.domain.messages.grammar import And, Filter, GrammarError, Node, Not, Or, parse, to_text
from app.domain.messages.reader import Reader, reader_for
from app.domain.messages.resolving import Resolver
from app.domain.messages.search import search
from app.domain.searches import service, watching
from app.domain.searches.models import AlertMatch, SavedSearch, SearchAlert
from app.domain.searches.service import SaveSearch
from app.domain.searches.service.telling import ALERTS, tell_alerts
from app.extensions import db
from tests.app.messages.conftest import STAFF_ROOM, VERA, A, forget, message_id
from tests.app.messages.test_search import Told, messages, naive, queries, tell
from tests.app.searches.conftest import GUILD, OWNER

MODERATOR = Actor(VERA, A, GUILD, Role.MODERATOR)
"""Does not see the staff room."""


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(archive=st.lists(messages, min_size=1, max_size=6), query=queries, is_owner=st.booleans())
def test_search_counts_files_and_alerts_agree_with_a_naive_reading(
    community: Flask, archive: list[Told], query: Node, is_owner: bool
) -> None:
    actor = OWNER if is_owner else MODERATOR
    _start_over()
    typed = to_text(query)
    with tenant_scope(A):
        reader = reader_for(actor)
        watched = _watched(actor, typed)
    tell(archive)
    expected = {
        message_id(told.number) for told in archive if naive(query, told) and (is_owner or told.channel != STAFF_ROOM)
    }

    if _names_hidden(query, reader):
        assert not is_owner and watched is None
        return
    assert _searched(reader, typed) == expected
    assert _counted(reader, typed) == len(expected)
    assert _exported(actor, typed) == expected
    if watched is not None:
        assert _told(watched) == expected


def _start_over() -> None:
    forget()
    watching.forget_compiled()
    with all_tenants(reason="the test starts over"), transaction():
        for model in (AlertMatch, SearchAlert, SavedSearch, Export):
            db.session.execute(delete(model))
        db.session.execute(update(_membership()).where(_membership().user_id == VERA).values(role=Role.MODERATOR))


def _membership() -> type:
    from app.domain.staff.models import Membership

    return Membership


def _watched(actor: Actor, typed: str) -> int | None:
    """An alert that was set before anything was written; None where none can be."""
    with frozen(datetime(2026, 11, 1, 7, tzinfo=UTC)):
        search_id = service.save_search(actor, SaveSearch("kept", typed)).id
        try:
            return service.set_alert(actor, search_id).id
        except (GrammarError, Invalid):
            return None


def _names_hidden(query: Node, reader: Reader) -> bool:
    match query:
        case And(parts) | Or(parts):
            return any(_names_hidden(part, reader) for part in parts)
        case Not(part):
            return _names_hidden(part, reader)
        case Filter("in", "staff room"):
            return not reader.sees(STAFF_ROOM)
    return False


def _searched(reader: Reader, typed: str) -> set[int]:
    found: set[int] = set()
    before = None
    with tenant_scope(A):
        while True:
            page = search(reader, parse(typed), before=before, limit=2)
            found.update(message.id for message in page.messages)
            before = page.older
            if before is None:
                return found


def _counted(reader: Reader, typed: str) -> int:
    with tenant_scope(A):
        return facets(reader, Resolver(reader).resolve(parse(typed))).counted


def _exported(actor: Actor, typed: str) -> set[int]:
    with tenant_scope(A):
        export_id = export_search(actor, typed).id
    run_exports(EXPORTS)
    with tenant_scope(A):
        name = db.session.scalars(select(Export.file_name).where(Export.id == export_id)).one()
    db.session.rollback()
    packed = b"".join(clients().file_store.open(key_of(name)))
    return {int(row["id"]) for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode()[1:]))}


def _told(alert_id: int) -> set[int]:
    with all_tenants(reason="the test moves every clock on"), transaction():
        db.session.execute(update(AlertMatch).values(due_at=utcnow().replace(year=2020)))
    tell_alerts(ALERTS)
    with tenant_scope(A):
        found = select(AlertMatch.message_id).where(AlertMatch.alert_id == alert_id, AlertMatch.state == "done")
        return set(db.session.scalars(found))
