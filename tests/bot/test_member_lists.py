"""Whole member lists out of chunks, exact although people come and go meanwhile."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.member_lists import MOST_LISTS, MemberLists

GUILD = 7


def member(user_id: int, nick: str = "") -> dict[str, Any]:
    return {"user": {"id": str(user_id)}, "nick": nick}


def chunk(index: int, count: int, *ids: int, nonce: str = "n") -> dict[str, Any]:
    return {"chunk_index": index, "chunk_count": count, "nonce": nonce, "members": [member(i) for i in ids]}


def ids_of(found: list[dict[str, Any]] | None) -> set[int]:
    assert found is not None
    return {int(one["user"]["id"]) for one in found}


def test_a_list_is_whole_with_its_last_chunk_in_any_order() -> None:
    lists = MemberLists()

    assert lists.add_chunk(GUILD, chunk(2, 3, 5)) is None
    assert lists.add_chunk(GUILD, chunk(0, 3, 1, 2)) is None
    assert lists.add_chunk(GUILD, chunk(0, 3, 1, 2)) is None
    assert ids_of(lists.add_chunk(GUILD, chunk(1, 3, 3, 4))) == {1, 2, 3, 4, 5}


def test_two_lists_of_one_guild_do_not_mix() -> None:
    lists = MemberLists()
    lists.add_chunk(GUILD, chunk(0, 2, 1, nonce="a"))
    lists.add_chunk(GUILD, chunk(0, 2, 1, nonce="b"))

    assert ids_of(lists.add_chunk(GUILD, chunk(1, 2, 2, nonce="b"))) == {1, 2}
    assert ids_of(lists.add_chunk(GUILD, chunk(1, 2, 3, nonce="a"))) == {1, 3}


def test_an_answer_about_single_people_is_no_list() -> None:
    assert (
        MemberLists().add_chunk(GUILD, {"chunk_index": 0, "chunk_count": 1, "members": [], "not_found": ["9"]}) is None
    )


def test_lists_that_never_end_do_not_pile_up() -> None:
    lists = MemberLists()
    for number in range(3 * MOST_LISTS):
        lists.add_chunk(GUILD, chunk(0, 2, number, nonce=str(number)))

    assert len(lists._lists) <= MOST_LISTS


@given(st.lists(st.tuples(st.sampled_from(["join", "leave", "chunk"]), st.integers(0, 11)), max_size=60))
def test_the_list_is_who_is_there_when_it_is_whole(happenings: list[tuple[str, int]]) -> None:
    """Discord sends each of four chunks as its members are at that moment; joins and leaves come in between."""
    lists, here, sent = MemberLists(), set(range(0, 12, 2)), 0
    whole = None
    for what, user_id in [*happenings, *[("chunk", 0)] * 4]:
        if what == "join" and user_id not in here:
            here.add(user_id)
            lists.note(GUILD, "GUILD_MEMBER_ADD", member(user_id))
        elif what == "leave" and user_id in here:
            here.discard(user_id)
            lists.note(GUILD, "GUILD_MEMBER_REMOVE", member(user_id))
        elif what == "chunk" and sent < 4:
            whole = lists.add_chunk(GUILD, chunk(sent, 4, *(i for i in here if i % 4 == sent)))
            sent += 1
        if whole is not None:
            break

    # People who joined before the first chunk into a bucket that was not sent yet are in their chunk.
    assert ids_of(whole) == here
