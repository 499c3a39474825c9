"""A channel as it was at a moment equals what a plain replay of the events until then leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.scope import tenant_scope
from app.domain.errors import NotFound
from app.domain.messages.past import channel_at
from app.domain.messages.reader import Reader
from tests.app.messages.conftest import (
    FIRST_MOMENT_MS,
    GENERAL,
    STAFF_ROOM,
    VERA,
    A,
    created,
    deleted,
    forget,
    index,
    message_id,
    missing,
    updated,
)

PUBLIC = Reader(VERA, frozenset({GENERAL}))
NUMBERS = (1, 4, 5, 9)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(FIRST_MOMENT_MS / 1000 + seconds, UTC)


@dataclass(frozen=True)
class Life:
    """What happened to a message: its texts by the second in which each was written, and when it was deleted."""

    number: int
    edits: Mapping[int, str]
    gone: int | None

    def records(self) -> list:  # type: ignore[type-arg]
        told = [created(self.number, f"first {self.number}")]
        told += [updated(self.number, text, edited=at, at=at) for at, text in sorted(self.edits.items())]
        return told + ([deleted(self.number, at=self.gone)] if self.gone else [])

    def text_at(self, seconds: int, *, with_gone: bool = False) -> str | None:
        if self.number > seconds or (self.gone is not None and self.gone <= seconds and not with_gone):
            return None
        until = [text for at, text in sorted(self.edits.items()) if at <= seconds]
        return until[-1] if until else f"first {self.number}"

    def moments(self) -> set[int]:
        return {self.number, *self.edits, *({self.gone} if self.gone else ())}


def _life(number: int) -> st.SearchStrategy[Life]:
    later = st.integers(number + 1, 20)
    edits = st.dictionaries(later, st.sampled_from(["alpha", "beta", "gamma"]), max_size=3)
    lives = st.builds(Life, st.just(number), edits, st.none() | st.integers(number + 1, 22))
    return lives.filter(lambda life: life.gone is None or all(at < life.gone for at in life.edits))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.tuples(*map(_life, NUMBERS)), seconds=st.integers(0, 24), limit=st.integers(1, 5), with_gone=st.booleans()
)
def test_every_moment_is_as_a_replay_leaves_it_and_its_neighbours_are_the_next_changes(
    archive: Flask, lives: tuple[Life, ...], seconds: int, limit: int, with_gone: bool
) -> None:
    forget()
    index(*(record for life in lives for record in life.records()))

    with tenant_scope(A):
        whole = channel_at(PUBLIC, GENERAL, moment(seconds), limit=20, with_gone=with_gone)
        paged, before = [], None
        for _page in range(len(NUMBERS) + 2):
            past = channel_at(PUBLIC, GENERAL, moment(seconds), before=before, limit=limit, with_gone=with_gone)
            paged = [*past.messages, *paged]
            before = past.earlier
            if before is None:
                break

    expected = {life.number: life.text_at(seconds, with_gone=with_gone) for life in lives}
    left = [(message_id(number), text) for number, text in expected.items() if text is not None]
    assert [(one.then.id, one.then.content) for one in whole.messages] == left
    assert [(one.then.id, one.then.content) for one in paged] == left
    there = [life for life in lives if life.number <= seconds]
    following = [at for life in there for at in life.moments() if at > seconds]
    following += [life.number for life in lives if life.number > seconds]
    earlier = [at for life in there for at in life.moments() if at < seconds]
    assert whole.next_change == (moment(min(following)) if following else None)
    assert whole.previous_change == (moment(max(earlier)) if earlier else None)


def test_what_became_of_a_message_later_is_said(archive: Flask) -> None:
    index(created(1, "one"), updated(1, "two", edited=10, at=10), deleted(1, at=20), updated(2, "only this", edited=30))

    with tenant_scope(A):
        first, second = channel_at(PUBLIC, GENERAL, moment(5)).messages
        gone = channel_at(PUBLIC, GENERAL, moment(20), with_gone=True).messages[0]

    assert (first.then.content, first.edited_later, first.deleted_later) == ("one", moment(10), moment(20))
    assert (second.then.content, second.is_text_of_later) == ("only this", True)
    assert (gone.then.content, gone.is_gone, gone.deleted_later) == ("two", True, None)


def test_a_deletion_that_was_only_found_later_counts_from_when_it_was_found(archive: Flask) -> None:
    index(created(1, "one"), missing(1, at=30, since=10))

    with tenant_scope(A):
        shown = [len(channel_at(PUBLIC, GENERAL, moment(at)).messages) for at in (10, 29, 30)]

    assert shown == [1, 1, 0]


def test_a_hidden_channel_has_no_past(archive: Flask) -> None:
    """T41."""
    index(created(1, "plans", channel=STAFF_ROOM))

    with tenant_scope(A), pytest.raises(NotFound):
        channel_at(PUBLIC, STAFF_ROOM, moment(5))
