"""Tantivy over the same tokens: the yardstick of the search benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from app.domain.messages.candidates import whole_text
from app.domain.messages.matching import (
    AllMatch,
    AnyMatch,
    AuthorMatch,
    ChannelMatch,
    IdMatch,
    Matcher,
    NotMatch,
    TextMatch,
)
from app.domain.messages.merge import gather
from app.domain.messages.records import ArchiveRecord

HIGHEST = (1 << 64) - 1


class ReferenceIndex:
    """Built once from records; answers the newest ids of a query within channels."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        schema = tantivy.SchemaBuilder()
        schema.add_unsigned_field("id", indexed=True, fast=True)
        for name in ("tenant", "channel", "author"):
            schema.add_unsigned_field(name, indexed=True)
        schema.add_text_field("text", tokenizer_name="whitespace", index_option="position")
        self._schema = schema.build()
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._writer = self._index.writer(heap_size=256_000_000, num_threads=1)

    def add(self, records: Iterable[ArchiveRecord]) -> None:
        """Take in messages; searchable after `finish`."""
        news, _aside = gather(records)
        for (tenant_id, message_id), state in news.items():
            current = state.current
            assert current is not None
            document = tantivy.Document()
            document.add_unsigned("id", message_id)
            document.add_unsigned("tenant", tenant_id)
            document.add_unsigned("channel", current.channel_id)
            document.add_unsigned("author", current.author_id)
            document.add_text("text", " ".join(whole_text(current.content, current.extra_text).sequence))
            self._writer.add_document(document)

    def finish(self) -> None:
        """Commit, let the segments merge, open for reading."""
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self._folder.iterdir())

    def search(self, tenant_id: int, matcher: Matcher, channels: Sequence[int], limit: int) -> list[int]:
        """The newest ids that match, within `channels`."""
        query = Query.boolean_query(
            [
                (Occur.Must, self._term("tenant", tenant_id)),
                (Occur.Must, Query.term_set_query(self._schema, "channel", list(channels))),
                (Occur.Must, self._query(matcher)),
            ]
        )
        found = self._searcher.search(query, limit, count=False, order_by_field="id")
        return [message_id for message_id, _address in found.hits]

    def _term(self, name: str, value: int | str) -> Query:
        return Query.term_query(self._schema, name, value, "basic")

    def _query(self, matcher: Matcher) -> Query:
        match matcher:
            case TextMatch((token,), False):
                return self._term("text", token)
            case TextMatch((beginning,), True):
                return Query.regex_query(self._schema, "text", f"{beginning}.*")
            case TextMatch(sequence, False):
                return Query.phrase_query(self._schema, "text", list(sequence))
            case AuthorMatch(ids):
                return Query.term_set_query(self._schema, "author", sorted(ids))
            case ChannelMatch(ids):
                return Query.term_set_query(self._schema, "channel", sorted(ids))
            case IdMatch(bounds):
                kind = tantivy.FieldType.Unsigned
                return Query.range_query(self._schema, "id", kind, bounds.oldest, bounds.before, include_upper=False)
            case AllMatch(parts):
                return Query.boolean_query([self._clause(part) for part in parts])
            case AnyMatch(parts):
                return Query.boolean_query([(Occur.Should, self._query(part)) for part in parts])
        raise NotImplementedError(f"the benchmark asks for nothing like {matcher}")

    def _clause(self, part: Matcher) -> tuple[Occur, Query]:
        if isinstance(part, NotMatch):
            return Occur.MustNot, self._query(part.part)
        return Occur.Must, self._query(part)
