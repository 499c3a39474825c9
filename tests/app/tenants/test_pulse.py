"""The last days on the overview: what needs attention, and counts by the reader's own days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.clock import first_snowflake, frozen, last_midnights, utcnow
from app.domain.members.models import GuildMember
from app.domain.members.queries import count_joined_by_day, newest_members
from app.domain.messages.models import Message
from app.domain.messages.queries import count_by_day
from app.domain.messages.reader import Reader
from app.domain.moderation.models import Case
from app.domain.tenants.queries import tenant_of_guild
from app.extensions import db
from tests.app.browsing import Town
from tests.servers.sandbox import ALICE, CHARLIE, SERVER_A, SERVER_B

PAGE = f"/servers/{SERVER_A}"
OPEN_CHANNEL, STAFF_CHANNEL = 501, 502
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.fixture
def town(app: Flask) -> Town:
    town = Town.of(app)
    town.install(ALICE, SERVER_A)
    town.install(CHARLIE, SERVER_B)
    return town


def write(guild_id: int, channel_id: int, moment: datetime, number: int = 0) -> None:
    """One message, written then."""
    with tenant_scope(tenant_of_guild(guild_id).id), transaction():
        db.session.add(
            Message(
                id=first_snowflake(moment) + number, channel_id=channel_id, author_id=700, author_name="x", content="x"
            )
        )


def test_days_begin_at_midnight_where_the_reader_is_also_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    with frozen(datetime(2026, 10, 26, 0, 30, tzinfo=UTC)):
        starts = last_midnights(berlin, 3)

    assert [start.astimezone(berlin).strftime("%d %H:%M") for start in starts] == ["24 00:00", "25 00:00", "26 00:00"]
    assert starts[2] - starts[1] == timedelta(hours=25), "the day on which summer time ends"


def test_messages_are_counted_by_day_in_the_channels_that_the_reader_sees(town: Town) -> None:
    yesterday = NOON - timedelta(days=1)
    write(SERVER_A, OPEN_CHANNEL, NOON)
    write(SERVER_A, STAFF_CHANNEL, NOON, 1)
    write(SERVER_A, STAFF_CHANNEL, yesterday)
    write(SERVER_A, OPEN_CHANNEL, NOON - timedelta(days=9))
    write(SERVER_B, OPEN_CHANNEL, NOON, 5)
    midnight = NOON.replace(hour=0)
    ends = [midnight - timedelta(days=1), midnight, midnight + timedelta(days=1)]

    with tenant_scope(tenant_of_guild(SERVER_A).id):
        owner = count_by_day(Reader(ALICE, frozenset(), sees_all=True), ends)
        visitor = count_by_day(Reader(7, frozenset({OPEN_CHANNEL})), ends)
        nobody = count_by_day(Reader(8, frozenset()), ends)
        few = count_by_day(Reader(ALICE, frozenset(), sees_all=True), ends, up_to=1)

    assert (owner, visitor, nobody, few) == ([1, 2], [0, 1], [0, 0], [1, 1])


def test_joins_are_counted_by_day_and_the_newest_come_first_without_bots_and_those_who_left(town: Town) -> None:
    with tenant_scope(tenant_of_guild(SERVER_A).id), transaction():
        db.session.add_all(
            [
                GuildMember(user_id=701, username="first", joined_at=NOON - timedelta(days=1)),
                GuildMember(user_id=702, username="second", joined_at=NOON),
                GuildMember(user_id=703, username="machine", joined_at=NOON, is_bot=True),
                GuildMember(user_id=704, username="gone", joined_at=NOON, left_at=NOON + timedelta(hours=1)),
                GuildMember(user_id=705, username="unknown"),
            ]
        )
    midnight = NOON.replace(hour=0)

    with tenant_scope(tenant_of_guild(SERVER_A).id):
        by_day = count_joined_by_day([midnight - timedelta(days=1), midnight, midnight + timedelta(days=1)])
        newest = [member.username for member in newest_members(5)]

    assert by_day == [1, 3]
    assert newest == ["second", "first"]


def test_an_act_that_failed_this_week_and_one_that_waits_are_pointed_to(town: Town) -> None:
    with tenant_scope(tenant_of_guild(SERVER_A).id), transaction():
        for number, (status, days) in enumerate([("failed", 1), ("failed", 9), ("pending", 0), ("applied", 0)], 1):
            opened = utcnow() - timedelta(days=days)
            db.session.add(
                Case(number=number, kind="ban", source="panel", status=status, target_id=700, created_at=opened)
            )

    page = town.signed_in(ALICE).get(PAGE).text

    assert "One act did not happen" in page and f"{PAGE}/cases?status=failed" in page
    assert "One act waits for Discord&#39;s answer" in page and f"{PAGE}/cases?status=pending" in page


def test_a_young_account_among_the_newest_members_is_marked(town: Town) -> None:
    young, old = first_snowflake(utcnow() - timedelta(days=2)), first_snowflake(utcnow() - timedelta(days=900))
    with tenant_scope(tenant_of_guild(SERVER_A).id), transaction():
        db.session.add_all(
            [
                GuildMember(user_id=young, username="young", joined_at=utcnow()),
                GuildMember(user_id=old, username="old", joined_at=utcnow()),
            ]
        )

    page = town.signed_in(ALICE).get(PAGE).text

    row_of = {
        name: page.split(f'id="newcomer-{user_id}"')[1].split("</li>")[0]
        for name, user_id in (("young", young), ("old", old))
    }
    assert "New account" in row_of["young"] and "New account" not in row_of["old"]


def test_today_is_counted_anew_though_past_days_are_remembered(town: Town) -> None:
    browser = town.signed_in(ALICE)
    before = browser.get(PAGE).text

    write(SERVER_A, OPEN_CHANNEL, utcnow())
    after = browser.get(PAGE).text

    assert "at most 0, today 0" in before and "at most 1, today 1" in after
