"""Who takes which part in a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from sandbox.scenario.calendar import local_weight
from sandbox.scenario.people import Inhabitant

_OFFICE_OF_PART = {"DEV": ("developer",), "MOD": ("moderator",), "BOT": ("robot",)}
_NEW_FOR = timedelta(days=4)


class Company:
    """The people who can be cast; those who are awake, there and talkative are cast more often."""

    def __init__(self, inhabitants: Sequence[Inhabitant]) -> None:
        self.inhabitants = list(inhabitants)
        self._by_name = {
            person.name.upper(): person for person in inhabitants if person.office or person.name == "Vera"
        }
        for person in inhabitants:
            if person.member.username == "yuma.fuyu":
                self._by_name["YUMA"] = person
        self._weighted: dict[tuple[str, int], tuple[list[Inhabitant], list[float]]] = {}
        self._people = [person for person in self.inhabitants if person.office != "robot"]

    def add(self, person: Inhabitant) -> None:
        """Somebody more who can be cast."""
        self.inhabitants.append(person)
        self._people.append(person)
        self._weighted.clear()

    def remove(self, person: Inhabitant) -> None:
        """Somebody less."""
        self.inhabitants.remove(person)
        self._people.remove(person)
        self._weighted.clear()

    def cast(
        self, parts: Iterable[str], language: str, at: datetime, until: datetime, random: Random
    ) -> dict[str, Inhabitant] | None:
        """A different person for each part who is there the whole time, or None if there are not enough."""
        chosen: dict[str, Inhabitant] = {}
        # Those who can only be one person come first, so that nobody else takes them.
        for part in sorted(parts, key=lambda part: (part not in self._by_name, part not in _OFFICE_OF_PART)):
            person = self._by_name.get(part) or self._anyone(part, language, at, until, chosen, random)
            if person is None:
                return None
            chosen[part] = person
        return chosen

    def bystander(self, at: datetime, random: Random) -> Inhabitant:
        """Somebody who reads along."""
        people, weights = self._awake("", at.hour)
        while True:
            person = random.choices(people, cum_weights=weights)[0]
            if person.is_there(at):
                return person

    def _anyone(
        self, part: str, language: str, at: datetime, until: datetime, chosen: dict[str, Inhabitant], random: Random
    ) -> Inhabitant | None:
        taken = {person.member.id for person in chosen.values()}

        def fits(person: Inhabitant) -> bool:
            return person.member.id not in taken and person.is_there(at) and person.is_there(until)

        if part in _OFFICE_OF_PART:
            officials = [p for p in self.inhabitants if p.office in _OFFICE_OF_PART[part] and fits(p)]
            return random.choice(officials) if officials else None
        if part == "NEW":
            fresh = [
                p for p in self._people if fits(p) and language in p.languages and at - p.member.joined_at < _NEW_FOR
            ]
            if fresh:
                return random.choice(fresh)
        people, weights = self._awake(language, at.hour)
        for _ in range(60 if people else 0):
            person = random.choices(people, cum_weights=weights)[0]
            if fits(person):
                return person
        return next((person for person in people if fits(person)), None)

    def _awake(self, language: str, hour: int) -> tuple[list[Inhabitant], list[float]]:
        key = (language, hour)
        if key not in self._weighted:
            people = [person for person in self._people if not language or language in person.languages]
            weights = accumulate(person.activity * local_weight(hour + person.hours_from_utc) for person in people)
            self._weighted[key] = (people, list(weights))
        return self._weighted[key]
