"""The messages page: what was typed, what it found, what to try next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for
from markupsafe import Markup

from app.domain.access import Actor, Permission
from app.domain.messages.grammar import And, Filter, GrammarError, Node, Phrase, Word, message_id_of, parse, to_text
from app.domain.messages.operators import OPERATORS, Operator, ValueKind
from app.domain.messages.reach import reach_of
from app.domain.messages.reader import Reader
from app.domain.messages.search import search
from app.domain.messages.suggestions import Suggestions
from app.domain.tenants.queries import bot_settings
from app.web.coverage.stated import StatedLook, look
from app.web.messages import narrowing
from app.web.messages.drawing import Artist, Drawing
from app.web.messages.narrowing import CountsLook, QuickLook
from app.web.messages.reader_zone import reader_zone

MESSAGE_LINK = re.compile(r"https?://[^\s/]+/(?:channels/\d+/\d+|servers/\d+/messages)/\d+")
"""A message on Discord, or here."""
EXAMPLES = ("from:me", "is:deleted after:7d", "has:image", '"see you there"', "is:edited has:link")


@dataclass(frozen=True)
class Hint:
    """A search to try instead, or more of the same."""

    text: str
    url: str


@dataclass(frozen=True)
class Offer:
    """One suggestion of the search box: what is shown, and what the box then holds."""

    text: str
    summary: str
    query: str
    cursor: int


@dataclass(frozen=True)
class SearchPageLook:
    """All that the page draws."""

    query: str
    address: str
    drawing: Drawing | None
    older: str | None
    newest: str | None
    """Back to the first page; None on it."""
    is_live: bool
    is_cut: bool
    filters: tuple[tuple[str, str], ...] = ()
    hints: tuple[Hint, ...] = ()
    error: Markup | None = None
    coverage: StatedLook | None = None
    is_archiving: bool = True
    may_choose: bool = False
    quick: tuple[QuickLook, ...] = ()
    counts: CountsLook | None = None
    """Who wrote what was found, and where, once it was asked for."""
    counts_url: str | None = None
    """This page with the counts; None where nothing is searched for."""
    counts_part: str | None = None
    """The counts alone."""

    @property
    def operators(self) -> tuple[Operator, ...]:
        """For the help beside the box."""
        return tuple(OPERATORS.values())

    @property
    def examples(self) -> tuple[Hint, ...]:
        return tuple(Hint(text, f"{self.address}?{_query(text)}") for text in EXAMPLES)

    def example(self, operator: Operator) -> Hint:
        """An operator tried out; without an address where the example names what need not exist here."""
        if operator.kind is ValueKind.PERSON:
            return Hint(f"{operator.name}:me", f"{self.address}?{_query(f'{operator.name}:me')}")
        names_one = operator.kind in (ValueKind.CHANNEL, ValueKind.ROLE, ValueKind.CASE, ValueKind.MESSAGE_ID)
        return Hint(operator.example, "" if names_one else f"{self.address}?{_query(operator.example)}")


def build(actor: Actor, reader: Reader, typed: str, before: int | None, *, with_counts: bool = False) -> SearchPageLook:
    """The page for a query; raises `GrammarError` where it cannot be read."""
    query = parse(_without_link(typed))
    found = search(reader, query, before=before, zone=reader_zone())
    drawing = Artist(actor, reader).draw(found.messages, found.highlighter.places)
    settings = bot_settings() if not found.messages and not typed else None
    return SearchPageLook(
        query=typed,
        address=_address(actor),
        drawing=drawing,
        older=_address(actor, q=typed or None, before=found.older) if found.older else None,
        newest=_address(actor, q=typed or None) if before else None,
        is_live=not typed and before is None,
        is_cut=found.is_cut,
        filters=tuple(_filters(actor, query)),
        hints=_hints(actor, query, is_cut=found.is_cut) if typed and (found.is_cut or not found.messages) else (),
        coverage=_coverage(reader, query),
        is_archiving=settings is None or settings.archive_enabled,
        may_choose=actor.may(Permission.SET_UP),
        quick=narrowing.quick_filters(actor, query),
        counts=narrowing.counts_of(actor, reader, query, reader_zone()) if with_counts and typed else None,
        counts_url=_address(actor, q=typed, counts=1) if typed and found.messages else None,
        counts_part=url_for("messages.counts", guild_id=actor.guild_id, q=typed) if typed else None,
    )


def counts(actor: Actor, reader: Reader, typed: str) -> CountsLook:
    """The counts for a query; raises `GrammarError` where it cannot be read."""
    return narrowing.counts_of(actor, reader, parse(_without_link(typed)), reader_zone())


def _coverage(reader: Reader, query: Node) -> StatedLook:
    reach = reach_of(reader, query, reader_zone())
    return look(reader, reach.channels, reach.oldest, reach.newest)


def with_error(actor: Actor, typed: str, error: GrammarError) -> SearchPageLook:
    """The page with what was typed and what is wrong with it, pointing at the place."""
    return SearchPageLook(typed, _address(actor), None, None, None, False, False, error=_told(typed, error))


def offers(suggested: Suggestions, typed: str) -> tuple[Offer, ...]:
    """The box with each suggestion taken: after a whole value a space follows, after an operator its value."""
    found = []
    for item in suggested.items:
        text = item.text if item.text.endswith(":") else f"{item.text} "
        query = typed[: suggested.start] + text + typed[suggested.end :].lstrip()
        found.append(Offer(item.text, item.summary, query, suggested.start + len(text)))
    return tuple(found)


def _without_link(typed: str) -> str:
    """A pasted link to a message looks for that message."""
    message_id = message_id_of(typed) if MESSAGE_LINK.fullmatch(typed) else None
    return f"id:{message_id}" if message_id else typed


def _told(typed: str, error: GrammarError) -> Markup:
    start, end = error.place
    around = Markup('<code class="ms-wrong">{}<mark>{}</mark>{}</code>').format(
        _tail(typed[:start]), typed[start:end][:80], typed[end : end + 40]
    )
    return Markup("{} {} {}").format(error.message, error.cure, around)


def _tail(text: str) -> str:
    return text if len(text) <= 40 else f"…{text[-40:]}"


def _filters(actor: Actor, query: Node) -> Iterator[tuple[str, str]]:
    """Each operator of the outermost level, with the address of the search without it."""
    parts = query.parts if isinstance(query, And) else (query,)
    for at, part in enumerate(parts):
        if isinstance(part, Filter):
            yield to_text(part), _address(actor, q=_rest(parts, at) or None)


def _hints(actor: Actor, query: Node, *, is_cut: bool) -> tuple[Hint, ...]:
    parts = query.parts if isinstance(query, And) else (query,)
    wanted = list(_narrower(parts) if is_cut else _wider(parts))
    return tuple(Hint(text, _address(actor, q=text)) for text in dict.fromkeys(wanted) if text)[:4]


def _narrower(parts: tuple[Node, ...]) -> Iterator[str]:
    whole = to_text(And(parts))
    if not any(isinstance(part, Filter) and part.operator in ("after", "before", "on") for part in parts):
        yield f"{whole} after:7d"
        yield f"{whole} after:30d"


def _wider(parts: tuple[Node, ...]) -> Iterator[str]:
    for at, part in enumerate(parts):
        if isinstance(part, Phrase) and " " in part.text:
            yield to_text(And((*parts[:at], *(Word(word) for word in part.text.split()), *parts[at + 1 :])))
        if isinstance(part, Word) and part.text.isalpha() and len(part.text) >= 3:
            yield to_text(And((*parts[:at], Word(f"{part.text}*"), *parts[at + 1 :])))
        if len(parts) > 1:
            yield _rest(parts, at)


def _rest(parts: tuple[Node, ...], at: int) -> str:
    return to_text(And((*parts[:at], *parts[at + 1 :])))


def _address(actor: Actor, **query: object) -> str:
    return url_for("messages.search", guild_id=actor.guild_id, **query)  # type: ignore[arg-type]


def _query(text: str) -> str:
    return urlencode({"q": text})
