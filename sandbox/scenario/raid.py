"""Forty accounts that come in five minutes, all with the same link, and the minutes in which they are put out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.beats import Beat
from sandbox.scenario.grammar import Deed, expand, parse_expression
from sandbox.scenario.model import MembershipChange, MembershipEvent
from sandbox.scenario.people import Inhabitant, Registry
from sandbox.scenario.records import Records

ACCOUNTS = 40
_REASON = "raid: scam links"
_PLACES = ("general", "general", "general", "offtopic", "offtopic", "help", "screenshots", "international")
_SPAM = parse_expression(
    "[FREE|free|🎁 FREE] [NITRO|Lanternfall DLC|crowns|gift codes] [for everyone|first 100|today only|here] [👉|➡️|>>>|] https://[snow|frost|lantern]-[gifts|drop|promo].example/[claim|win|r]/{code} "
    "[🔥🔥🔥|@everyone|@here|hurry|no scam|100% legit|]"
)


def raid(
    at: datetime,
    records: Records,
    registry: Registry,
    guards: tuple[Inhabitant, Inhabitant],
    channel_ids: Mapping[str, int],
    random: Random,
) -> None:
    """Writes the raid that begins `at` into the records: joins, spam, and the bans that remove both."""
    for number in range(ACCOUNTS):
        joined = at + timedelta(seconds=300 * number / ACCOUNTS + random.uniform(0, 6))
        raider = registry.newcomer(joined, account_age=timedelta(hours=random.uniform(20, 90)), activity=0)
        banned = at + timedelta(seconds=330 + number * random.uniform(2, 5))
        guard = random.choice(guards)
        raider = replace(raider, member=replace(raider.member, left_at=records.milliseconds(banned)))
        records.arrive(raider.member)
        records.changes.append(
            MembershipEvent(
                records.milliseconds(banned), raider.member.id, MembershipChange.BAN, guard.member.id, _REASON
            )
        )
        moment = joined
        for _ in range(random.choice((1, 1, 2, 3))):
            moment += timedelta(seconds=random.uniform(2, 14))
            text = expand(_SPAM, random, lambda _: f"{random.randrange(16**6):06x}")
            draft = records.say(channel_ids[random.choice(_PLACES)], moment, Beat(0, Deed.SAY, raider, text.strip()))
            draft.deleted_at, draft.deleted_by = records.milliseconds(banned), guard.member.id
