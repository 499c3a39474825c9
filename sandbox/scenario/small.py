"""Small servers for tests and for the edges of the cast: a few people, a few channels, a short past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.cast import (
    ALICE,
    BOB,
    CHARLIE,
    EVERYONE,
    GUILD_A,
    GUILD_B,
    GUILD_C,
    MODERATOR,
    SEND_MESSAGES,
    VERA,
    VIEW_CHANNEL,
)
from sandbox.scenario.model import (
    ANNOUNCEMENT,
    TEXT,
    Channel,
    Community,
    Edit,
    Embed,
    Member,
    MembershipChange,
    MembershipEvent,
    Message,
    Overwrite,
    Person,
    Reaction,
    Role,
)
from sandbox.scenario.small_talk import SECOND_SERVER, SMALL_COMMUNITY, THIRD_SERVER, Line
from sandbox.scenario.snowflakes import SnowflakeMint

_EXTRAS_OF_A = (
    ("mika_k", "Mika"),
    ("oskar.bergstrom", "Oskar"),
    ("priya_n", "Priya"),
    ("yuki_0112", "雪ゆき", "ja"),
    ("jules.perrin", "Jules", "fr"),
    ("noor_h", "نور", "ar"),
    ("danylo_ua", "Данило", "uk"),
    ("tomasz.w", "Tomasz ❄️", "pl"),
    ("rosa_m", "Rosa", "es"),
    ("kwame.a", "Kwame"),
)
_EXTRAS_OF_B = (("lena_fox", "Lena"), ("rui.costa", "Rui"), ("sam_outpost", "Sam"), ("ingrid_l", "Ingrid"))
_EXTRAS_OF_C = (("mika_k", "Mika"), ("wren.hale", "Wren"))


def small_community(seed: int, now: datetime) -> Community:
    """Server A with the cast and ten members, four channels and forty messages of the last two days.

    Bob wears Moderator; `staff-room` is his and Alice's alone, `announcements` may be read by everyone.
    """
    shape = _Shape(seed, now, GUILD_A, "Snowfall Village", ALICE)
    moderator = Role(shape.old_id(), "Moderator", 0x3BA7A0, 1, EVERYONE | MODERATOR, True)
    staff = Overwrite(moderator.id, True, VIEW_CHANNEL | SEND_MESSAGES, 0)
    nobody_writes = Overwrite(shape.guild_id, True, 0, SEND_MESSAGES)
    nobody_sees = Overwrite(shape.guild_id, True, 0, VIEW_CHANNEL)
    shape.roles.append(moderator)
    shape.add_channel("general", TEXT, "Anything about the village")
    shape.add_channel("announcements", ANNOUNCEMENT, "News from the studio", nobody_writes, staff)
    shape.add_channel("staff-room", TEXT, "For those who shovel the snow", nobody_sees, staff)
    shape.add_channel("random", TEXT, "Everything else")
    shape.add_member(ALICE)
    shape.add_member(BOB, moderator.id)
    shape.add_member(VERA)
    shape.add_strangers(_EXTRAS_OF_A)
    shape.write(SMALL_COMMUNITY)
    return shape.finish("An indie studio and the people who play its games.")


def second_server(seed: int, now: datetime) -> Community:
    """Server B: Charlie's, five members, two channels, a little talk; nobody of A but strangers."""
    shape = _Shape(seed, now, GUILD_B, "Charlie's Outpost", CHARLIE)
    shape.add_channel("lobby", TEXT, "Wipe your boots")
    shape.add_channel("expedition-log", TEXT, "What we found out there")
    shape.add_member(CHARLIE)
    shape.add_strangers(_EXTRAS_OF_B)
    shape.write(SECOND_SERVER)
    return shape.finish("Five friends and a map.")


