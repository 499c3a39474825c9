"""What changes the archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from sqlalchemy.exc import DataError, IntegrityError

from app.clients import clients
from app.contracts.jobs import Job
from app.contracts.live import Signal, Topic
from app.db.bulk import Row
from app.db.scope import all_tenants
from app.db.transaction import on_commit, retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.live.service import LIVE, announce
from app.domain.messages import shelf
from app.domain.messages.deletions import take_turns, write_deletions
from app.domain.messages.letting_in import let_in_deletions, let_in_reactions
from app.domain.messages.merge import Besides, MessageKey, MessageState, gather
from app.domain.messages.models import MessageTerm, RevisionTerm
from app.domain.messages.postings import KnownWords, Postings
from app.domain.messages.reactions import write_reactions
from app.domain.messages.records import ArchiveRecord, BatchOutcome, ChangedMessage, RecordSetAside
from app.domain.messages.tokens import TermCache
from app.domain.messages.traits import Trait
from app.domain.tenants.exclusions import Archiving, archiving

TERMS = TermCache()
KNOWN_WORDS = KnownWords()


@dataclass(frozen=True)
class Indexed:
    """What a batch brought, committed. Nothing of it may be changed."""

    new: Sequence[tuple[int, int, MessageState]]
    """(tenant, message, state)."""
    changed: Sequence[tuple[int, int, MessageState, MessageState]]
    """(tenant, message, state before, state now)."""
    terms: Mapping[int, Mapping[int, Sequence[int]]]
    """Tenant → term → messages: of new messages all their terms."""


WATCHERS: list[Callable[[Indexed], None]] = []
"""Called after each batch, in its thread: they must be quick, and never raise."""


@system_only
def index_batch(_system: SystemActor, batch: Sequence[ArchiveRecord]) -> BatchOutcome:
    """Take a batch of news, of any tenants, into the archive, in one transaction.

    The rows are the same in whatever order news comes, in one batch or many, and however often it is repeated.
    Tenants that keep no archive are passed over. What cannot be read or stored is set aside, never the batch;
    a database that cannot be reached raises, and the whole batch may be tried again.
    """
    besides = Besides()
    news, aside = gather(batch, besides)
    with all_tenants(reason="one batch of the gateway carries news of many tenants, each row names its own"):
        changed = _indexed(news, besides, aside)
    return BatchOutcome(tuple(changed), tuple(aside))


def _indexed(
    news: dict[MessageKey, MessageState], besides: Besides, aside: list[RecordSetAside]
) -> list[ChangedMessage]:
    try:
        return _index_yielding_to_rivals(news, besides, aside)
    except (IntegrityError, DataError):
        tenants = sorted({tenant_id for tenant_id, _message in news} | besides.tenants)
    changed: list[ChangedMessage] = []
    for tenant_id in tenants:  # somebody's rows are refused: the others must not wait for them
        own = {key: state for key, state in news.items() if key[0] == tenant_id}
        try:
            changed.extend(_index_yielding_to_rivals(own, besides.of(tenant_id), aside))
        except (IntegrityError, DataError):
            aside.extend(
                RecordSetAside(tenant_id, "unstorable", state.channel_id, message_id)
                for (_tenant, message_id), state in own.items()
            )
    return changed


def _index_yielding_to_rivals(
    news: dict[MessageKey, MessageState], besides: Besides, aside: list[RecordSetAside]
) -> list[ChangedMessage]:
    """Index, taking creations for new: the database says where one is not, and then every row is read before.

    Where another process inserted one of the messages meanwhile, read its row and join with it.
    """
    try:
        return _index(news, besides, aside, takes_creations_for_new=True)
    except IntegrityError:
        pass
    try:
        return _index(news, besides, aside)
    except IntegrityError:
        return _index(news, besides, aside)


@dataclass
class _Work:
    """What one batch writes."""

    new: list[tuple[int, int, MessageState]] = field(default_factory=list)
    changed: list[tuple[int, int, MessageState]] = field(default_factory=list)
    terms_added: dict[int, dict[int, list[int]]] = field(default_factory=dict)
    """Tenant → term → messages."""
    terms_removed: list[tuple[int, int, int]] = field(default_factory=list)
    earlier_added: dict[int, dict[int, list[int]]] = field(default_factory=dict)
    earlier_removed: list[tuple[int, int, int]] = field(default_factory=list)
    words: dict[int, set[str]] = field(default_factory=dict)
    attachments: list[Row] = field(default_factory=list)
    attachments_gone: list[Row] = field(default_factory=list)


@retriable
def _index(
    news: dict[MessageKey, MessageState],
    besides: Besides,
    aside: list[RecordSetAside],
    *,
    takes_creations_for_new: bool = False,
) -> list[ChangedMessage]:
    passed_over: list[RecordSetAside] = []
    with transaction():
        if besides.deletions:
            take_turns(besides.deletions)
        takes_in = archiving(
            {tenant_id for tenant_id, _message in news} | besides.tenants,
            {state.channel_id for state in news.values()} | besides.channels,
        )
        wanted, only_known, passed_over = _let_in(news, takes_in)
        asked = [key for key, state in wanted.items() if not (takes_creations_for_new and state.is_creation)]
        known = shelf.load_states(asked)
        for key in only_known - known.keys():
            del wanted[key]
        work = _work(wanted, known)
        _write(work)
        changed = [
            ChangedMessage(tenant_id, state.channel_id, message_id)
            for tenant_id, message_id, state in (*work.new, *work.changed)
        ]
        _announce(changed)
        if WATCHERS:
            on_commit(lambda: _tell_watchers(work, known))
        # A deletion that came before its message says only now whose it was.
        gone = [(tenant_id, one, state.channel_id) for tenant_id, one, state in work.changed if state.deleted_ms]
        if besides or gone:
            _announce(_take_in(besides, takes_in, wanted, gone).difference(changed))
    aside.extend(passed_over)
    return changed


def _take_in(
    besides: Besides,
    takes_in: Mapping[int, Archiving],
    wanted: Mapping[MessageKey, MessageState],
    gone: Sequence[tuple[int, int, int]],
) -> set[ChangedMessage]:
    """Write reactions and who deleted what; answers the messages that look different by that."""
    told: dict[MessageKey, int] = {}
    reactions = let_in_reactions(besides.reactions, takes_in)
    if reactions:
        told.update((key, reactions.channels[key]) for key in write_reactions(reactions))
    deletions = let_in_deletions(besides.deletions, takes_in, wanted)
    if deletions or gone:
        told.update(write_deletions(deletions, gone))
    return {ChangedMessage(tenant_id, channel_id, message_id) for (tenant_id, message_id), channel_id in told.items()}


def _let_in(
    news: Mapping[MessageKey, MessageState], takes_in: Mapping[int, Archiving]
) -> tuple[dict[MessageKey, MessageState], set[MessageKey], list[RecordSetAside]]:
    """(what is archived, those of it that are only if their message is known, what is passed over).

    Of what the owner excluded no text is taken in; that something kept earlier was deleted is still noted.
    """
    wanted: dict[MessageKey, MessageState] = {}
    only_known: set[MessageKey] = set()
    passed_over: list[RecordSetAside] = []
    for key, state in news.items():
        here = takes_in.get(key[0])
        if here is None:
            passed_over.append(RecordSetAside(key[0], "not_archiving", state.channel_id, key[1]))
        elif here.takes_all or not _is_excluded(here, key[1], state):
            wanted[key] = state
        elif state.deleted_ms is not None:
            wanted[key] = state.copy()
            wanted[key].versions = {}
            only_known.add(key)
        else:
            passed_over.append(RecordSetAside(key[0], "excluded", state.channel_id, key[1]))
    return wanted, only_known, passed_over


def _is_excluded(here: Archiving, message_id: int, state: MessageState) -> bool:
    if here.refuses_channel(state.channel_id):
        return True
    current = state.current
    return current is not None and here.refuses_author(
        current.author_id, message_id, is_bot=bool(current.traits & Trait.BOT)
    )


def _work(news: Mapping[MessageKey, MessageState], known: Mapping[MessageKey, MessageState]) -> _Work:
    work = _Work()
    postings = Postings(TERMS)
    for (tenant_id, message_id), state in sorted(news.items(), key=itemgetter(0)):
        before = known.get((tenant_id, message_id))
        if before is None:
            after = state
            work.new.append((tenant_id, message_id, after))
        else:
            after = before.copy()
            after.join(state)
            if after == before:
                continue
            work.changed.append((tenant_id, message_id, after))
        words = work.words.get(tenant_id)
        if words is None:
            words = work.words[tenant_id] = set()
        _post(work, postings, tenant_id, message_id, before, after, words)
        if before is not None or after.has_files:
            shelf.write_attachments(tenant_id, message_id, before, after, work.attachments, work.attachments_gone)
    return work


def _tell_watchers(work: _Work, known: Mapping[MessageKey, MessageState]) -> None:
    changed = [(tenant, message, known[tenant, message], after) for tenant, message, after in work.changed]
    indexed = Indexed(work.new, changed, work.terms_added)
    for watcher in WATCHERS:
        watcher(indexed)


def _post(
    work: _Work,
    postings: Postings,
    tenant_id: int,
    message_id: int,
    before: MessageState | None,
    after: MessageState,
    words: set[str],
) -> None:
    """Note the difference of the two sets of terms: two tokens may share a number, so numbers are what is compared."""
    terms, earlier = postings.of(after, words)
    if before is not None:
        old_terms, old_earlier = postings.of(before, set())
        work.terms_removed.extend((tenant_id, term, message_id) for term in old_terms - terms)
        work.earlier_removed.extend((tenant_id, term, message_id) for term in old_earlier - earlier)
        terms = terms - old_terms
        earlier = earlier - old_earlier
    _add(work.terms_added, tenant_id, message_id, terms)
    if earlier:
        _add(work.earlier_added, tenant_id, message_id, earlier)


def _add(postings: dict[int, dict[int, list[int]]], tenant_id: int, message_id: int, terms: set[int]) -> None:
    lists = postings.get(tenant_id)
    if lists is None:
        lists = postings[tenant_id] = defaultdict(list)
    for term in terms:
        lists[term].append(message_id)


def _write(work: _Work) -> None:
    shelf.write_messages(work.new, work.changed)
    shelf.write_revisions(one for one in (*work.new, *work.changed) if len(one[2].versions) > 1)
    shelf.write_terms(MessageTerm, work.terms_added, work.terms_removed)
    shelf.write_terms(RevisionTerm, work.earlier_added, work.earlier_removed)
    shelf.store_attachments(work.attachments, work.attachments_gone)
    if work.attachments:
        on_commit(lambda: clients().job_queue.wake(Job.KEEP_FILES))
    unknown = {tenant_id: KNOWN_WORDS.unknown(tenant_id, words) for tenant_id, words in work.words.items()}
    shelf.write_words([(tenant_id, word, TERMS.term(word)) for tenant_id, words in unknown.items() for word in words])
    on_commit(lambda: _remember(unknown))


def _remember(written: Mapping[int, set[str]]) -> None:
    for tenant_id, words in written.items():
        if words:
            KNOWN_WORDS.remember(tenant_id, words)


def _announce(changed: Iterable[ChangedMessage]) -> None:
    by_tenant: dict[int, list[Signal]] = {}
    for one in changed:
        signal = Signal(Topic.MESSAGES, f"message:{one.message_id}", one.channel_id)
        by_tenant.setdefault(one.tenant_id, []).append(signal)
    for tenant_id, signals in by_tenant.items():
        announce(LIVE, *signals, tenant_id=tenant_id)
