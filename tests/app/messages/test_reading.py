"""What a reader may see, a message among its neighbours, its revisions, and what the search box offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.clients import clients
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role, SystemActor
from app.domain.errors import NotFound
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.names import search_names
from app.domain.members.service import apply_event
from app.domain.members.visibility import ChannelRules, GuildRules, visible_channels
from app.domain.messages import service
from app.domain.messages.queries import context_of, message_shown_to, messages_shown_to, revisions_shown_to
from app.domain.messages.reader import Reader, reader_for
from app.domain.messages.suggestions import suggest
from app.domain.messages.tokens import TermCache
from app.extensions import db
from tests.app.messages.conftest import (
    ALICE,
    BOB,
    GENERAL,
    RANDOM,
    STAFF_ROOM,
    VERA,
    A,
    created,
    deleted,
    index,
    message_id,
    updated,
)

GUILD, MODERATOR = 300000000000000001, 500000000000000001
VIEW, HISTORY, CONNECT, MANAGE_THREADS, ADMINISTRATOR = 1 << 10, 1 << 16, 1 << 20, 1 << 34, 1 << 3
READ = VIEW | HISTORY
EVERYTHING = Reader(ALICE, frozenset(), sees_all=True)
PUBLIC = Reader(VERA, frozenset({GENERAL, RANDOM}))


def over(target: int, *, allow: int = 0, deny: int = 0, member: bool = False) -> dict[str, Any]:
    return {"id": str(target), "type": int(member), "allow": str(allow), "deny": str(deny)}


RULES = GuildRules(GUILD, ALICE, {GUILD: READ, MODERATOR: MANAGE_THREADS, 6: ADMINISTRATOR, 7: 0})


def seen(channels: list[ChannelRules], user: int = VERA, roles: tuple[int, ...] = ()) -> set[int]:
    return set(visible_channels(RULES, user, roles, channels))


def test_an_overwrite_of_everyone_hides_and_one_of_a_role_shows_again() -> None:
    staff = ChannelRules(1, 0, overwrites=(over(GUILD, deny=VIEW), over(MODERATOR, allow=VIEW)))

    assert seen([staff]) == set()
    assert seen([staff], roles=(MODERATOR,)) == {1}
    assert seen([staff], user=ALICE) == seen([staff], roles=(6,)) == {1}


def test_of_several_roles_an_allowing_one_wins_and_the_members_own_overwrite_decides_last() -> None:
    both = (over(7, deny=VIEW), over(MODERATOR, allow=VIEW))
    own = (*both, over(VERA, deny=VIEW, member=True))

    assert seen([ChannelRules(1, 0, overwrites=both)], roles=(7, MODERATOR)) == {1}
    assert seen([ChannelRules(1, 0, overwrites=own)], roles=(7, MODERATOR)) == set()
    assert seen([ChannelRules(1, 0, overwrites=(over(GUILD, deny=VIEW), over(VERA, allow=VIEW, member=True)))]) == {1}


def test_t41_a_deleted_role_shows_nothing_any_more_though_overwrites_and_members_still_name_it() -> None:
    """Discord sends no update for each member who had the role."""
    staff = ChannelRules(1, 0, overwrites=(over(GUILD, deny=VIEW), over(8, allow=VIEW)))

    assert seen([staff], roles=(8,)) == set()


def test_seeing_a_channel_without_its_history_is_not_enough() -> None:
    assert seen([ChannelRules(1, 0, overwrites=(over(GUILD, deny=HISTORY),))]) == set()


def test_the_text_of_a_voice_channel_needs_the_right_to_connect() -> None:
    assert seen([ChannelRules(1, 2)]) == set()
    assert seen([ChannelRules(1, 2, overwrites=(over(GUILD, allow=CONNECT),))]) == {1}


def test_threads_are_seen_as_their_parent_and_private_ones_by_their_members() -> None:
    hidden = ChannelRules(1, 0, overwrites=(over(GUILD, deny=VIEW),))
    open_ = ChannelRules(2, 0)
    private = ChannelRules(5, 12, parent_id=2, thread_member_ids=frozenset({str(BOB)}))
    every = [
        private,
        ChannelRules(3, 11, parent_id=1),
        ChannelRules(4, 11, parent_id=2),
        hidden,
        open_,
        ChannelRules(6, 11, 99),
    ]

    assert seen(every) == {2, 4}
    assert seen(every, user=BOB) == {2, 4, 5}
    assert seen(every, roles=(MODERATOR,)) == {2, 4, 5}


@pytest.fixture
def community(archive: Flask) -> Iterator[Flask]:
    """A with a hidden staff room, a moderator and a plain member."""
    with tenant_scope(A), transaction():
        db.session.add_all(
            [GuildRole(id=GUILD, name="@everyone", permissions=READ), GuildRole(id=MODERATOR, name="Moderator")]
        )
        for user_id, name, roles in ((BOB, "bob", [str(MODERATOR)]), (VERA, "vera", [])):
            db.session.add(
                GuildMember(
                    user_id=user_id, username=name, role_ids=roles, search_names=search_names([name]), sort_name=name
                )
            )
        hidden = [over(GUILD, deny=VIEW), over(MODERATOR, allow=VIEW)]
        for channel_id, name, overwrites in (
            (GENERAL, "general", []),
            (RANDOM, "long name", []),
            (STAFF_ROOM, "staff", hidden),
        ):
            db.session.add(GuildChannel(id=channel_id, kind=0, name=name, overwrites=overwrites))
    yield archive


def actor(user_id: int, role: Role) -> Actor:
    return Actor(user_id=user_id, tenant_id=A, guild_id=GUILD, role=role)


def test_a_reader_sees_what_discord_shows_them_and_the_owner_sees_all(community: Flask) -> None:
    with tenant_scope(A):
        moderator, viewer = reader_for(actor(BOB, Role.MODERATOR)), reader_for(actor(VERA, Role.VIEWER))
        owner, stranger = reader_for(actor(ALICE, Role.OWNER)), reader_for(actor(99, Role.ADMIN))

    assert moderator.sees(STAFF_ROOM) and not viewer.sees(STAFF_ROOM)
    assert viewer.channels == {GENERAL, RANDOM}
    assert owner.sees(STAFF_ROOM) and owner.sees(77)
    assert stranger.channels == frozenset()


def test_a_right_that_is_taken_away_is_gone_once_the_remembered_set_is_dropped(community: Flask) -> None:
    bob = actor(BOB, Role.MODERATOR)
    with tenant_scope(A):
        assert reader_for(bob).sees(STAFF_ROOM)
        with transaction():
            db.session.get_one(GuildMember, (A, BOB)).role_ids = []
        clients().live_bus.forget_readers(A)
        assert not reader_for(bob).sees(STAFF_ROOM)


def test_t41_a_role_deleted_on_discord_takes_its_channels_along(community: Flask) -> None:
    bob = actor(BOB, Role.MODERATOR)
    with tenant_scope(A):
        assert reader_for(bob).sees(STAFF_ROOM)
        payload = {"guild_id": str(GUILD), "role_id": str(MODERATOR)}
        apply_event(SystemActor("gateway"), "GUILD_ROLE_DELETE", payload)
        assert not reader_for(bob).sees(STAFF_ROOM)


def test_a_message_stands_among_its_neighbours_of_the_same_channel(
    community: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where every channel shares one number in the postings."""
    monkeypatch.setattr(service, "TERMS", TermCache(lambda token: 7))
    index(*(created(number, f"n{number}", channel=GENERAL if number % 2 else STAFF_ROOM) for number in range(1, 30)))

    with tenant_scope(A):
        shown = context_of(PUBLIC, message_id(15), around=3)
        edge = context_of(PUBLIC, message_id(3), around=3)

    assert [message.content for message in (*shown.earlier, *shown.later)] == ["n9", "n11", "n13", "n17", "n19", "n21"]
    assert shown.message is not None and shown.message.content == "n15"
    assert (shown.has_earlier, shown.has_later, edge.has_earlier) == (True, True, False)
    assert [message.content for message in edge.earlier] == ["n1"]


