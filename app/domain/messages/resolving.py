"""From what was typed to what is meant: names become ids, dates become spans, beginnings become the words known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo

from flask_babel import gettext as _
from sqlalchemy import Text, cast, select

from app.db.deadline import Deadline, DeadlineExceeded, deadline
from app.db.posting_lists import Bounds, Names, Wanted, names_with_rows
from app.db.scope import current_tenant_id
from app.domain.clock import first_snowflake, utcnow
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.names import folded
from app.domain.members.queries import joined_since
from app.domain.messages.dates import Span, read_span
from app.domain.messages.grammar import (
    And,
    Filter,
    GrammarError,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    case_number_of,
    host_of,
    message_id_of,
)
from app.domain.messages.matching import (
    EVERY_ID,
    AllMatch,
    AnyMatch,
    AuthorMatch,
    ChannelMatch,
    IdMatch,
    Matcher,
    NotMatch,
    TextMatch,
    TokenMatch,
    WasMatch,
)
from app.domain.messages.operators import ValueKind
from app.domain.messages.reacted import stored_as
from app.domain.messages.reader import Reader
from app.domain.messages.special_matches import (
    DeletedByMatch,
    FileNameMatch,
    LanguageMatch,
    ListedMatch,
    ReactionMatch,
)
from app.domain.messages.tokens import SEGMENT, host_tokens, is_spaceless, tokenise, user_token
from app.domain.messages.traits import TRAIT_TOKENS, Trait
from app.domain.moderation.named_messages import messages_named_by_case
from app.domain.tenants.models import Tenant
from app.extensions import db

MOST_WORDS = 64
"""A beginning may stand for so many words, of those that its reader could find: others must not show in a refusal."""
NEW, NEW_FOR = "new", timedelta(days=7)
"""`from:new` is whoever joined so lately."""
SECONDS = 3.0
"""A query that takes longer is cut: add a date or a channel."""


@dataclass(frozen=True)
class Resolver:
    """Resolves queries of one reader. Names of channels that the reader cannot see are as unknown as any other."""

    reader: Reader
    zone: tzinfo = UTC
    seconds: float = SECONDS
    """What each beginning may take to be looked up."""
    expands: bool = True
    """False where nothing is looked up by the words that begin so: what is resolved decides, and proposes nothing."""

    def resolve(self, node: Node) -> Matcher:
        """Raises `GrammarError` for a name that nobody bears or a beginning of too many words."""
        match node:
            case And(parts):
                return AllMatch(tuple(map(self.resolve, parts)))
            case Or(parts):
                return AnyMatch(tuple(map(self.resolve, parts)))
            case Not(part):
                return NotMatch(self.resolve(part))
            case Word(text) | Phrase(text):
                return TextMatch(_sequence(text))
            case Prefix():
                return _beginning(node, self.reader, self.seconds) if self.expands else _any_beginning(node)
            case Filter():
                return _FILTERS[node.operator](self, node)

    def _from(self, node: Filter) -> Matcher:
        if node.value.lower() == NEW:
            return AuthorMatch(joined_since(utcnow() - NEW_FOR))
        return AuthorMatch(self._people(node))

    def _mentions(self, node: Filter) -> Matcher:
        if folded(node.value).lstrip("@") == "everyone":
            return TokenMatch(TRAIT_TOKENS[Trait.EVERYONE])
        return AnyMatch(tuple(TokenMatch(user_token(user_id)) for user_id in sorted(self._people(node))))

    def _people(self, node: Filter) -> frozenset[int]:
        name = node.value
        if name.lower() == "me":
            return frozenset({self.reader.user_id})
        if (user_id := _id_in(name, "@", "@!")) is not None:
            return frozenset({user_id})
        wanted = folded(name.removeprefix("@"))
        found = _people_called(wanted)
        if not found:
            raise _unknown(node, _("Nobody here is called “%(name)s”.", name=name))
        return found

    def _in(self, node: Filter) -> Matcher:
        wanted_id = _id_in(node.value, "#")
        wanted = folded(node.value.removeprefix("#"))
        channels = list(db.session.execute(select(GuildChannel.id, GuildChannel.parent_id, GuildChannel.name)))
        named: set[int] = set() if wanted_id is None else {wanted_id}
        if wanted_id is None:
            named.update(channel_id for channel_id, _parent, name in channels if folded(name) == wanted)
        for _level in range(2):  # a category's channels, their threads
            named.update(channel_id for channel_id, parent_id, _name in channels if parent_id in named)
        seen = frozenset(channel_id for channel_id in named if self.reader.sees(channel_id))
        if not seen:
            raise _unknown(node, _("There is no channel “%(name)s”.", name=node.value))
        return ChannelMatch(seen)

    def _token(self, node: Filter) -> Matcher:
        choice = node.declared.choice(node.value)
        assert choice is not None, "the grammar lets no other word through"
        return TokenMatch(choice.token)

    def _before(self, node: Filter) -> Matcher:
        return IdMatch(Bounds(EVERY_ID.oldest, first_snowflake(self._span(node).start)))

    def _after(self, node: Filter) -> Matcher:
        return IdMatch(Bounds(first_snowflake(self._span(node).end), EVERY_ID.before))

    def _on(self, node: Filter) -> Matcher:
        span = self._span(node)
        return IdMatch(Bounds(first_snowflake(span.start), first_snowflake(span.end)))

    def _span(self, node: Filter) -> Span:
        span = read_span(node.value, self.zone)
        assert span is not None, "the grammar lets no other date through"
        return span

    def _was(self, node: Filter) -> Matcher:
        return WasMatch(TextMatch(_sequence(node.value)))

    def _role(self, node: Filter) -> Matcher:
        """Whoever has the role now: of one that many share, the author decides, not the index."""
        wanted_id = _id_in(node.value, "@&")
        wanted = folded(node.value.removeprefix("@"))
        roles = list(db.session.execute(select(GuildRole.id, GuildRole.name)))
        found = {role_id for role_id, name in roles if role_id == wanted_id or folded(name.removeprefix("@")) == wanted}
        if not found:
            raise _unknown(node, _("There is no role “%(name)s”.", name=node.value))
        return AuthorMatch(_holders(found))

    def _deleted_by(self, node: Filter) -> Matcher:
        return DeletedByMatch(self._people(node))

    def _reacted(self, node: Filter) -> Matcher:
        return ReactionMatch(stored_as(node.value))

    def _filename(self, node: Filter) -> Matcher:
        return FileNameMatch(_sequence(node.value))

    def _host(self, node: Filter) -> Matcher:
        return TokenMatch(host_tokens(host_of(node.value))[0])

    def _case(self, node: Filter) -> Matcher:
        number = case_number_of(node.value)
        assert number is not None, "the grammar lets no other number through"
        ids = messages_named_by_case(number)
        if ids is None:
            raise _unknown(node, _("There is no case %(number)s.", number=number))
        if not ids:
            raise GrammarError(
                _("Case %(number)s names no message.", number=number),
                place=node.place,
                word=f"case:{node.value}",
                cure=_("A case names a message where its reason holds a link to it."),
            )
        return ListedMatch(ids)

    def _lang(self, node: Filter) -> Matcher:
        return LanguageMatch(node.value)

    def _id(self, node: Filter) -> Matcher:
        message_id = message_id_of(node.value)
        assert message_id is not None, "the grammar lets no other id through"
        return IdMatch(Bounds(message_id, message_id + 1))


_FILTERS: dict[str, Callable[[Resolver, Filter], Matcher]] = {
    "from": Resolver._from,
    "in": Resolver._in,
    "mentions": Resolver._mentions,
    "has": Resolver._token,
    "is": Resolver._token,
    "before": Resolver._before,
    "after": Resolver._after,
    "on": Resolver._on,
    "was": Resolver._was,
    "role": Resolver._role,
    "deleted-by": Resolver._deleted_by,
    "reacted": Resolver._reacted,
    "filename": Resolver._filename,
    "host": Resolver._host,
    "case": Resolver._case,
    "lang": Resolver._lang,
    "id": Resolver._id,
}


def _sequence(text: str) -> tuple[str, ...]:
    return tuple(token for token in tokenise(text).sequence if token != SEGMENT)


def _beginning(node: Prefix, reader: Reader, seconds: float) -> Matcher:
    sequence = _sequence(node.text)
    if is_spaceless(sequence[-1]):  # every sign and pair of signs is indexed: any part of a word is found as it is
        return TextMatch(sequence)
    try:
        with deadline(seconds) as ends:
            words = _words_beginning(sequence[-1], reader, ends)
    except DeadlineExceeded:
        words = None
    if words is None or len(words) > MOST_WORDS:
        raise GrammarError(
            _("Too many words begin with “%(word)s”.", word=sequence[-1]),
            place=node.place,
            word=f"{node.text}*",
            cure=_("Type more of its letters."),
        )
    return TextMatch(sequence, is_prefix=True, expanded=tuple(words))


def _any_beginning(node: Prefix) -> Matcher:
    sequence = _sequence(node.text)
    return TextMatch(sequence, is_prefix=not is_spaceless(sequence[-1]), expanded=None)


def _words_beginning(beginning: str, reader: Reader, ends: Deadline) -> list[str]:
    """Up to one more than `MOST_WORDS` words that begin so and stand in a message that the reader may see."""
    if not reader.sees_all and not reader.channels:
        return []
    after = beginning[:-1] + chr(ord(beginning[-1]) + 1)
    words = Names("words", "token", "term", beginning, after, ":", "message_terms", "term", "message_id")
    seen = None if reader.sees_all else tuple(sorted(reader.channels))
    return names_with_rows(words, MOST_WORDS + 1, Wanted("messages", ("id",), "channel_id", seen), ends)


def _people_called(wanted: str) -> frozenset[int]:
    """Whoever bears or bore exactly this name."""
    if not wanted:
        return frozenset()
    statement = select(GuildMember.user_id, GuildMember.search_names)
    found = db.session.execute(statement.where(GuildMember.search_names.contains(wanted, autoescape=True)))
    return frozenset(user_id for user_id, names in found if wanted in names.split("\n"))


def _holders(role_ids: set[int]) -> frozenset[int]:
    """Who is here with one of these roles; everybody has @everyone."""
    here = select(GuildMember.user_id).where(GuildMember.left_at.is_(None))
    everyone = db.session.scalar(select(Tenant.guild_id).where(Tenant.id == current_tenant_id()))
    if everyone in role_ids:
        return frozenset(db.session.scalars(here))
    found: set[int] = set()
    for role_id in sorted(role_ids):
        found.update(db.session.scalars(here.where(cast(GuildMember.role_ids, Text).contains(f'"{role_id}"'))))
    return frozenset(found)


def _id_in(value: str, *signs: str) -> int | None:
    """The id in a bare id or a mention."""
    inner = value
    if value.startswith("<") and value.endswith(">"):
        inner = max(
            (value[1:-1].removeprefix(sign) for sign in signs if value[1:].startswith(sign)), key=len, default=""
        )
        inner = inner.lstrip("!")
    is_id = inner.isascii() and inner.isdecimal() and 15 <= len(inner) <= 19
    return int(inner) if is_id and int(inner) < 1 << 63 else None


def _unknown(node: Filter, problem: str) -> GrammarError:
    kind = node.declared.kind
    cure = (
        _("Check the spelling, or use the person's id.")
        if kind is ValueKind.PERSON
        else _("Check the spelling, or leave it out.")
    )
    return GrammarError(problem, place=node.place, word=f"{node.operator}:{node.value}", cure=cure)
