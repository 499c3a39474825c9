"""Keeping searches, sharing them, and the order in which each person has them at hand."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from app.db.transaction import retriable, transaction
from app.domain.access import Actor, Permission, Role, check, requires
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.messages.grammar import GrammarError, parse
from app.domain.messages.reader import reader_for
from app.domain.searches import queries
from app.domain.searches.models import LONGEST_NAME, SavedSearch, SearchPin
from app.extensions import db

MOST_OF_ONE = 100
"""Searches that one person keeps."""
MOST_PINNED = 12


@dataclass(frozen=True)
class SaveSearch:
    """What is kept. `zone` is an IANA name: whose days its dates mean."""

    name: str
    query: str
    is_shared: bool = False
    zone: str = "UTC"


@requires(Permission.SAVE_SEARCHES)
@retriable
def save_search(actor: Actor, wanted: SaveSearch) -> SavedSearch:
    """Keep a search. Raises `Invalid` for what is no name, `GrammarError` for what is no query."""
    _check(actor, wanted)
    with transaction():
        count = select(func.count()).select_from(SavedSearch).where(SavedSearch.owner_id == actor.user_id)
        if (db.session.scalar(count) or 0) >= MOST_OF_ONE:
            raise Conflict(_("You keep %(count)s searches. Delete one first.", count=MOST_OF_ONE), code="too_many")
        row = SavedSearch(
            owner_id=actor.user_id,
            name=wanted.name.strip(),
            query=wanted.query.strip(),
            zone=wanted.zone if wanted.zone in available_timezones() else "UTC",
            is_shared=wanted.is_shared,
        )
        db.session.add(row)
        db.session.flush()
        if wanted.is_shared:
            record(AUDIT, actor, "search.shared", row.id, after={"name": row.name, "query": row.query})
    return row


@requires(Permission.SAVE_SEARCHES)
@retriable
def change_search(actor: Actor, search_id: int, wanted: SaveSearch) -> SavedSearch:
    """Give a search of one's own another name or query, or share it or not. Raises like `save_search`, and `NotFound`."""
    _check(actor, wanted)
    with transaction():
        row = _own(actor, search_id)
        before = {"name": row.name, "query": row.query, "is_shared": row.is_shared}
        row.name, row.query = wanted.name.strip(), wanted.query.strip()
        row.is_shared, row.changed_at = wanted.is_shared, utcnow()
        if row.is_shared or before["is_shared"]:
            after = {"name": row.name, "query": row.query, "is_shared": row.is_shared}
            record(AUDIT, actor, "search.changed", row.id, before=before, after=after)
    return row


@requires(Permission.SAVE_SEARCHES)
@retriable
def delete_search(actor: Actor, search_id: int) -> None:
    """Forget a search of one's own, with its alerts; an admin also somebody else's that is shared."""
    reader = reader_for(actor)
    with transaction():
        row = queries.search_shown_to(actor, reader, search_id)
        if row.owner_id != actor.user_id and actor.role < Role.ADMIN:
            raise Forbidden(_("Only its owner or an admin can delete a shared search."), code="not_own_search")
        if row.is_shared:
            record(AUDIT, actor, "search.deleted", row.id, before={"name": row.name, "query": row.query})
        db.session.delete(row)


@requires(Permission.SAVE_SEARCHES)
@retriable
def pin_search(actor: Actor, search_id: int, *, position: int | None = None) -> None:
    """Have a search at hand beside the box, at a place counted from 0; at the end where none is named."""
    reader = reader_for(actor)
    with transaction():
        queries.search_shown_to(actor, reader, search_id)
        pins = list(db.session.scalars(_pins_of(actor).with_for_update()))
        known = next((pin for pin in pins if pin.search_id == search_id), None)
        if known is None:
            if len(pins) >= MOST_PINNED:
                raise Conflict(_("There is room for %(count)s.", count=MOST_PINNED), code="too_many")
            known = SearchPin(user_id=actor.user_id, search_id=search_id)
            db.session.add(known)
        else:
            pins.remove(known)
        pins.insert(len(pins) if position is None else max(0, position), known)
        for place, pin in enumerate(pins):
            pin.position = place


@requires(Permission.SAVE_SEARCHES)
@retriable
def unpin_search(actor: Actor, search_id: int) -> None:
    """Take it from beside the box."""
    with transaction():
        for pin in db.session.scalars(_pins_of(actor).where(SearchPin.search_id == search_id)):
            db.session.delete(pin)


def _check(actor: Actor, wanted: SaveSearch) -> None:
    name = wanted.name.strip()
    if not name or len(name) > LONGEST_NAME:
        problem = _("A name has 1 to %(most)s characters.", most=LONGEST_NAME)
        raise Invalid(problem, fields={"name": problem})
    if not wanted.query.strip():
        problem = _("Type what to search for.")
        raise Invalid(problem, fields={"q": problem})
    try:
        parse(wanted.query)
    except GrammarError as error:
        raise Invalid(error.message, fields=error.fields) from error
    if wanted.is_shared:
        check(actor, Permission.SHARE_SEARCHES)


def _own(actor: Actor, search_id: int) -> SavedSearch:
    wanted = select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.owner_id == actor.user_id)
    row = db.session.scalar(wanted.with_for_update())
    if row is None:
        raise NotFound(_("There is no such search."))
    return row


def _pins_of(actor: Actor) -> Select[SearchPin]:
    return select(SearchPin).where(SearchPin.user_id == actor.user_id).order_by(SearchPin.position)
