"""Keeps a community talking for as long as somebody asks for the next step."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.beats import Beat
from sandbox.scenario.calendar import Calendar
from sandbox.scenario.company import Company
from sandbox.scenario.grammar import Deed, Scene
from sandbox.scenario.model import Community, Step, StepKind
from sandbox.scenario.people import Inhabitant, Registry
from sandbox.scenario.records import attachment
from sandbox.scenario.scripts import scenes_by_place
from sandbox.scenario.snowflakes import SnowflakeMint, moment_of
from sandbox.scenario.stage import Performance
from sandbox.scenario.village import OFFICE_OF_ROLE, PLACE_OF_CHANNEL
from sandbox.scenario.voices import Voice

SECONDS_BETWEEN_SCENES = 22.0
_SECONDS_BETWEEN_PASSERS_BY = 45.0
_SECONDS_BETWEEN_LEAVINGS = 900.0
_SHARES = {
    "general": 30,
    "offtopic": 20,
    "help": 14,
    "bugs": 7,
    "screenshots": 9,
    "german": 7,
    "japanese": 6,
    "arabic": 5,
    "international": 9,
    "staff": 2,
}
_PASSING_EMOJIS = ("❤️", "😂", "👍", "❄️", "👀", "🔥", "🥹", "🦆", "✨")
_CHATTER_WORKER = 30
_REMEMBERED = 40


def chatter(seed: int, community: Community) -> Iterator[Step]:
    """What the people of a community with a #general do next, without end: talk, in several channels at once.

    A message every four to eight seconds on average, with replies, edits, deletions, reactions, pictures, newcomers
    and farewells. The same seed and community give the same steps. A step may have become impossible in a world that
    others change too (a banned author, a deleted message): the caller leaves it out and goes on.
    """
    return _Chatter(seed, community).steps()


class _Chatter:
    """The state of an endless evening: conversations under way and what they will do at which second."""

    def __init__(self, seed: int, community: Community) -> None:
        self._random = Random(f"{seed}/chatter")
        self._community = community
        self._began = max((message.at for message in community.messages), default=moment_of(community.guild_id))
        self._calendar = Calendar(self._began + timedelta(minutes=1), days=90)
        self._channel_ids = {
            PLACE_OF_CHANNEL[channel.name]: channel.id
            for channel in community.channels
            if channel.name in PLACE_OF_CHANNEL
        }
        self._places = [place for place in _SHARES if place in self._channel_ids]
        mint = SnowflakeMint(worker=_CHATTER_WORKER)
        self._mint = mint
        self._registry = Registry(self._random, mint, [member.username for member in community.members])
        self._company = Company(self._residents())
        self._pending: list[tuple[float, int, Step]] = []
        self._serial = 0
        self._refs = 0
        self._recent: list[tuple[int, int]] = []
        self._deleted: set[int] = set()
        self._busy_until = dict.fromkeys(self._places, 0.0)
        self._bags: dict[str, list[Scene]] = {}

    def steps(self) -> Iterator[Step]:
        """Step by step, each with its distance from the one before."""
        now, next_scene, next_passer, next_leaving = 0.0, 0.5, 5.0, _SECONDS_BETWEEN_LEAVINGS
        while True:
            while not self._pending or self._pending[0][0] >= min(next_scene, next_passer, next_leaving):
                soonest = min(next_scene, next_passer, next_leaving)
                if soonest == next_scene:
                    self._begin_scene(next_scene)
                    next_scene += self._random.expovariate(1 / SECONDS_BETWEEN_SCENES)
                elif soonest == next_passer:
                    self._pass_by(next_passer)
                    next_passer += self._random.expovariate(1 / _SECONDS_BETWEEN_PASSERS_BY)
                else:
                    self._say_farewell(next_leaving)
                    next_leaving += self._random.expovariate(1 / _SECONDS_BETWEEN_LEAVINGS)
            at, _, step = heapq.heappop(self._pending)
            possible = self._as_possible(step)
            if possible is not None:
                yield replace(possible, after_seconds=round(at - now, 3))
                now = at

    def _as_possible(self, step: Step) -> Step | None:
        """The step, as far as its message has not been taken away meanwhile."""
        if step.ref in self._deleted:
            return None
        if step.kind is StepKind.DELETE and step.ref is not None:
            self._deleted.add(step.ref)
        return replace(step, reply_to=None) if step.reply_to in self._deleted else step

    def _begin_scene(self, second: float) -> None:
        place = self._place_for(second)
        scene = self._next_scene(place)
        at = self._moment(second)
        special = [part for part in ("TROLL", "NEW") if part in scene.parts]
        cast = self._company.cast(
            [p for p in scene.parts if p not in special], scene.language, at, at + timedelta(hours=1), self._random
        )
        if cast is None:
            return
        for part in special:
            cast[part] = self._newcomer(part, scene.language, at)
            self._plan(second, Step(0, StepKind.JOIN, cast[part].member.id, member=cast[part].member))
            second += self._random.uniform(8, 30)
        performance = Performance(scene, cast, at, self._calendar, self._channel_ids, self._random)
        self._busy_until[place] = self._plan_beats(performance, self._channel_ids[place], second)
        if "NEW" in special:
            self._company.add(cast["NEW"])

    def _place_for(self, second: float) -> str:
        """A place where nobody is talking, or any if they talk everywhere."""
        free = [place for place in self._places if self._busy_until[place] <= second] or self._places
        return self._random.choices(free, weights=[_SHARES[place] for place in free])[0]

    def _newcomer(self, part: str, language: str, at: datetime) -> Inhabitant:
        """Somebody new who speaks the language, with an account of some days if it is a troll's."""
        age = timedelta(days=self._random.uniform(0.2, 6)) if part == "TROLL" else None
        person = self._registry.newcomer(at - timedelta(seconds=1), account_age=age)
        while language not in person.languages:
            person = self._registry.newcomer(at - timedelta(seconds=1), account_age=age)
        return person

    def _plan_beats(self, performance: Performance, channel_id: int, second: float) -> float:
        """Plans what a conversation does from a second on; says when it is over."""
        refs: list[int] = []
        authors: list[int] = []
        for beat in performance.beats():
            second += min(beat.delay, 90.0)
            if beat.deed is Deed.SAY and beat.actor:
                refs.append(self._speak(beat, beat.actor.member.id, channel_id, second, refs))
                authors.append(beat.actor.member.id)
            elif beat.deed is Deed.BAN and beat.target:
                self._throw_out(
                    beat,
                    [ref for ref, author in zip(refs, authors, strict=True) if author == beat.target.member.id],
                    channel_id,
                    second,
                )
            elif beat.deed is Deed.REACT and refs:
                self._applaud(beat, refs[beat.number], authors[beat.number], channel_id, second)
            elif beat.actor and refs and beat.deed in (Deed.EDIT, Deed.DELETE):
                kind = StepKind.EDIT if beat.deed is Deed.EDIT else StepKind.DELETE
                self._plan(second, Step(0, kind, beat.actor.member.id, channel_id, refs[beat.number], beat.text))
        return second

    def _throw_out(self, beat: Beat, refs: list[int], channel_id: int, second: float) -> None:
        """Somebody is banned: what they said goes with them."""
        if beat.target and beat.actor:
            for ref in refs:
                self._plan(second, Step(0, StepKind.DELETE, beat.actor.member.id, channel_id, ref))
            self._plan(second, Step(0, StepKind.LEAVE, beat.target.member.id))

    def _speak(self, beat: Beat, author_id: int, channel_id: int, second: float, refs: list[int]) -> int:
        """Plans the typing, the message and the mending of a slip; gives the message's number."""
        random = self._random
        self._refs += 1
        ref = self._refs
        typing = min(1.0 + len(beat.text) / 30, 6.0, max(beat.delay - 0.3, 0.0))
        if len(beat.text) > 15 and typing > 1:
            self._plan(second - typing, Step(0, StepKind.TYPING, author_id, channel_id))
        files = tuple(attachment(file, self._mint.at(self._moment(second))) for file in beat.files)
        answers = refs[beat.answers] if beat.answers is not None else None
        content = beat.text if beat.first_draft is None else beat.first_draft
        self._plan(second, Step(0, StepKind.MESSAGE, author_id, channel_id, ref, content, files, beat.embeds, answers))
        if beat.first_draft is not None:
            self._plan(second + random.uniform(3, 15), Step(0, StepKind.EDIT, author_id, channel_id, ref, beat.text))
        elif beat.text and random.random() < 0.02:
            self._plan(
                second + random.uniform(10, 60),
                Step(0, StepKind.EDIT, author_id, channel_id, ref, beat.text + " (edited to add: thanks!)"),
            )
        elif random.random() < 0.012:
            self._plan(second + random.uniform(6, 40), Step(0, StepKind.DELETE, author_id, channel_id, ref))
        else:
            self._recent = [*self._recent[1 - _REMEMBERED :], (ref, channel_id)]
        return ref

    def _applaud(self, beat: Beat, ref: int, author_id: int, channel_id: int, second: float) -> None:
        for emoji in beat.emojis:
            for _ in range(1 + int(self._random.random() * 2.2)):
                person = self._company.bystander(self._moment(second), self._random)
                if person.member.id != author_id:
                    later = second + self._random.uniform(0, 25)
                    self._plan(later, Step(0, StepKind.REACT, person.member.id, channel_id, ref, emoji=emoji))

    def _pass_by(self, second: float) -> None:
        """Somebody reads along and reacts to something that was already said."""
        said = [
            (ref, channel_id)
            for ref, channel_id in self._recent
            if not any(step.ref == ref for _, _, step in self._pending)
        ]
        if said:
            ref, channel_id = self._random.choice(said)
            person = self._company.bystander(self._moment(second), self._random)
            emoji = self._random.choice(_PASSING_EMOJIS)
            self._plan(second, Step(0, StepKind.REACT, person.member.id, channel_id, ref, emoji=emoji))

    def _say_farewell(self, second: float) -> None:
        """One of the quiet ones leaves."""
        quiet = [person for person in self._company.inhabitants if not person.office and person.activity < 2]
        busy = {step.actor_id for _, _, step in self._pending}
        free = [person for person in quiet if person.member.id not in busy and person.name != "Vera"]
        if free:
            person = self._random.choice(free)
            self._company.remove(person)
            self._plan(second, Step(0, StepKind.LEAVE, person.member.id))

    def _residents(self) -> list[Inhabitant]:
        """The members who are still there, as the past shows them: who talked much goes on talking much."""
        spoken = Counter(message.author_id for message in self._community.messages)
        offices = {role.id: OFFICE_OF_ROLE[role.name] for role in self._community.roles if role.name in OFFICE_OF_ROLE}
        residents = []
        for member in self._community.members:
            if member.left_at is None:
                habits = Random(member.id)
                office = next((offices[role_id] for role_id in member.role_ids if role_id in offices), "")
                voice = Voice.careful() if office else Voice.drawn(habits)
                name = member.global_name or member.username
                residents.append(Inhabitant(member, name, 0, spoken[member.id] + 0.2, voice, office))
        return residents

    def _next_scene(self, place: str) -> Scene:
        bag = self._bags.get(place)
        if not bag:
            bag = self._bags[place] = [scene for scene in scenes_by_place()[place] if not scene.has_thread]
            self._random.shuffle(bag)
        return bag.pop()

    def _moment(self, second: float) -> datetime:
        return self._began + timedelta(seconds=second)

    def _plan(self, second: float, step: Step) -> None:
        self._serial += 1
        heapq.heappush(self._pending, (second, self._serial, step))
