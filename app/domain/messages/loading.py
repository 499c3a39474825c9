"""What stands of a message in other tables, loaded for a query that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app.db.posting_lists import rows_with_ids
from app.domain.messages.candidates import Candidate
from app.domain.messages.matching import Matcher, WasMatch, leaves
from app.domain.messages.reactions import reactions_of
from app.domain.messages.special_matches import FileNameMatch, ReactionMatch

Load = Callable[[dict[int, Candidate]], None]


def loads_for(matcher: Matcher) -> tuple[Load, ...]:
    """What has to be called with candidates, by id, before `matcher` can decide on them."""
    kinds = {type(leaf) for leaf in leaves(matcher)}
    return tuple(load for kind, load in _LOADS.items() if kind in kinds)


def _earlier_texts(candidates: dict[int, Candidate]) -> None:
    for message_id, texts in _grouped("message_revisions", ("content", "extra_text"), candidates).items():
        candidates[message_id].earlier_texts = texts


def _file_names(candidates: dict[int, Candidate]) -> None:
    for message_id, names in _grouped("attachments", ("filename",), candidates).items():
        candidates[message_id].file_names = [name for (name,) in names]


def _emoji(candidates: dict[int, Candidate]) -> None:
    for message_id, reactions in reactions_of(candidates).items():
        candidates[message_id].emoji = {reaction.emoji for reaction in reactions}


def _grouped(table: str, columns: tuple[str, ...], ids: Iterable[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for message_id, *values in rows_with_ids(table, ("message_id", *columns), "message_id", list(ids)):
        found.setdefault(message_id, []).append(tuple(values))
    return found


_LOADS: dict[type, Load] = {WasMatch: _earlier_texts, FileNameMatch: _file_names, ReactionMatch: _emoji}
