"""Writes what was played into the records of the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.beats import Beat
from sandbox.scenario.company import Company
from sandbox.scenario.grammar import Deed
from sandbox.scenario.model import Edit, MembershipChange, MembershipEvent, Thread
from sandbox.scenario.people import Inhabitant
from sandbox.scenario.records import Draft, Records
from sandbox.scenario.stage import Performance

_THREADS_SLEEP_AFTER = timedelta(days=5)


class Scribe:
    """Writes one performance into the records."""

    def __init__(
        self, records: Records, company: Company, channel_id: int, is_forum: bool, now: datetime, random: Random
    ) -> None:
        self._records = records
        self._company = company
        self._channel_id = channel_id
        self._is_forum = is_forum
        self._now = now
        self._random = random
        self._drafts: list[Draft] = []
        self._title = ""

    def write(self, performance: Performance, cast: dict[str, Inhabitant], at: datetime) -> datetime:
        """Writes it down from `at` on; says when it was over."""
        self._cast = cast
        for beat in performance.beats():
            at += timedelta(seconds=beat.delay, milliseconds=1)
            if at >= self._now - timedelta(seconds=60):
                break
            self._write_beat(beat, at)
        return at

    def _write_beat(self, beat: Beat, at: datetime) -> None:
        if beat.deed is Deed.SAY:
            self._say(beat, at)
        elif beat.deed is Deed.THREAD:
            self._title = beat.text
            if self._drafts:
                self._open_thread(self._drafts[-1], at)
        elif beat.deed is Deed.BAN and beat.target and beat.actor:
            self._ban(beat.target, beat.actor, beat.text, at)
        elif self._drafts:
            self._change(self._drafts[beat.number], beat, at)

    def _say(self, beat: Beat, at: datetime) -> None:
        if beat.actor and not self._drafts and "TROLL" in self._cast and beat.actor is self._cast["TROLL"]:
            self._records.arrive(beat.actor.member)
        answered = self._drafts[beat.answers] if beat.answers is not None else None
        draft = self._records.say(self._channel_id, at, beat, answered)
        self._drafts.append(draft)
        if self._is_forum and len(self._drafts) == 1:
            self._open_thread(draft, at)
            draft.channel_id = draft.id

    def _open_thread(self, starter: Draft, at: datetime) -> None:
        is_archived = self._now - at > _THREADS_SLEEP_AFTER
        created = Records.milliseconds(at)
        self._records.threads.append(
            Thread(starter.id, self._channel_id, self._title[:100], starter.author_id, created, starter.id, is_archived)
        )
        self._channel_id = starter.id

    def _change(self, draft: Draft, beat: Beat, at: datetime) -> None:
        moment = Records.milliseconds(at)
        if beat.deed is Deed.EDIT:
            draft.edits.append(Edit(moment, beat.text))
        elif beat.deed is Deed.DELETE and beat.actor:
            draft.deleted_at, draft.deleted_by = moment, beat.actor.member.id
        elif beat.deed is Deed.REACT:
            for emoji in beat.emojis:
                count = 1 + int(self._random.expovariate(1 / 1.8))
                people = {self._company.bystander(at, self._random).member.id: None for _ in range(count)}
                draft.reactions[emoji] = tuple(people)

    def _ban(self, target: Inhabitant, guard: Inhabitant, reason: str, at: datetime) -> None:
        """The ban takes what is left of the banned one's messages with it."""
        moment = Records.milliseconds(at)
        members = self._records.members
        index = next(i for i, member in enumerate(members) if member.id == target.member.id)
        members[index] = replace(members[index], left_at=moment)
        self._records.changes.append(
            MembershipEvent(moment, target.member.id, MembershipChange.BAN, guard.member.id, reason)
        )
        for draft in self._drafts:
            if draft.author_id == target.member.id and draft.deleted_at is None:
                draft.deleted_at, draft.deleted_by = moment, guard.member.id
