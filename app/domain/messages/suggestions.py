"""What may be typed next into the search: from the same table of operators that parses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.names import folded
from app.domain.messages.operators import OPERATORS, Operator, ValueKind
from app.domain.messages.reader import Reader
from app.domain.moderation.models import Case
from app.extensions import db

MOST = 8
_VALUE = re.compile(r'(?P<not>-?)(?P<name>[A-Za-z-]+):(?P<quote>["“”„]?)(?P<value>[^"“”„()]*)$')
_WORD = re.compile(r"(?P<not>-?)(?P<word>[A-Za-z-]*)$")
_EMOJI = ("👍", "👎", "❤️", "😂", "🎉", "😢", "😡", "👀")
_DATES = ("today", "yesterday", "7d", "30d")


@dataclass(frozen=True)
class Suggestion:
    """`text` replaces the part under the cursor; `summary` says what it means."""

    text: str
    summary: str


@dataclass(frozen=True)
class Suggestions:
    """What to offer for `query[start:end]`."""

    start: int
    end: int
    items: tuple[Suggestion, ...]


def suggest(reader: Reader, query: str, cursor: int) -> Suggestions:
    """What fits at `cursor`: operators, or values of the operator that is being typed. Names only of what is seen."""
    cursor = max(0, min(cursor, len(query)))
    typed = query[:cursor]
    start, found = _being_typed(typed)
    return Suggestions(start, cursor, tuple(_first(found(reader) if found else iter(()))))


def _being_typed(typed: str) -> tuple[int, Callable[[Reader], Iterator[Suggestion]] | None]:
    """Where the part under the cursor begins, and what makes its suggestions; None where nothing can be offered."""
    value = _VALUE.search(typed)
    operator = OPERATORS.get(value["name"].lower()) if value else None
    if value is not None and operator is not None and (value["quote"] or " " not in value["value"]):
        negation, begun = value["not"], value["value"]
        return value.start(), lambda reader: _values(reader, operator, begun, negation)
    word = _WORD.search(typed)
    if word is None or (word.start() > 0 and not typed[word.start() - 1].isspace() and typed[word.start() - 1] != "("):
        return len(typed), None
    return word.start(), lambda _reader: _operators(word["word"].lower(), word["not"])


def _operators(begun: str, negation: str) -> Iterator[Suggestion]:
    for operator in OPERATORS.values():
        if operator.name.startswith(begun):
            yield Suggestion(f"{negation}{operator.name}:", str(operator.summary))


def _values(reader: Reader, operator: Operator, begun: str, negation: str) -> Iterator[Suggestion]:
    for value, summary in _meant(reader, operator, folded(begun).lstrip("@#")):
        quoted = f'"{value}"' if re.search(r"[\s()]", value) else value
        yield Suggestion(f"{negation}{operator.name}:{quoted}", summary)


def _meant(reader: Reader, operator: Operator, begun: str) -> Iterator[tuple[str, str]]:
    match operator.kind:
        case ValueKind.CHOICE:
            yield from ((one.word, str(one.summary)) for one in operator.choices if one.word.startswith(begun))
        case ValueKind.PERSON:
            words = {"me": _("you")}
            words |= {"everyone": _("@everyone")} if operator.name == "mentions" else {}
            words |= {"new": _("who joined in the last week")} if operator.name == "from" else {}
            yield from ((word, summary) for word, summary in words.items() if word.startswith(begun))
            yield from _people(begun)
        case ValueKind.CHANNEL:
            yield from _channels(reader, begun)
        case ValueKind.ROLE:
            yield from _roles(begun)
        case ValueKind.EMOJI:
            yield from ((emoji, str(operator.summary)) for emoji in _EMOJI if not begun or begun in emoji)
        case ValueKind.CASE:
            yield from _cases(begun)
        case ValueKind.DATE:
            yield from ((date, str(operator.summary)) for date in _DATES if date.startswith(begun))
        case _:
            return


def _people(begun: str) -> Iterator[tuple[str, str]]:
    """Names that begin so first, then those that hold it; each by a name without quotation marks."""
    columns = (GuildMember.username, GuildMember.nick, GuildMember.global_name)
    statement = select(*columns).where(GuildMember.search_names.contains(begun, autoescape=True))
    rows = db.session.execute(statement.order_by(GuildMember.sort_name).limit(10 * MOST))
    for username, nick, global_name in sorted(
        rows, key=lambda row: not folded(row[1] or row[2] or row[0]).startswith(begun)
    ):
        yield username, nick or global_name or username


def _roles(begun: str) -> Iterator[tuple[str, str]]:
    """Roles from the highest down; those that begin so first."""
    rows = db.session.execute(select(GuildRole.name).order_by(GuildRole.position.desc(), GuildRole.id))
    names = [name.removeprefix("@") for (name,) in rows if begun in folded(name)]
    for name in sorted(names, key=lambda one: not folded(one).startswith(begun)):
        yield name.translate(_NO_QUOTES), _("role")


def _cases(begun: str) -> Iterator[tuple[str, str]]:
    """The newest cases whose reason names a message."""
    naming = select(Case.number, Case.target_name, Case.reason).where(Case.reason.contains("://"))
    rows = db.session.execute(naming.order_by(Case.number.desc()).limit(10 * MOST))
    for number, target, reason in rows:
        if str(number).startswith(begun):
            yield str(number), f"{target}: {reason}"[:60]


def _channels(reader: Reader, begun: str) -> Iterator[tuple[str, str]]:
    statement = select(GuildChannel.id, GuildChannel.name, GuildChannel.deleted_at).order_by(GuildChannel.position)
    rows = [row for row in db.session.execute(statement) if reader.sees(row[0]) and begun in folded(row[1])]
    for _id, name, deleted_at in sorted(
        rows, key=lambda row: (row[2] is not None, not folded(row[1]).startswith(begun))
    ):
        yield name.translate(_NO_QUOTES), _("deleted channel") if deleted_at else _("channel")


_NO_QUOTES = {ord(sign): None for sign in '"“”„'}


def _first(items: Iterable[Suggestion]) -> Iterator[Suggestion]:
    seen: set[str] = set()
    for item in items:
        if item.text not in seen and len(seen) < MOST:
            seen.add(item.text)
            yield item
