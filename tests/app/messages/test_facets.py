"""Counts of authors and channels beside a search."""

from __future__ import annotations

import pytest
from flask import Flask

from app.db.scope import tenant_scope
from app.domain.messages.facets import Facets, Share, facets
from app.domain.messages.grammar import parse
from app.domain.messages.reader import Reader
from app.domain.messages.resolving import Resolver
from tests.app.messages.conftest import (
    ALICE,
    BOB,
    GENERAL,
    RANDOM,
    STAFF_ROOM,
    VERA,
    A,
    B,
    created,
    index,
)

EVERYTHING = Reader(ALICE, frozenset(), sees_all=True)
PUBLIC = Reader(VERA, frozenset({GENERAL, RANDOM}))


def counted(query: str, reader: Reader = EVERYTHING, **options: int) -> Facets:
    with tenant_scope(A):
        return facets(reader, Resolver(reader).resolve(parse(query)), **options)


@pytest.fixture
def talk(archive: Flask) -> Flask:
    index(
        created(1, "sled one", author=ALICE),
        created(2, "sled two", author=BOB, channel=RANDOM),
        created(3, "no word of it", author=BOB),
        created(4, "sled three", author=BOB, channel=STAFF_ROOM),
        created(5, "sled elsewhere", author=BOB, tenant=B),
    )
    return archive


def test_hits_are_counted_by_author_and_channel_the_most_frequent_first(talk: Flask) -> None:
    found = counted("sled")

    assert found.authors == (Share(BOB, 2), Share(ALICE, 1))
    assert found.channels == (Share(GENERAL, 1), Share(STAFF_ROOM, 1), Share(RANDOM, 1))
    assert (found.counted, found.is_all) == (3, True)


def test_only_the_newest_hits_are_counted_and_the_counts_say_so(talk: Flask) -> None:
    found = counted("sled", counted=2)

    assert found.authors == (Share(BOB, 2),)
    assert found.channels == (Share(STAFF_ROOM, 1), Share(RANDOM, 1))
    assert (found.counted, found.is_all) == (2, False)
    assert counted("sled", counted=3).is_all


def test_t41_counts_are_of_what_the_reader_may_see(talk: Flask) -> None:
    found = counted("sled", PUBLIC)

    assert found.authors == (Share(ALICE, 1), Share(BOB, 1))
    assert found.channels == (Share(GENERAL, 1), Share(RANDOM, 1))
    assert (found.counted, found.is_all) == (2, True)
    assert counted("sled", Reader(VERA, frozenset())).counted == 0


def test_no_more_are_shown_than_asked_for(talk: Flask) -> None:
    assert counted("sled", shown=1).authors == (Share(BOB, 2),)


def test_counting_that_takes_too_long_says_that_these_are_not_all(talk: Flask) -> None:
    assert not counted("sled", seconds=0).is_all
