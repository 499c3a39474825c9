"""The scenario's promises: the same for the same seed, consistent in itself, and as lively as it says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice

import pytest

from sandbox.scenario import (
    Community,
    Step,
    StepKind,
    build_community,
    chatter,
    second_server,
    small_community,
    third_server,
)
from sandbox.scenario.cast import ALICE, BOB, CHARLIE, GUILD_A, GUILD_B, GUILD_C, STAN, VERA
from sandbox.scenario.model import CATEGORY, VOICE, MembershipChange
from sandbox.scenario.snowflakes import moment_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SEND_MESSAGES = 1 << 11
VIEW_CHANNEL = 1 << 10


@cache
def _community() -> Community:
    return build_community(7, NOW)


@cache
def _all() -> tuple[Community, ...]:
    return (_community(), small_community(7, NOW), second_server(7, NOW), third_server(7, NOW))


@cache
def _evening() -> tuple[Step, ...]:
    return tuple(islice(chatter(7, _community()), 6000))


@pytest.mark.parametrize("build", [build_community, small_community, second_server, third_server])
def test_the_same_seed_and_moment_give_the_same_community_and_another_seed_another(build) -> None:
    assert build(7, NOW) == build(7, NOW)
    assert build(7, NOW).messages != build(8, NOW).messages


def test_the_community_has_three_hundred_members_twelve_channels_and_about_six_thousand_messages() -> None:
    community = _community()

    text_channels = [channel for channel in community.channels if channel.type not in (CATEGORY, VOICE)]
    present = [member for member in community.members if member.left_at is None]
    assert len(present) == 300
    assert len(text_channels) == 12
    assert 5400 <= len(community.messages) <= 6900
    assert NOW - community.messages[0].at > timedelta(days=89)
    assert NOW - community.messages[-1].at < timedelta(hours=12)


def test_size_follows_what_is_asked_for() -> None:
    half = build_community(7, NOW, members=150, days=30)

    assert sum(member.left_at is None for member in half.members) == 150
    assert 600 <= len(half.messages) <= 1500


def test_a_community_too_small_to_live_is_refused() -> None:
    with pytest.raises(ValueError, match="40 members"):
        build_community(7, NOW, members=5)


@pytest.mark.parametrize("index", range(4))
def test_ids_never_repeat_and_are_of_their_time(index: int) -> None:
    community = _all()[index]

    messages = community.messages
    things = [
        *messages,
        *(file for message in messages for file in message.attachments),
        *community.channels,
        *community.roles,
    ]
    assert len({thing.id for thing in things}) == len(things)
    assert all(moment_of(message.id) == message.at for message in messages)
    assert [message.id for message in messages] == sorted(message.id for message in messages)
    assert all(message.at < NOW for message in messages)


@pytest.mark.parametrize("index", range(4))
def test_everyone_speaks_only_while_a_member(index: int) -> None:
    community = _all()[index]
    members = {member.id: member for member in community.members}

    assert len(members) == len(community.members)
    for message in community.messages:
        author = members[message.author_id]
        assert author.joined_at <= message.at
        assert author.left_at is None or message.at <= author.left_at
    for member in community.members:
        assert moment_of(member.id) < member.joined_at
        assert set(member.role_ids) <= {role.id for role in community.roles}


@pytest.mark.parametrize("index", range(4))
def test_references_lead_to_something_earlier_in_the_same_channel(index: int) -> None:
    community = _all()[index]
    by_id = {message.id: message for message in community.messages}
    places = {channel.id for channel in community.channels} | {thread.id for thread in community.threads}

    for message in community.messages:
        assert message.channel_id in places
        if message.reply_to is not None:
            answered = by_id[message.reply_to]
            assert answered.at < message.at
            assert message.type == 19
            assert answered.channel_id == message.channel_id or answered.id == message.channel_id
        for edit in message.edits:
            assert edit.at > message.at
        assert (message.deleted_at is None) == (message.deleted_by is None)
        assert message.deleted_at is None or message.deleted_at > message.at
    for thread in community.threads:
        starter = by_id[thread.id]
        assert thread.starter_message_id == thread.id
        assert starter.at <= thread.created_at
        assert starter.channel_id in (thread.id, thread.parent_id)
        assert 0 < len(thread.name) <= 100


@pytest.mark.parametrize("index", range(4))
def test_reactions_come_from_members_and_never_twice_from_one(index: int) -> None:
    community = _all()[index]
    members = {member.id for member in community.members}

    for message in community.messages:
        for reaction in message.reactions:
            assert reaction.user_ids
            assert len(set(reaction.user_ids)) == len(reaction.user_ids)
            assert set(reaction.user_ids) <= members


@pytest.mark.parametrize("index", range(4))
def test_texts_names_and_embeds_stay_within_discords_limits(index: int) -> None:
    community = _all()[index]

    for message in community.messages:
        assert len(message.content) <= 2000
        assert all(len(edit.content) <= 2000 for edit in message.edits)
        assert message.content.strip() or message.attachments or message.embeds or message.type == 7
        for embed in message.embeds:
            assert len(embed["title"]) <= 256
            assert len(embed.get("description", "")) <= 4096
            assert all(len(part["name"]) <= 256 and len(part["value"]) <= 1024 for part in embed.get("fields", ()))
    for member in community.members:
        assert 2 <= len(member.username) <= 32
        assert len(member.global_name or "") <= 32
        assert len(member.nick or "") <= 32
    assert all(0 < len(channel.name) <= 100 for channel in community.channels)


def test_no_word_of_the_grammar_is_left_unfilled() -> None:
    texts = [message.content for message in _community().messages] + [step.content for step in _evening()]

    for text in texts:
        assert "{" not in text.replace("```", "").split("foreach")[0], text
        assert "[|" not in text and "|]" not in text, text


def test_hardly_two_messages_are_alike() -> None:
    spoken = [message.content for message in _community().messages if len(message.content) > 20]

    assert len(set(spoken)) > 0.87 * len(spoken)
    assert max(Counter(spoken).values()) <= 9


@pytest.mark.parametrize(
    "first,last,name",
    [
        ("\u3040", "\u30ff", "Japanese"),
        ("\u0600", "\u06ff", "Arabic"),
        ("\u0400", "\u04ff", "Ukrainian"),
        ("\uac00", "\ud7a3", "Korean"),
    ],
)
def test_languages_with_their_own_letters_are_spoken(first: str, last: str, name: str) -> None:
    def is_in(text: str) -> bool:
        return any(first <= letter <= last for letter in text)

    assert sum(is_in(message.content) for message in _community().messages) >= 20, name


@pytest.mark.parametrize("word", ["nicht", "merci", "gracias", "obrigado", "dzięki", "thank"])
def test_languages_of_the_latin_alphabet_are_spoken(word: str) -> None:
    assert any(word in message.content.lower() for message in _community().messages)


def test_names_come_from_all_over_the_world() -> None:
    names = [name for member in _community().members for name in (member.global_name, member.nick) if name]

    assert any("\u0600" <= letter <= "\u06ff" for name in names for letter in name)
    assert any(ord(letter) > 0x1F000 for name in names for letter in name)
    assert any(len(name) == 32 for name in names)


def test_there_is_something_of_everything() -> None:
    messages = _community().messages

    assert sum(bool(message.edits) for message in messages) > 60
    assert sum(message.deleted_by == message.author_id for message in messages) > 20
    assert sum(message.deleted_by is not None and message.deleted_by != message.author_id for message in messages) > 60
    assert sum(message.reply_to is not None for message in messages) > 400
    assert sum("```" in message.content for message in messages) > 5
    assert sum("https://" in message.content for message in messages) > 40
    assert sum("<@" in message.content for message in messages) > 40
    assert sum(message.is_pinned for message in messages) >= 10
    assert len(_community().threads) > 40


def test_pictures_are_real_and_at_most_a_hundred() -> None:
    files = [file for message in _community().messages for file in message.attachments]
    pictures = {file.content for file in files if file.content_type == "image/png"}

    assert 30 < len(pictures) <= 100
    for content in pictures:
        assert content.startswith(b"\x89PNG\r\n")
        assert len(content) < 20_000
    assert any(file.filename.endswith(".log") for file in files)


def test_people_sleep() -> None:
    community = _community()
    german = next(channel for channel in community.channels if channel.name == "deutsch")
    hours = Counter(message.at.hour for message in community.messages if message.channel_id == german.id)

    assert sum(hours[hour] for hour in (1, 2, 3, 4)) < 0.3 * sum(hours[hour] for hour in (17, 18, 19, 20))


def test_a_raid_of_forty_accounts_is_thrown_out_within_minutes() -> None:
    community = _community()
    raiders = {event.member_id for event in community.joins_and_leaves if event.reason == "raid: scam links"}
    joins = [
        event.at
        for event in community.joins_and_leaves
        if event.member_id in raiders and event.change is MembershipChange.JOIN
    ]
    spam = [message for message in community.messages if message.author_id in raiders]

    assert len(raiders) == 40
    assert max(joins) - min(joins) <= timedelta(minutes=5, seconds=6)
    assert len(spam) >= 40
    assert all(message.deleted_at is not None and message.deleted_by not in raiders for message in spam)


def test_every_coming_and_going_is_told_and_agrees_with_the_members() -> None:
    community = _community()
    joined = {
        event.member_id: event.at for event in community.joins_and_leaves if event.change is MembershipChange.JOIN
    }
    gone = {
        event.member_id: event.at for event in community.joins_and_leaves if event.change is not MembershipChange.JOIN
    }

    assert joined == {member.id: member.joined_at for member in community.members}
    assert gone == {member.id: member.left_at for member in community.members if member.left_at is not None}
    assert [event.at for event in community.joins_and_leaves] == sorted(
        event.at for event in community.joins_and_leaves
    )


@pytest.mark.parametrize("index", range(2))
def test_the_staff_room_is_hidden_the_announcements_are_read_only_and_bob_is_moderator(index: int) -> None:
    community = _all()[index]
    channels = {channel.name: channel for channel in community.channels}
    roles = {role.name: role for role in community.roles}
    members = {member.id: member for member in community.members}

    hidden = {overwrite.target_id: overwrite for overwrite in channels["staff-room"].overwrites}
    assert hidden[GUILD_A].deny & VIEW_CHANNEL
    assert hidden[roles["Moderator"].id].allow & VIEW_CHANNEL
    silent = {overwrite.target_id: overwrite for overwrite in channels["announcements"].overwrites}
    assert silent[GUILD_A].deny & SEND_MESSAGES
    assert not silent[GUILD_A].deny & VIEW_CHANNEL
    assert members[BOB.id].role_ids == (roles["Moderator"].id,)
    assert members[VERA.id].role_ids == ()
    assert community.owner_id == ALICE.id
    assert community.bot_role_position not in {role.position for role in community.roles}
    assert community.bot_role_position > roles["Moderator"].position


def test_the_cast_stands_where_the_servers_say() -> None:
    small, second, third = _all()[1:]

    assert (small.guild_id, second.guild_id, third.guild_id) == (GUILD_A, GUILD_B, GUILD_C)
    assert (len(small.members), len(small.channels), len(small.messages)) == (13, 4, 40)
    assert (len(second.members), len(second.channels), second.owner_id) == (5, 2, CHARLIE.id)
    assert third.owner_id == ALICE.id
    for community in _all():
        assert STAN.id not in {member.id for member in community.members}
    assert CHARLIE.id not in {member.id for member in (*small.members, *_community().members)}
    everything = [thing.id for server in (small, second, third) for thing in (*server.channels, *server.messages)]
    assert len(set(everything)) == len(everything)


def test_chatter_is_the_same_for_the_same_seed() -> None:
    assert tuple(islice(chatter(7, _community()), 500)) == _evening()[:500]
    assert tuple(islice(chatter(8, _community()), 500)) != _evening()[:500]


def test_chatter_says_something_every_four_to_eight_seconds_and_does_everything_else_now_and_then() -> None:
    kinds = Counter(step.kind for step in _evening())

    assert 4 <= sum(step.after_seconds for step in _evening()) / kinds[StepKind.MESSAGE] <= 8
    assert all(step.after_seconds >= 0 for step in _evening())
    assert all(kinds[kind] > 5 for kind in StepKind)


def test_chatter_changes_only_what_it_said_and_what_is_still_there() -> None:
    authors: dict[int, int] = {}
    places: dict[int, int | None] = {}
    gone: set[int] = set()

    for step in _evening():
        if step.kind is StepKind.MESSAGE:
            assert step.ref is not None and step.ref not in authors
            assert step.content or step.attachments or step.embeds
            assert len(step.content) <= 2000
            assert step.reply_to is None or (step.reply_to not in gone and places[step.reply_to] == step.channel_id)
            authors[step.ref], places[step.ref] = step.actor_id, step.channel_id
        elif step.kind in (StepKind.EDIT, StepKind.DELETE, StepKind.REACT):
            assert step.ref in authors and step.ref not in gone
            assert step.channel_id == places[step.ref]
        if step.kind is StepKind.EDIT:
            assert step.ref is not None and authors[step.ref] == step.actor_id
        if step.kind is StepKind.DELETE and step.ref is not None:
            gone.add(step.ref)


def test_chatter_is_done_by_those_who_are_there() -> None:
    there = {member.id for member in _community().members if member.left_at is None}

    for step in _evening():
        if step.kind is StepKind.JOIN:
            assert step.member is not None and step.actor_id == step.member.id
            assert step.actor_id not in there
            there.add(step.actor_id)
            continue
        assert step.actor_id in there
        if step.kind is StepKind.LEAVE:
            there.remove(step.actor_id)


def test_a_small_community_can_keep_talking_too() -> None:
    small = small_community(7, NOW)
    channels = {channel.id for channel in small.channels}

    steps = list(islice(chatter(7, small), 400))
    assert sum(step.kind is StepKind.MESSAGE for step in steps) > 80
    assert all(step.channel_id in channels for step in steps if step.channel_id is not None)
