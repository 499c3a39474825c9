"""From Discord's gateway to rows of the archive: the real hikari, the sandbox's wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.clients import clients
from app.contracts.live import Topic
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.messages.deletions import bulks_of
from app.domain.messages.models import Message, MessageRevision
from app.domain.messages.reactions import reactions_of
from app.domain.messages.traits import Trait
from app.domain.tenants.models import BotSettings
from app.extensions import db
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot, eventually
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, VERA, Sandbox

StartBot = Callable[..., RunningBot]


def channel_of(sandbox: Sandbox, guild_id: int, name: str | None = None) -> str:
    channels = sandbox.get(f"/sandbox/state/{guild_id}")["channels"]
    return next(str(each["id"]) for each in channels if each["type"] == 0 and name in (None, each["name"]))


def post(sandbox: Sandbox, who: int, content: str, guild_id: int = SERVER_A) -> dict[str, Any]:
    channel_id = channel_of(sandbox, guild_id)
    return dict(sandbox.act(who, "message.create", guild_id=guild_id, channel_id=channel_id, content=content))


def archived(tenant_id: int) -> dict[int, Message]:
    db.session.rollback()
    with tenant_scope(tenant_id):
        return {row.id: row for row in db.session.scalars(select(Message))}


def reactions(tenant_id: int, message_id: int) -> list[tuple[str, int]]:
    db.session.rollback()
    with tenant_scope(tenant_id):
        return [(one.emoji, one.total) for one in reactions_of([message_id]).get(message_id, ())]


def deleted_by(tenant_id: int, posted: list[dict[str, Any]]) -> list[int | None]:
    rows = archived(tenant_id)
    return [rows[int(one["id"])].deleted_by if int(one["id"]) in rows else None for one in posted]


def archived_count(tenant_id: int) -> int:
    db.session.rollback()
    with tenant_scope(tenant_id):
        return db.session.scalar(select(func.count()).select_from(Message)) or 0


def test_a_message_its_edit_and_its_deletion_become_a_row_with_its_history(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()

    first = post(sandbox, VERA, "Schnee im Mai")
    ids = {"guild_id": SERVER_A, "channel_id": first["channel_id"], "message_id": first["id"]}
    sandbox.act(VERA, "message.edit", content="Schnee im Juni", **ids)
    sandbox.act(VERA, "message.delete", **ids)

    number = int(first["id"])
    eventually(lambda: number in archived(tenant_id) and archived(tenant_id)[number].deleted_at is not None)
    row = archived(tenant_id)[number]
    assert (row.content, row.author_id, row.revision_count) == ("Schnee im Juni", VERA, 1)
    with tenant_scope(tenant_id):
        assert [one.content for one in db.session.scalars(select(MessageRevision))] == ["Schnee im Mai"]


def test_a_bulk_deletion_marks_every_message(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()
    posted = [post(sandbox, VERA, f"spam {number}") for number in range(5)]
    ids = [one["id"] for one in posted]

    sandbox.act(ALICE, "message.bulk_delete", guild_id=SERVER_A, channel_id=posted[0]["channel_id"], messages=ids)

    eventually(lambda: sum(row.deleted_at is not None for row in archived(tenant_id).values()) == 5)


def test_two_communities_messages_never_meet(sandbox: Sandbox, bot_of: StartBot) -> None:
    a, b = make_tenant(SERVER_A, ALICE), make_tenant(SERVER_B, CHARLIE)
    bot_of(sandbox).wait_until_connected()

    in_a, in_b = post(sandbox, ALICE, "for A"), post(sandbox, CHARLIE, "for B", SERVER_B)

    eventually(lambda: archived_count(a) > 0 and archived_count(b) > 0)
    assert set(archived(a)) == {int(in_a["id"])}
    assert set(archived(b)) == {int(in_b["id"])}


def test_nothing_is_stored_before_the_owner_has_chosen_and_everything_from_then_on(
    sandbox: Sandbox, bot_of: StartBot
) -> None:
    tenant_id = make_tenant(archive_enabled=False)
    bot = bot_of(sandbox).wait_until_connected()
    post(sandbox, VERA, "before the choice")
    post(sandbox, CHARLIE, "a server without a tenant", SERVER_B)
    eventually(lambda: bot.health()["archive"]["written"] >= 2)
    assert archived_count(tenant_id) == 0

    with tenant_scope(tenant_id), transaction():
        db.session.scalars(select(BotSettings)).one().archive_enabled = True
    after = post(sandbox, VERA, "after the choice")

    eventually(lambda: archived_count(tenant_id) > 0)
    assert set(archived(tenant_id)) == {int(after["id"])}


def test_an_outage_that_is_resumed_loses_and_repeats_nothing(sandbox: Sandbox, bot_of: StartBot) -> None:
    """F20."""
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()
    identifies = sandbox.get("/sandbox/gateway")["identifies"]
    ids = [int(post(sandbox, VERA, "before")["id"])]

    for how in ("op7", "tcp", "4009"):
        sandbox.post("/sandbox/gateway/cut", how=how)
        ids += [int(post(sandbox, VERA, f"while {how} {number}")["id"]) for number in range(3)]
        wanted = len(ids)
        eventually(lambda wanted=wanted: archived_count(tenant_id) == wanted, 20)  # type: ignore[misc]

    assert set(archived(tenant_id)) == set(ids)
    # 4009 ends the session at Discord: that one is begun anew, the others are resumed.
    assert sandbox.get("/sandbox/gateway")["identifies"] - identifies <= 1


def test_a_bot_that_starts_again_goes_on_with_the_same_rows(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    first = bot_of(sandbox).wait_until_connected()
    before = post(sandbox, VERA, "before")
    eventually(lambda: archived_count(tenant_id) == 1)
    first.stop()

    bot_of(sandbox).wait_until_connected()
    sandbox.act(
        VERA,
        "message.edit",
        guild_id=SERVER_A,
        channel_id=before["channel_id"],
        message_id=before["id"],
        content="changed",
    )
    after = post(sandbox, BOB, "after")

    eventually(lambda: archived_count(tenant_id) == 2 and archived(tenant_id)[int(before["id"])].content == "changed")
    assert set(archived(tenant_id)) == {int(before["id"]), int(after["id"])}


def test_what_was_received_before_the_end_is_written_before_it(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot = bot_of(sandbox).wait_until_connected()
    channel_id = channel_of(sandbox, SERVER_A)
    before = bot.health()["archive"]["written"]

    sandbox.post("/sandbox/burst", **{"as": str(VERA), "channel_id": channel_id, "count": 2000})
    assert bot.process is not None
    eventually(lambda: bot.process.batcher.taken - before >= 2000)  # type: ignore[union-attr]
    bot.stop()

    assert archived_count(tenant_id) == 2000


def test_what_is_on_its_way_when_the_bot_ends_is_heard_out_and_written(sandbox: Sandbox, bot_of: StartBot) -> None:
    """The end closes the session for good: nobody would say again what had not arrived by then."""
    tenant_id = make_tenant()
    bot = bot_of(sandbox).wait_until_connected()
    sandbox.post("/sandbox/gateway/settings", latency=0.8)
    try:
        ids = {int(post(sandbox, VERA, f"last words {number}")["id"]) for number in range(3)}
        bot.stop()
    finally:
        sandbox.post("/sandbox/gateway/settings", latency=0)

    assert set(archived(tenant_id)) == ids


def test_a_gateway_that_falls_silent_does_not_keep_the_bot_from_ending(sandbox: Sandbox, bot_of: StartBot) -> None:
    make_tenant()
    bot = bot_of(sandbox).wait_until_connected()
    sandbox.post("/sandbox/gateway/settings", latency=600)
    try:
        bot.stop()
    finally:
        sandbox.post("/sandbox/gateway/settings", latency=0)


def test_each_new_message_is_announced_to_who_watches(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()
    bus = clients().live_bus
    start = bus.read(tenant_id, None).cursor

    posted = post(sandbox, VERA, "hello")

    def announced() -> list[tuple[str, int | None]]:
        entries = bus.read(tenant_id, start).entries
        return [
            (entry.signal.ref, entry.signal.channel_id) for entry in entries if entry.signal.topic is Topic.MESSAGES
        ]

    eventually(lambda: announced() == [(f"message:{posted['id']}", int(posted["channel_id"]))])


@pytest.mark.parametrize("code", ["4004", "4014"])
def test_a_gateway_that_closes_for_good_is_not_asked_again(sandbox: Sandbox, bot_of: StartBot, code: str) -> None:
    """F22."""
    bot = bot_of(sandbox).wait_until_connected()
    connections = sandbox.get("/sandbox/gateway")["connections"]

    sandbox.post("/sandbox/gateway/cut", how=code)

    eventually(lambda: bot.health()["status"] == "failed")
    assert bot.health()["close_code"] == int(code)
    eventually(lambda: bot.failure is not None)
    assert sandbox.get("/sandbox/gateway")["connections"] == connections


def test_a_bot_with_few_session_starts_left_waits_instead_of_identifying(bot_of: StartBot, sandbox: Sandbox) -> None:
    sandbox.post("/sandbox/gateway/settings", remaining=200)
    identifies = sandbox.get("/sandbox/gateway")["identifies"]
    try:
        bot = bot_of(sandbox, TIME_SCALE="60")
        eventually(lambda: bot.health()["gateway"] == "waiting")
        assert sandbox.get("/sandbox/gateway")["identifies"] == identifies
    finally:
        sandbox.post("/sandbox/gateway/settings", remaining=1000)
    bot.wait_until_connected()


@pytest.mark.parametrize("fault", ["op9", "ready_then_op9"])
def test_a_gateway_that_invalidates_every_session_does_not_cost_the_token(
    sandbox: Sandbox, bot_of: StartBot, fault: str
) -> None:
    bot = bot_of(sandbox, TIME_SCALE="60").wait_until_connected()
    sandbox.post("/sandbox/gateway/settings", remaining=302)
    try:
        sandbox.post("/sandbox/gateway/refuse", kind=fault, count=None)
        sandbox.post("/sandbox/gateway/cut", how="op9")
        eventually(lambda: bot.health()["gateway"] == "waiting", 40)
        left = sandbox.get("/sandbox/gateway")["session_start_limit"]["remaining"]
        assert 290 <= left < 300
    finally:
        sandbox.post("/sandbox/gateway/refuse", kind="nothing")
        sandbox.post("/sandbox/gateway/settings", remaining=1000)


def test_reactions_are_counted_from_the_wire(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()
    posted = post(sandbox, VERA, "who comes along?")
    place = {"guild_id": SERVER_A, "channel_id": posted["channel_id"], "message_id": posted["id"]}

    for who in (ALICE, BOB, VERA):
        sandbox.act(who, "reaction.add", emoji="👍", **place)
    sandbox.act(BOB, "reaction.add", emoji="❄️", **place)
    sandbox.act(VERA, "reaction.remove", emoji="👍", **place)

    wanted = [("👍", 2), ("❄️", 1)]
    eventually(lambda: reactions(tenant_id, int(posted["id"])) == wanted)
    sandbox.act(ALICE, "reaction.clear", **place)
    eventually(lambda: reactions(tenant_id, int(posted["id"])) == [])


def test_the_audit_log_says_who_deleted_also_where_discord_only_counts_up(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()
    channel = sandbox.act(ALICE, "channel.create", guild_id=SERVER_A, name="no-line-yet", type=0)
    place = {"guild_id": SERVER_A, "channel_id": channel["id"]}
    posted = [sandbox.act(VERA, "message.create", content=f"message {number}", **place) for number in range(4)]

    sandbox.act(VERA, "message.delete", message_id=posted[3]["id"], **place)
    eventually(
        lambda: archived_count(tenant_id) == 4 and archived(tenant_id)[int(posted[3]["id"])].deleted_at is not None
    )
    for one in posted[:3]:
        sandbox.act(ALICE, "message.delete", message_id=one["id"], **place)

    wanted = [ALICE, ALICE, ALICE, None]
    eventually(lambda: deleted_by(tenant_id, posted) == wanted)


def test_a_bulk_deletion_says_who_did_it_and_how_many_went_together(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()
    posted = [post(sandbox, VERA, f"spam {number}") for number in range(5)]
    ids = [one["id"] for one in posted]

    sandbox.act(ALICE, "message.bulk_delete", guild_id=SERVER_A, channel_id=posted[0]["channel_id"], messages=ids)

    eventually(lambda: {row.deleted_by for row in archived(tenant_id).values()} == {ALICE})
    with tenant_scope(tenant_id):
        assert {bulk.size for bulk in bulks_of(map(int, ids)).values()} == {5}


def test_what_automod_kept_from_being_posted_is_kept_here_marked(sandbox: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot_of(sandbox).wait_until_connected()
    place = {"guild_id": SERVER_A, "channel_id": channel_of(sandbox, SERVER_A)}

    sandbox.act(VERA, "automod.block", content="free nitro here", keyword="nitro", **place)

    eventually(lambda: archived_count(tenant_id) == 1)
    (row,) = archived(tenant_id).values()
    assert (row.author_id, row.content, row.has(Trait.BLOCKED)) == (VERA, "free nitro here", True)
