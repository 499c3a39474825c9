"""One click narrows a search: ready filters above the results, and who wrote them and where beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.domain.access import Actor
from app.domain.members.queries import channels_by_id, names_of
from app.domain.messages.facets import Share, facets
from app.domain.messages.grammar import And, Filter, Node, to_text
from app.domain.messages.queries import written_names
from app.domain.messages.reader import Reader
from app.domain.messages.resolving import Resolver

_READY: tuple[tuple[str, str, LazyString, str], ...] = (
    ("is", "deleted", _l("Deleted"), "trash"),
    ("is", "edited", _l("Edited"), "pencil"),
    ("has", "file", _l("With files"), "file"),
    ("has", "link", _l("Links"), "link"),
    ("from", "new", _l("From new members"), "user-plus"),
)


@dataclass(frozen=True)
class QuickLook:
    """A ready filter: `url` puts it into the search, or takes it out where `is_on`."""

    label: str
    icon: str
    url: str
    is_on: bool


def quick_filters(actor: Actor, query: Node) -> tuple[QuickLook, ...]:
    """The ready filters for what is searched now."""
    return tuple(
        QuickLook(str(label), icon, url_with(actor, query, operator, value), _stands_in(query, operator, value))
        for operator, value, label, icon in _READY
    )


def url_with(actor: Actor, query: Node, operator: str, value: str) -> str:
    """The search with `operator:value` in its outermost level, or without it where it stands there."""
    parts = tuple(_outermost(query))
    rest = tuple(part for part in parts if not _is(part, operator, value))
    wanted = rest if len(rest) < len(parts) else (*parts, Filter(operator, value))
    return url_for("messages.search", guild_id=actor.guild_id, q=to_text(And(wanted)) or None)


def _stands_in(query: Node, operator: str, value: str) -> bool:
    return any(_is(part, operator, value) for part in _outermost(query))


def _outermost(query: Node) -> Iterable[Node]:
    return query.parts if isinstance(query, And) else (query,)


def _is(part: Node, operator: str, value: str) -> bool:
    return isinstance(part, Filter) and part.operator == operator and part.value.lower() == value


@dataclass(frozen=True)
class ShareLook:
    """So many of the counted hits are of this person or in this channel; `url` narrows the search to them."""

    name: str
    count: int
    url: str
    is_on: bool


@dataclass(frozen=True)
class CountsLook:
    """Who wrote what was found, and where."""

    authors: tuple[ShareLook, ...]
    channels: tuple[ShareLook, ...]
    counted: int
    is_all: bool


def counts_of(actor: Actor, reader: Reader, query: Node, zone: tzinfo) -> CountsLook:
    """Counts over the newest hits. Raises `GrammarError` as `search` does."""
    found = facets(reader, Resolver(reader, zone).resolve(query))
    people = names_of(one.id for one in found.authors)
    nameless = [one.id for one in found.authors if one.id not in people]
    if nameless:
        people |= written_names(reader, nameless)
    places = channels_by_id(one.id for one in found.channels)
    return CountsLook(
        tuple(_share(actor, query, "from", one, people.get(one.id) or str(one.id)) for one in found.authors),
        tuple(
            _share(actor, query, "in", one, f"#{places[one.id].name}" if one.id in places else str(one.id))
            for one in found.channels
        ),
        found.counted,
        found.is_all,
    )


def _share(actor: Actor, query: Node, operator: str, share: Share, name: str) -> ShareLook:
    value = str(share.id)
    url = url_with(actor, query, operator, value)
    return ShareLook(name, share.count, url, _stands_in(query, operator, value))