def third_server(seed: int, now: datetime) -> Community:
    """Server C: Alice's own, three members, one channel, where the bot is not yet installed."""
    shape = _Shape(seed, now, GUILD_C, "Alice's Workshop", ALICE)
    shape.add_channel("bench", TEXT, "Half-finished things")
    shape.add_member(ALICE)
    shape.add_strangers(_EXTRAS_OF_C)
    shape.write(THIRD_SERVER)
    return shape.finish("Where things begin.")


@dataclass
class _Shape:
    """A small server while it is being put together."""

    seed: int
    now: datetime
    guild_id: int
    name: str
    owner: Person
    roles: list[Role] = field(default_factory=list)
    channels: dict[str, Channel] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.guild_id}")
        self.mint = SnowflakeMint(worker=self.guild_id % 32)
        self.founded = self.now - timedelta(days=400)
        self.roles.append(Role(self.guild_id, "@everyone", 0, 0, EVERYONE, False))

    def old_id(self) -> int:
        """An id from the days when the server was founded."""
        return self.mint.at(self.founded)

    def add_channel(self, name: str, kind: int, topic: str, *overwrites: Overwrite) -> None:
        position = len(self.channels)
        self.channels[name] = Channel(self.old_id(), name, kind, None, position, topic, overwrites)

    def add_member(self, person: Person, *role_ids: int, languages: tuple[str, ...] = ("en",)) -> None:
        joined = self.founded + timedelta(days=len(self.members), minutes=7)
        self.members[person.display_name] = Member(
            person.id,
            person.username,
            person.display_name,
            None,
            False,
            role_ids,
            joined,
            None,
            person.avatar_hue,
            languages,
        )

    def add_strangers(self, people: Sequence[tuple[str, ...]]) -> None:
        for username, name, *first_language in people:
            # The account must be the same one in every server it is met in, whatever the seed.
            account = Random(username)
            born = 150_000_000_000 + account.randrange(50_000_000_000)
            person = Person((born << 22) | account.randrange(1 << 12), username, name, account.randrange(360))
            self.add_member(person, languages=(*first_language, "en"))

    def write(self, lines: Sequence[Line]) -> None:
        """Lays the lines over the last two days, in order, each up to an hour after the one before."""
        moment = self.now - timedelta(hours=44)
        labels: dict[str, int] = {}
        for line in lines:
            moment += timedelta(seconds=20 + self.random.randrange(2_600), milliseconds=self.random.randrange(1000))
            author = self.members[line.author]
            message = Message(
                id=self.mint.at(moment),
                channel_id=self.channels[line.channel].id,
                author_id=author.id,
                at=moment,
                content=line.content,
                embeds=tuple(_embed(title, text) for title, text in line.embeds),
                reply_to=labels.get(line.reply_to) if line.reply_to else None,
                reactions=tuple(
                    Reaction(emoji, tuple(self.members[name].id for name in names)) for emoji, names in line.reactions
                ),
                edits=tuple(Edit(moment + timedelta(seconds=50), text) for text in line.edits),
                deleted_at=moment + timedelta(minutes=3) if line.deleted_by else None,
                deleted_by=self.members[line.deleted_by].id if line.deleted_by else None,
                is_pinned=line.is_pinned,
                type=19 if line.reply_to else 0,
            )
            self.messages.append(message)
            if line.label:
                labels[line.label] = message.id

    def finish(self, description: str) -> Community:
        members = tuple(self.members.values())
        return Community(
            guild_id=self.guild_id,
            name=self.name,
            owner_id=self.owner.id,
            roles=tuple(self.roles),
            channels=tuple(self.channels.values()),
            threads=(),
            members=members,
            messages=tuple(self.messages),
            joins_and_leaves=tuple(MembershipEvent(m.joined_at, m.id, MembershipChange.JOIN) for m in members),
            bot_role_position=len(self.roles),
            description=description,
        )


def _embed(title: str, text: str) -> Embed:
    return {"type": "rich", "title": title, "description": text, "color": 0x6FB7E9}
