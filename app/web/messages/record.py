"""What is known of a message's author, beside the message: who they are here, what was done about them, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for

from app.domain.access import Actor, Permission
from app.domain.clock import snowflake_time
from app.domain.members.models import GuildMember
from app.domain.messages.models import Message
from app.domain.messages.queries import count_by_author
from app.domain.messages.reader import Reader
from app.domain.messages.traits import Trait
from app.domain.moderation.models import Case
from app.domain.moderation.queries import CaseFilter, list_cases
from app.web.members.offers import Offer, offered, offers_by_id, state_of
from app.web.moderation import words

CASES_SHOWN = 3
COUNTED_UP_TO = 1_000


@dataclass(frozen=True)
class CaseLine:
    """One case in a line."""

    number: int
    mark: words.Mark
    status: words.Mark
    at: datetime
    url: str


@dataclass(frozen=True)
class RecordLook:
    """The author's record, as far as the reader may see it. `acts` carry the message as evidence."""

    created_at: datetime
    joined_at: datetime | None
    left_at: datetime | None
    state: tuple[str, str, str] | None
    message_count: int
    has_more_messages: bool
    messages_url: str
    cases: tuple[CaseLine, ...]
    has_more_cases: bool
    cases_url: str
    acts: tuple[Offer, ...]


def build(actor: Actor, reader: Reader, message: Message, member: GuildMember | None) -> RecordLook | None:
    """`member` is the author, if the community knows them. None for webhooks and apps' one-off names: there is nobody behind them."""
    author_id = message.author_id
    assert author_id is not None
    if member is None and message.has(Trait.BOT):
        return None
    written = count_by_author(reader, author_id, up_to=COUNTED_UP_TO + 1)
    found = list_cases(CaseFilter(target_id=author_id), limit=CASES_SHOWN)
    return RecordLook(
        created_at=snowflake_time(author_id),
        joined_at=member.joined_at if member else None,
        left_at=member.left_at if member else None,
        state=state_of(member) if member else None,
        message_count=min(written, COUNTED_UP_TO),
        has_more_messages=written > COUNTED_UP_TO,
        messages_url=url_for("messages.search", guild_id=actor.guild_id, q=f"from:{author_id}"),
        cases=tuple(_line(actor, case) for case in found.cases),
        has_more_cases=found.following is not None,
        cases_url=url_for("moderation.cases", guild_id=actor.guild_id, about=author_id),
        acts=tuple(_acts(actor, member, message)),
    )


def _line(actor: Actor, case: Case) -> CaseLine:
    url = url_for("moderation.case", guild_id=actor.guild_id, number=case.number)
    return CaseLine(case.number, words.kind_mark(case.kind), words.status_mark(case.status), case.created_at, url)


def _acts(actor: Actor, member: GuildMember | None, message: Message) -> Sequence[Offer]:
    """What may be asked for on the author, each naming the message; nobody acts on themselves."""
    if message.author_id == actor.user_id or not actor.may(Permission.TIMEOUT_MEMBERS):
        return ()
    assert message.author_id is not None
    acts = offered(member) if member else offers_by_id(message.author_id)
    return [replace(act, url=f"{act.url}?message={message.id}") for act in acts]
