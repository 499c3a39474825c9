"""What of the news besides messages is taken into the archive: of what the owner excluded, nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from app.db.bulk import locked_rows
from app.domain.clock import first_snowflake
from app.domain.messages.deletions import DeletionNews
from app.domain.messages.models import Message
from app.domain.messages.reactions import ReactionNews
from app.domain.tenants.exclusions import Archiving

MessageKey = tuple[int, int]


def let_in_reactions(news: ReactionNews, takes_in: Mapping[int, Archiving]) -> ReactionNews:
    """Those to messages that are kept, by people whom the archive may name; after the batch's messages are written.

    Who wrote a message is not told with every reaction: where somebody is excluded, only messages count that are there.
    """
    if not news:
        return news
    open_to_all: set[MessageKey] = set()
    to_be_known: set[MessageKey] = set()
    for key, channel_id in news.channels.items():
        here = takes_in.get(key[0])
        if here is None or here.refuses_channel(channel_id):
            continue
        (open_to_all if here.takes_all else to_be_known).add(key)
    known = {
        (row[0], row[1])
        for row in locked_rows(Message, ("tenant_id", "id"), sorted(to_be_known), key=("tenant_id", "id"))
    }
    kept = news.only(open_to_all | known)
    kept.changes = {
        key: change for key, change in kept.changes.items() if not _refuses(takes_in[key[0]], key[3], change.last_ms)
    }
    return kept


def let_in_deletions(
    news: DeletionNews, takes_in: Mapping[int, Archiving], kept: Collection[MessageKey]
) -> DeletionNews:
    """Those of messages that are kept, and the audit log's lines that name nobody who is excluded."""
    if not news:
        return news
    entries = {}
    for (tenant_id, entry_id), entry in news.entries.items():
        here = takes_in.get(tenant_id)
        if here is None or here.refuses_channel(entry.channel_id):
            continue
        people = [one for one in (entry.actor_id, entry.author_id) if one is not None]
        if not any(here.refuses_author(one, entry_id, is_bot=False) for one in people):
            entries[(tenant_id, entry_id)] = entry
    return DeletionNews({key: one for key, one in news.deletions.items() if key in kept}, entries)


def _refuses(here: Archiving, user_id: int, moment_ms: int) -> bool:
    moment = first_snowflake(datetime.fromtimestamp(moment_ms / 1000, UTC))
    return not here.takes_all and here.refuses_author(user_id, moment, is_bot=False)
