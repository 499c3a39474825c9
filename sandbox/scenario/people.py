"""Who lives in the big community: accounts, their hours, their languages and how each of them writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.cast import ALICE, BOB, VERA
from sandbox.scenario.model import Member, Person
from sandbox.scenario.names import DECORATIONS, HANDLE_WORDS, LONG_NAMES, NICKNAMES, ORIGINS, Origin
from sandbox.scenario.snowflakes import DISCORD_EPOCH, SnowflakeMint
from sandbox.scenario.voices import Voice


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """A member with what the scenario knows about the person; `activity` weighs how often they speak."""

    member: Member
    name: str
    hours_from_utc: int
    activity: float
    voice: Voice
    office: str = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """What the person speaks."""
        return self.member.languages

    def is_there(self, at: datetime) -> bool:
        """Whether the person is a member of the guild at that moment."""
        return self.member.joined_at < at and (self.member.left_at is None or at < self.member.left_at)


PLOUGH = Person(200000000000000010, "snowplough", "Snowplough", 190)
"""The studio's own release robot."""

_STAFF: tuple[tuple[str, str, str, tuple[str, ...], int, float], ...] = (
    # name, handle, office, languages, hours from UTC, activity
    ("Ilmari", "ilmari.codes", "developer", ("en", "de"), 2, 0.12),
    ("Soraya", "soraya.paints", "developer", ("en", "fr", "ar"), 1, 0.12),
    ("Dmytro", "dmytro.sound", "developer", ("en", "uk"), 2, 0.12),
    ("Pelle", "pelle.snow", "developer", ("en", "de", "es"), 1, 0.12),
    ("Niamh", "niamh_of_the_lake", "moderator", ("en",), 0, 0.12),
    ("悠真", "yuma.fuyu", "moderator", ("ja", "en"), 9, 0.12),
    ("Wiebke", "wiebke.k", "moderator", ("de", "en"), 1, 0.12),
)


def settle_cast(random: Random, founded: datetime, offices: Mapping[str, tuple[int, ...]]) -> list[Inhabitant]:
    """Alice, Bob, Vera, the studio's people, the other moderators and the release robot.

    `offices` gives the role ids of `founder`, `developer`, `moderator` and `robot`.
    """
    persons = [
        (ALICE, "founder", ("en", "de", "fr"), 1, 0.2),
        (BOB, "moderator", ("en", "de"), 1, 0.3),
        (VERA, "", ("en", "uk"), 2, 0.4),
        (PLOUGH, "robot", (), 0, 0.0),
    ]
    for index, (name, handle, office, languages, hours, activity) in enumerate(_STAFF):
        person = Person(PLOUGH.id + 1 + index, handle, name, random.randrange(360))
        persons.append((person, office, languages, hours, activity))
    settled = []
    for index, (person, office, languages, hours, activity) in enumerate(persons):
        member = Member(
            id=person.id,
            username=person.username,
            global_name=person.display_name,
            nick=None,
            is_bot=office == "robot",
            role_ids=offices.get(office, ()),
            joined_at=founded + timedelta(minutes=2 + 11 * index),
            left_at=None,
            avatar_hue=person.avatar_hue,
            languages=languages,
        )
        voice = Voice.careful() if office else Voice.drawn(random)
        settled.append(Inhabitant(member, person.display_name, hours, activity, voice, office))
    return settled


class Registry:
    """Gives every newcomer an account that nobody else has."""

    def __init__(self, random: Random, mint: SnowflakeMint, taken: Sequence[str] = ()) -> None:
        self._random = random
        self._mint = mint
        self._handles = set(taken)
        self._long_names = list(LONG_NAMES)
        self._origins = [origin for origin in ORIGINS for _ in range(origin.weight)]

    def newcomer(
        self,
        joined_at: datetime,
        left_at: datetime | None = None,
        activity: float = 1.0,
        role_ids: tuple[int, ...] = (),
        account_age: timedelta | None = None,
        office: str = "",
    ) -> Inhabitant:
        """Someone from anywhere in the world; `account_age` at joining is years if not given."""
        random = self._random
        origin = random.choice(self._origins)
        written, typed = random.choice(origin.names)
        member = Member(
            id=self._account_id(joined_at, account_age),
            username=self._handle(typed),
            global_name=self._display_name(written),
            nick=self._nickname(written),
            is_bot=False,
            role_ids=role_ids,
            joined_at=joined_at,
            left_at=left_at,
            avatar_hue=random.randrange(360),
            languages=_spoken(random, origin),
        )
        return Inhabitant(member, written, random.choice(origin.hours_from_utc), activity, Voice.drawn(random), office)

    def _account_id(self, joined_at: datetime, age: timedelta | None) -> int:
        if age is None:
            oldest = (joined_at - DISCORD_EPOCH) - timedelta(days=400)
            age = timedelta(hours=1) + oldest * self._random.random()
        return self._mint.at(joined_at - age)

    def _handle(self, typed: str) -> str:
        random = self._random
        while True:
            word = random.choice(HANDLE_WORDS)
            pattern = random.choice(("{n}", "{n}.{w}", "{w}_{n}", "{n}_{d}", "{w}{d}", "{n}{w}", "{w}.{n}{d}", "_{n}_"))
            handle = pattern.format(n=typed, w=word, d=random.randrange(1, 2012))[:32]
            if handle not in self._handles:
                self._handles.add(handle)
                return handle

    def _display_name(self, written: str) -> str | None:
        random = self._random
        chance = random.random()
        if chance < 0.02 and self._long_names:
            return self._long_names.pop()
        if chance < 0.14:
            return random.choice(DECORATIONS).format(written)
        if chance < 0.24:
            return None
        if chance < 0.40:
            return random.choice(HANDLE_WORDS).capitalize() + random.choice(HANDLE_WORDS)
        return written

    def _nickname(self, written: str) -> str | None:
        if self._random.random() < 0.16:
            return self._random.choice(NICKNAMES).format(written)[:32]
        return None


def _spoken(random: Random, origin: Origin) -> tuple[str, ...]:
    """Most, not all, of those whose first language is another speak English here."""
    if origin.languages[0] != "en" and random.random() < 0.25:
        return origin.languages[:1]
    return origin.languages
