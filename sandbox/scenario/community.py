"""Builds the big community: who came, who went, and months of what they said."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.beats import Beat
from sandbox.scenario.calendar import Calendar
from sandbox.scenario.cast import ALICE, GUILD_A
from sandbox.scenario.company import Company
from sandbox.scenario.grammar import Deed, Scene
from sandbox.scenario.model import Community, Edit, MembershipChange, MembershipEvent
from sandbox.scenario.news import changelog_embed, event_post, release_post, workshop_letter
from sandbox.scenario.people import Registry, settle_cast
from sandbox.scenario.raid import raid
from sandbox.scenario.records import Draft, Records
from sandbox.scenario.scribe import Scribe
from sandbox.scenario.scripts import scenes_by_place
from sandbox.scenario.snowflakes import SnowflakeMint
from sandbox.scenario.stage import Performance
from sandbox.scenario.village import BOT_ROLE_POSITION, lay_out
from sandbox.scenario.welcome import OPENINGS

_MESSAGES_PER_MEMBER_AND_DAY = 6000 / (300 * 90)
_SHARES = {
    "general": 0.26,
    "offtopic": 0.17,
    "help": 0.13,
    "bugs": 0.07,
    "screenshots": 0.08,
    "ideas": 0.04,
    "german": 0.07,
    "japanese": 0.06,
    "arabic": 0.05,
    "international": 0.09,
    "staff": 0.02,
}
_LEAVERS = 0.17
_ROLES_FOR_MEMBERS = ("sled_team", "bug_hunter", "artist", "translator")


def build_community(seed: int, now: datetime, members: int = 300, days: int = 90) -> Community:
    """Server A as a lively community of `members` present people, with `days` days of talk that end at `now`.

    About 6,000 messages for 300 members and 90 days, in proportion for others. The same arguments give the same
    community. Needs at least 40 members and 3 days.
    """
    if members < 40 or days < 3:
        raise ValueError("a community needs at least 40 members and 3 days")
    return _Chronicle(seed, now, members, days).written()


class _Chronicle:
    """The making of one community."""

    def __init__(self, seed: int, now: datetime, members: int, days: int) -> None:
        self._random = Random(f"{seed}/community")
        self._now = now
        self._calendar = Calendar(now, days)
        self._mint = SnowflakeMint(worker=GUILD_A % 32)
        self._records = Records(self._mint)
        self._founded = Records.milliseconds(now - timedelta(days=days + 640))
        self._village = lay_out(lambda: self._mint.at(self._founded))
        self._volume = members * days * _MESSAGES_PER_MEMBER_AND_DAY
        self._settle(members)
        self._bags: dict[str, list[Scene]] = {}

    def written(self) -> Community:
        """The whole community."""
        self._open_channels()
        self._publish()
        self._suffer_raid()
        self._talk()
        self._forget_and_regret()
        records = self._records
        known = {member.id for member in records.members}
        records.members.extend(p.member for p in self._company.inhabitants if p.member.id not in known)
        return Community(
            guild_id=GUILD_A,
            name="Snowfall Village",
            owner_id=ALICE.id,
            roles=self._village.roles,
            channels=self._village.channels,
            threads=tuple(sorted(records.threads, key=lambda thread: thread.id)),
            members=tuple(sorted(records.members, key=lambda member: member.joined_at)),
            messages=tuple(records.messages()),
            joins_and_leaves=tuple(sorted(records.changes, key=lambda event: event.at)),
            bot_role_position=BOT_ROLE_POSITION,
            description="Home of Lanternfall and of Snowflake Studios: pull up a chair, the kettle is on.",
        )

    def _settle(self, members: int) -> None:
        """Alice and the cast first, then everybody who ever came and was not thrown out."""
        random, role_ids = self._random, self._village.role_ids
        offices = {office: (role_ids[office],) for office in ("founder", "developer", "moderator", "robot")}
        people = settle_cast(random, self._founded, offices)
        self._registry = Registry(random, self._mint, [person.member.username for person in people])
        arrivals = [self._arrival() for _ in range(members - len(people))]
        for index, joined in enumerate(arrivals):
            people.append(self._registry.newcomer(joined, None, 1 / (index % 97 + 3) ** 0.85, self._drawn_roles()))
        for _ in range(int(members * _LEAVERS)):
            joined = self._arrival()
            left = max(joined, self._calendar.start) + (self._now - max(joined, self._calendar.start)) * random.random()
            people.append(self._registry.newcomer(joined, Records.milliseconds(left), 0.05))
        for person in people:
            self._records.arrive(person.member)
            if person.member.left_at:
                self._records.changes.append(
                    MembershipEvent(person.member.left_at, person.member.id, MembershipChange.LEAVE)
                )
            if person.member.joined_at > self._calendar.start:
                self._records.notice_join(self._village.channel_ids["general"], person.member)
        self._company = Company(people)

    def _arrival(self) -> datetime:
        """Half came before the window, half within it, many of those right after a release."""
        random, calendar = self._random, self._calendar
        if random.random() < 0.58:
            at = self._founded + timedelta(hours=2) + (calendar.start - self._founded) * random.random() * 0.99
        elif random.random() < 0.45 and calendar.published():
            at = random.choice(calendar.published()).at + timedelta(hours=random.expovariate(1 / 16))
        else:
            at = calendar.moment_for("general", random)
        return Records.milliseconds(min(at, self._now - timedelta(minutes=5)))

    def _drawn_roles(self) -> tuple[int, ...]:
        if self._random.random() > 0.3:
            return ()
        return (self._village.role_ids[self._random.choice(_ROLES_FOR_MEMBERS)],)

    def _open_channels(self) -> None:
        """The pinned first word of each channel."""
        staff = {person.name: person for person in self._company.inhabitants if person.office}
        for index, (place, (name, text)) in enumerate(OPENINGS.items()):
            at = self._calendar.start + timedelta(minutes=3 + 2 * index, milliseconds=self._random.randrange(60_000))
            draft = self._records.say(self._village.channel_ids[place], at, Beat(0, Deed.SAY, staff[name], text))
            draft.is_pinned = True

    def _publish(self) -> None:
        """Releases with changelogs and the talk they start; letters every week; events now and then."""
        random = self._random
        channel = self._village.channel_ids["announcements"]
        staff = {person.name: person for person in self._company.inhabitants if person.office}
        for release in self._calendar.published():
            embed = changelog_embed(release.version, release.at, random)
            self._applaud(
                self._records.say(channel, release.at, Beat(0, Deed.SAY, staff["Snowplough"], "", embeds=(embed,)))
            )
            words = release_post(release.version, random)
            self._applaud(
                self._records.say(channel, release.at + timedelta(seconds=95), Beat(0, Deed.SAY, staff["Alice"], words))
            )
            for _ in range(random.randrange(4, 8)):
                self._play("release", "general", release.at + timedelta(minutes=2 + random.expovariate(1 / 90)))
        for number, week in enumerate(range(4, int(self._calendar.span.days), 7), start=31):
            at = self._calendar.start + timedelta(days=week, minutes=random.randrange(200))
            self._applaud(
                self._records.say(channel, at, Beat(0, Deed.SAY, staff["Alice"], workshop_letter(number, random)))
            )
            at += timedelta(days=2, hours=3)
            if at < self._now and random.random() < 0.6:
                self._applaud(self._records.say(channel, at, Beat(0, Deed.SAY, staff["Pelle"], event_post(at, random))))

    def _applaud(self, draft: Draft) -> None:
        for emoji in self._random.sample(("🎉", "❄️", "❤️", "🔥", "🦆", "🛷", "👏", "🥹"), self._random.randrange(2, 6)):
            self._react(draft, emoji, self._random.randrange(2, 26))

    def _suffer_raid(self) -> None:
        at = self._calendar.raid_at
        guards = tuple(person for person in self._company.inhabitants if person.name in ("Bob", "Niamh"))
        raid(at, self._records, self._registry, (guards[0], guards[1]), self._village.channel_ids, self._random)
        self._play("raidstaff", "staff", at + timedelta(minutes=14))
        self._play("raid", "general", at + timedelta(minutes=10))
        self._play("raid", "general", at + timedelta(minutes=41))

    def _talk(self) -> None:
        """Ordinary conversations, one after the other in each channel."""
        for place, share in _SHARES.items():
            scenes = scenes_by_place()[place]
            length = sum(scene.length for scene in scenes) / len(scenes)
            count = math.ceil(self._volume * share * 0.93 / length)
            begun = sorted(self._calendar.moment_for(place, self._random) for _ in range(count))
            free = self._calendar.start
            for at in begun:
                free = self._play(place, place, max(at, free + timedelta(seconds=self._random.uniform(20, 300))))

    def _play(self, occasion: str, place: str, at: datetime) -> datetime:
        """Plays the next scene of an occasion, as far as time reaches; says when it was over."""
        scene = self._next_scene(occasion)
        parts = [part for part in scene.parts if part != "TROLL"]
        cast = self._company.cast(parts, scene.language, at, at + timedelta(hours=1), self._random)
        if cast is None:
            return at
        if "TROLL" in scene.parts:
            joined = Records.milliseconds(at - timedelta(minutes=self._random.uniform(1, 50)))
            cast["TROLL"] = self._registry.newcomer(joined, account_age=timedelta(days=self._random.uniform(0.5, 9)))
        performance = Performance(scene, cast, at, self._calendar, self._village.channel_ids, self._random)
        return Scribe(
            self._records, self._company, self._village.channel_ids[place], place == "ideas", self._now, self._random
        ).write(performance, cast, at)

    def _next_scene(self, occasion: str) -> Scene:
        """Each scene comes once before any comes again."""
        bag = self._bags.get(occasion)
        if not bag:
            bag = self._bags[occasion] = list(scenes_by_place()[occasion])
            self._random.shuffle(bag)
        return bag.pop()

    def _react(self, draft: Draft, emoji: str, count: int) -> None:
        moment = draft.at + timedelta(minutes=1)
        people = {self._company.bystander(moment, self._random).member.id: None for _ in range(count)}
        draft.reactions[emoji] = tuple(people)

    def _forget_and_regret(self) -> None:
        """Some messages get an afterthought, some are taken back by those who wrote them."""
        random = self._random
        answered = {draft.reply_to for draft in self._records.drafts}
        started = {thread.id for thread in self._records.threads}
        for draft in self._records.drafts:
            if (
                draft.type == 7
                or draft.deleted_at
                or draft.is_pinned
                or draft.id in answered
                or draft.id in started
                or not draft.content
            ):
                continue
            chance, later = random.random(), Records.milliseconds(draft.at + timedelta(seconds=random.uniform(5, 900)))
            if later >= self._now:
                continue
            if chance < 0.008:
                draft.deleted_at, draft.deleted_by = later, draft.author_id
            elif chance < 0.02 and not draft.edits and len(draft.content) < 1800:
                addition = random.choice(
                    (
                        "\n(edit: found it)",
                        " – edit: never mind",
                        "\nedit: typo",
                        "\n*edited to be kinder*",
                        "\nEDIT: works now ✅",
                    )
                )
                draft.edits.append(Edit(later, draft.content + addition))