def test_hidden_missing_and_only_known_as_deleted_are_all_not_found(community: Flask) -> None:
    index(created(1, "secret", channel=STAFF_ROOM), deleted(2), created(3, "open"))

    with tenant_scope(A):
        for number in (1, 2, 99):
            for read in (message_shown_to, revisions_shown_to, context_of):
                with pytest.raises(NotFound) as caught:
                    read(PUBLIC, message_id(number))
                assert caught.value.message == "There is no such message."
        assert set(messages_shown_to(PUBLIC, map(message_id, (1, 2, 3, 99)))) == {message_id(3)}
        assert message_shown_to(EVERYTHING, message_id(1)).content == "secret"


def test_revisions_are_told_oldest_first(community: Flask) -> None:
    index(updated(1, "third", edited=20), created(1, "first"), updated(1, "second", edited=10))

    with tenant_scope(A):
        told = [(revision.content, revision.written_at) for revision in revisions_shown_to(PUBLIC, message_id(1))]

    assert [content for content, _written in told] == ["first", "second"]
    assert [written.second for _content, written in told] == [1, 10]


def offered(query: str, reader: Reader = PUBLIC) -> list[str]:
    with tenant_scope(A):
        found = suggest(reader, query, len(query))
    return [query[: found.start] + item.text for item in found.items]


def test_operators_and_their_values_are_offered_in_place(community: Flask) -> None:
    assert offered("sled fr") == ["sled from:"]
    assert offered("b") == ["before:"]
    assert offered("has:i") == ["has:image"]
    assert offered("a -is:de") == ["a -is:deleted"]
    assert offered("from:v") == ["from:vera"]
    assert offered("mentions:e") == ["mentions:everyone", "mentions:vera"]
    assert offered("(after:to") == ["(after:today"]
    assert offered("was:pass") == offered("https://exa") == []


def test_names_with_spaces_are_offered_in_quotation_marks_and_hidden_channels_never(community: Flask) -> None:
    assert offered("in:lo") == offered('in:"long n') == ['in:"long name"']
    assert offered("in:staff") == []
    assert offered("in:staff", EVERYTHING) == ["in:staff"]


def test_a_cursor_anywhere_is_answered(community: Flask) -> None:
    with tenant_scope(A):
        for cursor in (-5, 0, 3, 500):
            assert suggest(PUBLIC, "from:vera has:x", cursor).end <= 15
