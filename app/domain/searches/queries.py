"""Reads of saved searches. A shared search that names what its reader does not see is not there for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from app.db.claimable import JobState
from app.domain.access import Actor
from app.domain.errors import NotFound
from app.domain.messages.grammar import And, Filter, GrammarError, Node, Not, Or, parse
from app.domain.messages.reader import Reader
from app.domain.messages.resolving import Resolver
from app.domain.searches.models import AlertMatch, SavedSearch, SearchAlert, SearchPin
from app.extensions import db

MATCHES_LISTED = 20


@dataclass(frozen=True)
class ShownSearch:
    """A search as somebody has it: their pin and their alert with it."""

    row: SavedSearch
    position: int | None
    """Where it is pinned, from 0; None where it is not."""
    alert: SearchAlert | None
    matched: tuple[int, ...]
    """The newest messages that the alert told of."""

    def is_own(self, user_id: int) -> bool:
        """True for whoever keeps it."""
        return self.row.owner_id == user_id


def searches_shown_to(actor: Actor, reader: Reader) -> list[ShownSearch]:
    """One's own and the shared ones: the pinned first in their order, then by name."""
    mine_or_shared = or_(SavedSearch.owner_id == actor.user_id, SavedSearch.is_shared)
    rows = [
        row for row in db.session.scalars(select(SavedSearch).where(mine_or_shared)) if _is_shown(row, actor, reader)
    ]
    placed = select(SearchPin.search_id, SearchPin.position).where(SearchPin.user_id == actor.user_id)
    pins = {search_id: position for search_id, position in db.session.execute(placed)}
    alerts = {
        alert.search_id: alert
        for alert in db.session.scalars(select(SearchAlert).where(SearchAlert.user_id == actor.user_id))
    }
    shown = [ShownSearch(row, pins.get(row.id), alert := alerts.get(row.id), _newest_matches(alert)) for row in rows]
    return sorted(shown, key=lambda one: (one.position is None, one.position or 0, one.row.name.casefold(), one.row.id))


def pinned_for(actor: Actor, reader: Reader) -> list[SavedSearch]:
    """What stands beside somebody's search box, in their order."""
    pinned = (
        select(SavedSearch)
        .join(SearchPin, (SearchPin.tenant_id == SavedSearch.tenant_id) & (SearchPin.search_id == SavedSearch.id))
        .where(SearchPin.user_id == actor.user_id)
        .order_by(SearchPin.position)
    )
    return [row for row in db.session.scalars(pinned) if _is_shown(row, actor, reader)]


def search_shown_to(actor: Actor, reader: Reader, search_id: int) -> SavedSearch:
    """One of what `searches_shown_to` lists. Raises `NotFound`."""
    row = db.session.scalar(select(SavedSearch).where(SavedSearch.id == search_id))
    if row is None or not _is_shown(row, actor, reader):
        raise NotFound(_("There is no such search."))
    return row


def alert_count(user_id: int) -> int:
    """How many alerts somebody has."""
    return db.session.scalar(select(func.count()).select_from(SearchAlert).where(SearchAlert.user_id == user_id)) or 0


def _newest_matches(alert: SearchAlert | None) -> tuple[int, ...]:
    if alert is None:
        return ()
    told = select(AlertMatch.message_id).where(AlertMatch.alert_id == alert.id, AlertMatch.state == JobState.DONE)
    return tuple(db.session.scalars(told.order_by(AlertMatch.message_id.desc()).limit(MATCHES_LISTED)))


def _is_shown(row: SavedSearch, actor: Actor, reader: Reader) -> bool:
    if row.owner_id == actor.user_id:
        return True
    if not row.is_shared:
        return False
    resolver = Resolver(reader, ZoneInfo(row.zone), expands=False)
    try:
        for channel in _channels_named(parse(row.query)):
            resolver.resolve(channel)
    except GrammarError:
        return False
    return True


def _channels_named(node: Node) -> Iterator[Filter]:
    parts: Sequence[Node] = ()
    match node:
        case Filter("in"):
            yield node
        case And(several) | Or(several):
            parts = several
        case Not(one):
            parts = (one,)
    for part in parts:
        yield from _channels_named(part)
