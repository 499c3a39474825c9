"""Alerts: what is written is held against saved searches as it comes, and each match is told once, of what is seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from app.clients.bot_api.fake import FakeBotApi
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor
from app.domain.clock import frozen, utcnow
from app.domain.errors import Conflict, Forbidden, Invalid
from app.domain.members.models import GuildChannel, GuildMember
from app.domain.messages.models import Message
from app.domain.notifications.models import Notification
from app.domain.searches import service, watching
from app.domain.searches.models import AlertMatch, SearchAlert
from app.domain.searches.service import SaveSearch, telling
from app.domain.searches.service.telling import ALERTS, tell_alerts
from app.domain.staff.models import Membership
from app.domain.webhooks.models import DiscordWebhook, WebhookPurpose
from app.extensions import db
from tests.app.messages.conftest import (
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
from tests.app.searches.conftest import GUILD, MODERATOR, OWNER, VIEWER

BEFORE = datetime(2026, 11, 1, 7, tzinfo=UTC)
"""Earlier than any message of these tests."""


def alert(query: str, actor: Actor = MODERATOR, *, at: datetime = BEFORE, posts: bool = False) -> int:
    with tenant_scope(A), frozen(at):
        search = service.save_search(actor, SaveSearch(query, query))
        return service.set_alert(actor, search.id, posts=posts).id


def tell() -> None:
    """What waits is due now, and is told."""
    with all_tenants(reason="the test moves every clock on"), transaction():
        db.session.execute(update(AlertMatch).values(due_at=utcnow().replace(year=2020)))
    tell_alerts(ALERTS)


def told(alert_id: int) -> list[int]:
    """The numbers of the messages that were told of."""
    tell()
    with tenant_scope(A):
        found = select(AlertMatch.message_id).where(AlertMatch.alert_id == alert_id, AlertMatch.state == "done")
        return sorted((one - message_id(0)) // (1000 << 22) for one in db.session.scalars(found))


def bells(user_id: int) -> int:
    with tenant_scope(A):
        counted = select(func.sum(Notification.times)).where(Notification.user_id == user_id)
        return int(db.session.scalar(counted) or 0)


def test_what_is_written_and_matches_is_told_once(community: Flask) -> None:
    red = alert('"red sled" OR sledge*')
    everything_else = alert("NOT sled")

    index(created(1, "a red sled"), created(2, "a sled, red"), created(3, "sledgehammer"))
    index(created(1, "a red sled"), updated(1, "my red sled", edited=9, at=9))

    assert told(red) == [1, 3]
    assert told(everything_else) == [3]
    assert bells(BOB) == 2


def test_an_edit_or_a_deletion_that_makes_it_match_is_told_and_no_other_change(community: Flask) -> None:
    gone, sled = alert("is:deleted"), alert("sled")
    index(created(1, "sled"), created(2, "sledd"), created(3, "ice"))
    assert (told(gone), told(sled)) == ([], [1])

    index(updated(2, "sled", edited=9, at=9), updated(1, "sled!", edited=9, at=9), deleted(3, at=9))

    assert (told(gone), told(sled)) == ([3], [1, 2])


def test_what_was_written_before_the_alert_is_history_and_not_told(community: Flask) -> None:
    late = alert("sled", at=datetime(2026, 11, 1, 9, tzinfo=UTC))

    index(created(1, "an old sled"), created(7200, "a new sled"))

    assert told(late) == [7200]


def test_t41_nobody_is_told_of_what_discord_does_not_show_them(community: Flask) -> None:
    hers, his = alert("plan", VIEWER), alert("plan")

    index(created(1, "secret plan", channel=STAFF_ROOM), created(2, "open plan"))

    assert (told(hers), told(his)) == ([2], [1, 2])
    with all_tenants(reason="the test looks at every row"):
        assert db.session.scalar(select(func.count()).select_from(AlertMatch)) == 3


def test_another_community_s_messages_are_held_against_its_own_alerts(community: Flask) -> None:
    mine = alert("plan")

    index(created(1, "plan", tenant=2))

    assert told(mine) == []


def test_what_stands_in_other_tables_decides_when_it_is_told(community: Flask) -> None:
    by_bob, files = alert("deleted-by:bob"), alert("filename:invoice")
    attached = {"id": "5", "filename": "Invoice 7.pdf", "content_type": "application/pdf", "size": 1, "url": ""}
    index(created(1, "one"), created(2, "two"), created(3, "see", attachments=[attached]), created(4, "invoice"))

    index(deleted(1, at=9), deleted(2, at=9))
    with tenant_scope(A), transaction():
        db.session.execute(update(Message).where(Message.id == message_id(1)).values(deleted_by=BOB))

    assert (told(by_bob), told(files)) == ([1], [3])


def test_who_lost_the_panel_is_told_nothing_and_their_alert_is_paused(community: Flask) -> None:
    mine = alert("sled")
    with transaction():
        db.session.execute(delete(Membership).where(Membership.user_id == BOB))

    index(created(1, "sled"))

    assert (told(mine), bells(BOB)) == ([], 0)
    with tenant_scope(A):
        assert db.session.scalar(select(SearchAlert.paused_code)) == "no_access"


def test_an_alert_that_finds_more_than_anybody_reads_is_paused(
    community: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST_AN_HOUR", 3)
    much = alert("sled")
    index(*(created(number, "sled") for number in range(1, 6)))
    assert told(much) == [1, 2, 3, 4, 5]
    watching.forget_compiled()

    index(created(6, "sled"))

    assert told(much) == [1, 2, 3, 4, 5]
    with tenant_scope(A):
        assert db.session.scalar(select(SearchAlert.paused_code)) == "too_many"


def test_a_post_carries_text_only_where_all_who_read_it_may_read_the_source(community: Flask, bot: FakeBotApi) -> None:
    _channel_for_alerts(RANDOM)
    alert("plan", posts=True)
    index(created(1, "secret plan", channel=STAFF_ROOM), created(2, "open *plan* @everyone", channel=GENERAL))

    tell()
    tell()

    (call,) = bot.calls
    content = call[3]["content"]
    assert call[3] | {"content": ""} == {"purpose": "alerts", "channel_id": str(RANDOM), "content": ""}
    assert "secret" not in content and f"/servers/{GUILD}/messages/{message_id(1)}" in content
    assert r"open \*plan\* \@everyone" in content


def test_what_a_member_wrote_is_no_link_and_no_invitation_in_our_own_words(community: Flask, bot: FakeBotApi) -> None:
    _channel_for_alerts(RANDOM)
    alert("plan", posts=True)
    index(created(1, "plan: https://evil.example/free and discord.gg/evil", channel=GENERAL))

    tell()

    (call,) = bot.calls
    content = call[3]["content"]
    assert "evil" in content and "https://evil" not in content and "discord.gg" not in content


@pytest.mark.parametrize("who", ["sees without history", "is yet to join"])
def test_t41_a_post_tells_nothing_to_those_who_see_the_channel_and_not_the_source(
    community: Flask, bot: FakeBotApi, who: str
) -> None:
    """A post is read as it comes, also by who may not read back, and by whoever joins and has no role at all."""
    open_to_all = {"id": str(GUILD), "type": 0, "allow": str(1 << 10), "deny": str(1 << 16)}
    with tenant_scope(A), transaction():
        room = db.session.get_one(GuildChannel, (A, RANDOM))
        if who == "sees without history":
            room.overwrites = [open_to_all]
            db.session.execute(
                update(GuildMember).where(GuildMember.user_id == BOB).values(role_ids=["500000000000000001"])
            )
        else:
            db.session.execute(update(GuildMember).values(role_ids=["500000000000000001"]))
    _channel_for_alerts(RANDOM)
    alert("plan", OWNER, posts=True)
    index(created(1, "secret plan", channel=STAFF_ROOM))

    tell()

    (call,) = bot.calls
    assert "secret" not in call[3]["content"]


def test_a_post_whose_outcome_is_unknown_is_not_repeated_and_the_bell_rings_all_the_same(
    community: Flask, bot: FakeBotApi
) -> None:
    _channel_for_alerts(RANDOM)
    mine = alert("plan", posts=True)
    bot.away = True
    index(created(1, "plan"))

    assert told(mine) == [1]
    bot.away = False
    tell()

    assert (bot.calls, bells(BOB)) == ([], 1)
    with tenant_scope(A):
        assert db.session.scalar(select(SearchAlert.post_code)) == "bot_unreachable"


def test_only_who_may_post_has_an_alert_posted_and_only_where_they_see_it(community: Flask) -> None:
    with tenant_scope(A), transaction():
        db.session.execute(update(GuildMember).where(GuildMember.user_id == BOB).values(role_ids=[]))
    with pytest.raises(Forbidden):
        alert("plan", VIEWER, posts=True)
    with pytest.raises(Conflict):
        alert("plan", OWNER, posts=True)

    _channel_for_alerts(STAFF_ROOM)

    with pytest.raises(Conflict):
        alert("plan", MODERATOR, posts=True)
    assert alert("plan", OWNER, posts=True)


@pytest.mark.parametrize("query", ["reacted:👍", "sled OR case:1"])
def test_an_alert_cannot_wait_for_what_no_message_tells(community: Flask, query: str, case_one: Any) -> None:
    with pytest.raises(Invalid, match="cannot wait"):
        alert(query, OWNER)


def test_a_batch_whose_alerts_cannot_be_looked_at_is_kept_all_the_same(
    community: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert("sled")
    monkeypatch.setattr(watching, "candidate_of", lambda *_any: 1 / 0)

    assert len(index(created(1, "sled")).changed) == 1


def _channel_for_alerts(channel_id: int) -> None:
    with tenant_scope(A), transaction():
        db.session.add(
            DiscordWebhook(
                id=900000000000000001,
                purpose=WebhookPurpose.ALERTS.value,
                channel_id=channel_id,
                name="Snowflake alerts",
                token="hook",
            )
        )


@pytest.fixture
def case_one(community: Flask) -> None:
    from app.domain.moderation.models import Case

    with tenant_scope(A), transaction():
        link = f"https://panel.example/servers/{GUILD}/messages/{message_id(1)}"
        db.session.add(Case(number=1, kind="ban", source="panel", target_id=VERA, reason=f"see {link}"))
