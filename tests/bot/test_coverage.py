"""The archive's ledger with the real hikari: history, interruptions, lost rights, what is found by comparing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.clients.errors import Refused
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role
from app.domain.clock import first_snowflake, utcnow
from app.domain.coverage import service as coverage
from app.domain.coverage.models import LIVE_REASONS, Backfill, CoverageInterval, Gap, GapReason
from app.domain.coverage.queries import coverage_of
from app.domain.coverage.service import DueCheck, RequestBackfill
from app.domain.errors import Conflict
from app.domain.messages.models import Message, MessageTerm
from app.domain.messages.reader import Reader
from app.domain.tenants.exclusions import ExclusionKind
from app.domain.tenants.models import ArchiveExclusion, BotSettings
from app.extensions import db
from bot import process
from bot.batching import Received
from tests.bot.conftest import make_tenant
from tests.bot.ledger import NO_DIFFERENCE, all_is_filled, differences, gaps, kept, on_discord, rows
from tests.bot.running import RunningBot, eventually, eventually_is
from tests.servers.sandbox import ALICE, SERVER_A, Sandbox

VIEW_CHANNEL, READ_MESSAGE_HISTORY = 1 << 10, 1 << 16
StartBot = Callable[..., RunningBot]
FAST = {"TIME_SCALE": "20"}


@pytest.fixture
def discord() -> Iterator[Sandbox]:
    """A small Discord of one test's own: the bot is in server A and may do everything."""
    server = Sandbox("--scenario", "small", "--installed", "A")
    yield server
    server.stop()


@pytest.fixture
def guarded_discord() -> Iterator[Sandbox]:
    """The same, where the bot has no more rights than it needs."""
    server = Sandbox("--scenario", "small")
    server.act(ALICE, "bot.install", guild_id=SERVER_A, permissions=VIEW_CHANNEL | READ_MESSAGE_HISTORY)
    yield server
    server.stop()


def test_the_newest_week_comes_by_itself(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    bot = bot_of(discord, **FAST).wait_until_connected()

    eventually(lambda: all_is_filled(tenant_id), 20)

    assert set(kept(tenant_id)) <= set(on_discord(discord))
    assert kept(tenant_id)
    assert rows(tenant_id, Backfill)[0].finished_at
    assert bot.health()["coverage"]["pages"] > 0


def channel_of(discord: Sandbox, place: int = 0) -> str:
    guild = discord.get(f"/sandbox/state/{SERVER_A}")
    return [str(one["id"]) for one in guild["channels"] if one["type"] == 0][place]


def say(discord: Sandbox, content: str, channel_id: str | None = None) -> dict[str, Any]:
    where = channel_id or channel_of(discord)
    return dict(discord.act(ALICE, "message.create", guild_id=SERVER_A, channel_id=where, content=content))


def change(discord: Sandbox, said: dict[str, Any], act: str, **what: Any) -> None:
    discord.act(ALICE, act, guild_id=SERVER_A, channel_id=said["channel_id"], message_id=said["id"], **what)


def begun(discord: Sandbox, bot_of: StartBot, tenant_id: int) -> RunningBot:
    """A bot whose archive is up to date."""
    bot = bot_of(discord, **FAST).wait_until_connected()
    eventually(lambda: all_is_filled(tenant_id), 20)
    return bot


def is_kept(tenant_id: int, said: dict[str, Any]) -> bool:
    return int(said["id"]) in kept(tenant_id)


def no_access_for_the_bot(discord: Sandbox, channel_id: str) -> None:
    bot_id = discord.credentials["bot_user_id"]
    denied = {"type": 1, "allow": "0", "deny": str(VIEW_CHANNEL)}
    discord.act(ALICE, "channel.overwrite", channel_id=channel_id, overwrite_id=bot_id, **denied)


def found_in(interrupted: list[Gap]) -> tuple[int, int, int]:
    """How many messages were new, changed and deleted."""
    return (
        sum(gap.found_new for gap in interrupted),
        sum(gap.found_changed for gap in interrupted),
        sum(gap.found_deleted for gap in interrupted),
    )


def test_what_happened_while_the_bot_was_stopped_is_found_when_it_is_back(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    first = begun(discord, bot_of, tenant_id)
    old, older, untouched = say(discord, "old words"), say(discord, "to be deleted"), say(discord, "stays")
    eventually(lambda: is_kept(tenant_id, untouched))

    first.stop()
    change(discord, old, "message.edit", content="new words")
    change(discord, older, "message.delete")
    said = [say(discord, f"unheard {number}", channel_of(discord, number % 2)) for number in range(5)]
    begun(discord, bot_of, tenant_id)

    eventually_is(lambda: differences(discord, tenant_id, int(old["id"])), NO_DIFFERENCE)
    # What a page brought is kept first and counted in its gap after that.
    eventually_is(lambda: found_in(gaps(tenant_id, GapReason.RESTART)), (len(said), 1, 1))
    gone = next(one for one in rows(tenant_id, Message) if one.id == int(older["id"]))
    assert gone.is_deletion_detected
    assert gone.content == "to be deleted"


def test_a_resumed_session_opens_no_gap(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    begun(discord, bot_of, tenant_id)

    discord.post("/sandbox/gateway/cut", how="tcp")
    said = say(discord, "while the line was cut")

    eventually(lambda: is_kept(tenant_id, said), 20)
    assert discord.get("/sandbox/gateway")["resumes"] == 1
    assert not gaps(tenant_id, *LIVE_REASONS)


def test_a_session_that_cannot_be_resumed_opens_a_gap_and_fills_it(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    begun(discord, bot_of, tenant_id)

    discord.post("/sandbox/gateway/cut", how="op9")
    said = say(discord, "between two sessions")

    eventually(lambda: bool(gaps(tenant_id, GapReason.MISSED_RESUME)), 20)
    eventually(lambda: is_kept(tenant_id, said) and all_is_filled(tenant_id), 20)


def test_losing_a_permission_ends_the_stretch_and_its_return_opens_a_gap(
    guarded_discord: Sandbox, bot_of: StartBot
) -> None:
    discord, tenant_id = guarded_discord, make_tenant(wants_history=True)
    begun(discord, bot_of, tenant_id)
    channel_id = channel_of(discord)
    before = say(discord, "seen", channel_id)
    eventually(lambda: is_kept(tenant_id, before))

    no_access_for_the_bot(discord, channel_id)
    eventually(lambda: not [one for one in rows(tenant_id, CoverageInterval) if is_live(one, channel_id)])
    unseen = say(discord, "unseen", channel_id)
    change(discord, before, "message.edit", content="seen and changed")
    with tenant_scope(tenant_id):
        stated = coverage_of(Reader(ALICE, frozenset(), sees_all=True))
    assert int(channel_id) in [one.id for one in stated.unreadable]
    assert not is_kept(tenant_id, unseen)
    bot_id = discord.credentials["bot_user_id"]
    discord.act(ALICE, "channel.overwrite_delete", channel_id=channel_id, overwrite_id=bot_id)

    eventually(lambda: is_kept(tenant_id, unseen), 20)
    eventually(lambda: all_is_filled(tenant_id), 20)
    assert [gap.channel_id for gap in gaps(tenant_id, GapReason.PERMISSION)] == [int(channel_id)]
    assert kept(tenant_id)[int(before["id"])] == "seen and changed"


def is_live(one: CoverageInterval, channel_id: str) -> bool:
    return one.channel_id == int(channel_id) and one.until_id is None


def test_what_found_the_queue_full_is_read_again(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    bot = begun(discord, bot_of, tenant_id)
    assert bot.process is not None

    bot.process.batcher._capacity = 0
    said = [say(discord, f"too much {number}") for number in range(3)]
    eventually(lambda: bot.health()["archive"]["dropped"] >= 3)
    bot.process.batcher._capacity = 10_000

    eventually(lambda: all(is_kept(tenant_id, one) for one in said), 20)
    assert gaps(tenant_id, GapReason.QUEUE_FULL)
    eventually(lambda: all_is_filled(tenant_id))


def test_what_could_not_be_indexed_is_read_again(
    discord: Sandbox, bot_of: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id = make_tenant(wants_history=True)
    begun(discord, bot_of, tenant_id)
    whole = process.index_received

    def refusing(batch: list[Received]) -> Any:
        if any(one.payload.get("content") == "a thorn" for one in batch):
            raise ValueError("a thorn")
        return whole(batch)

    monkeypatch.setattr(process, "index_received", refusing)
    said = say(discord, "a thorn")

    eventually(lambda: is_kept(tenant_id, said), 20)
    assert [gap.reason for gap in gaps(tenant_id, *LIVE_REASONS)] == [GapReason.INDEXING_FAILED]


def test_a_thread_that_was_opened_and_archived_meanwhile_is_found(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    first = begun(discord, bot_of, tenant_id)

    first.stop()
    parent = say(discord, "shall we?")
    thread = discord.act(ALICE, "thread.create", channel_id=parent["channel_id"], name="aside", type=11)
    said = say(discord, "between us", thread["id"])
    discord.act(ALICE, "thread.edit", channel_id=thread["id"], archived=True)
    begun(discord, bot_of, tenant_id)

    eventually(lambda: is_kept(tenant_id, said), 20)


def test_a_time_in_which_the_owner_kept_no_archive_is_no_gap(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    bot = begun(discord, bot_of, tenant_id)

    choose(tenant_id, is_kept=False)
    eventually(lambda: not [one for one in rows(tenant_id, CoverageInterval) if one.until_id is None])
    written = bot.health()["archive"]["written"]
    unkept = say(discord, "off the record")
    eventually(lambda: bot.health()["archive"]["written"] > written)
    choose(tenant_id, is_kept=True)
    eventually(lambda: bool([one for one in rows(tenant_id, CoverageInterval) if one.until_id is None]))
    said = say(discord, "on the record")

    eventually(lambda: is_kept(tenant_id, said))
    assert not is_kept(tenant_id, unkept)
    assert not gaps(tenant_id, *LIVE_REASONS)
    with tenant_scope(tenant_id):
        assert not coverage_of(Reader(ALICE, frozenset(), sees_all=True)).holes


def choose(tenant_id: int, *, is_kept: bool) -> None:
    db.session.rollback()
    with tenant_scope(tenant_id), transaction():
        db.session.scalars(select(BotSettings)).one().archive_enabled = is_kept


def test_older_history_comes_on_request_is_stopped_and_goes_on(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    begun(discord, bot_of, tenant_id)
    owner = Actor(ALICE, tenant_id, SERVER_A, Role.OWNER)
    with tenant_scope(tenant_id):
        asked = coverage.request_backfill(owner, RequestBackfill(None, None))
        backfill_id = asked.id
        with pytest.raises(Conflict):
            coverage.request_backfill(owner, RequestBackfill(None, 30))
        coverage.cancel_backfill(owner, backfill_id)
    assert not any(one.is_running for one in rows(tenant_id, Backfill))

    with tenant_scope(tenant_id):
        coverage.resume_backfill(owner, backfill_id)

    eventually(lambda: all_is_filled(tenant_id), 30)
    eventually_is(lambda: differences(discord, tenant_id), NO_DIFFERENCE)
    with tenant_scope(tenant_id):
        stated = coverage_of(Reader(ALICE, frozenset(), sees_all=True))
    assert stated.from_beginning
    assert not stated.holes


def test_a_message_that_was_lost_in_silence_is_found_by_the_nightly_check(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    bot = begun(discord, bot_of, tenant_id)
    assert bot.process is not None
    yesterday = first_snowflake(utcnow().replace(hour=0, minute=0, second=0, microsecond=0))
    lost = max(one for one in kept(tenant_id) if one < yesterday)
    with tenant_scope(tenant_id), transaction():
        db.session.execute(delete(Message).where(Message.id == lost))
        db.session.execute(delete(MessageTerm).where(MessageTerm.message_id == lost))

    due = DueCheck(tenant_id, SERVER_A)
    checker = bot.process.checker
    bot.on_loop(lambda: checker._check(due))

    assert [gap.reason for gap in gaps(tenant_id, *LIVE_REASONS)] == [GapReason.CROSS_CHECK]
    eventually(lambda: lost in kept(tenant_id) and all_is_filled(tenant_id), 20)
    bot.on_loop(lambda: checker._check(due))
    assert len(gaps(tenant_id, *LIVE_REASONS)) == 1, "what is whole again is not asked for once more"


def test_a_channel_that_the_owner_leaves_out_has_no_gap(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant(wants_history=True)
    bot = begun(discord, bot_of, tenant_id)
    channel_id = channel_of(discord)
    key = {"kind": ExclusionKind.CHANNEL.value, "object_id": int(channel_id)}

    with tenant_scope(tenant_id), transaction():
        db.session.add(ArchiveExclusion(**key))
    eventually(lambda: not [one for one in rows(tenant_id, CoverageInterval) if is_live(one, channel_id)])
    written = bot.health()["archive"]["written"]
    unkept = say(discord, "left out", channel_id)
    eventually(lambda: bot.health()["archive"]["written"] > written)
    with tenant_scope(tenant_id), transaction():
        db.session.delete(db.session.scalars(select(ArchiveExclusion).filter_by(**key)).one())
    eventually(lambda: bool([one for one in rows(tenant_id, CoverageInterval) if is_live(one, channel_id)]))

    said = say(discord, "let in", channel_id)
    eventually(lambda: is_kept(tenant_id, said))
    assert not is_kept(tenant_id, unkept)
    assert not gaps(tenant_id, *LIVE_REASONS)
    with tenant_scope(tenant_id):
        assert not coverage_of(Reader(ALICE, frozenset(), sees_all=True)).holes


def test_an_empty_list_that_may_not_be_read_deletes_nothing(discord: Sandbox, bot_of: StartBot) -> None:
    """Discord answers an empty list, not a refusal, where a bot lost Read Message History."""
    tenant_id = make_tenant(wants_history=True)
    bot = begun(discord, bot_of, tenant_id)
    assert bot.process is not None
    said = say(discord, "still here")
    eventually(lambda: is_kept(tenant_id, said))
    guild, call = bot.process.guild, bot.process.guild.call

    async def without_history(guild_id: int, route: Any, kind: Any, **more: Any) -> Any:
        if route.compiled_path.endswith("/messages"):
            more["on_turn"]()
            return []
        if "/messages/" in route.compiled_path:
            raise Refused("discord_50001", "Missing Access")
        return await call(guild_id, route, kind, **more)

    guild.call = without_history  # type: ignore[method-assign]
    discord.post("/sandbox/gateway/cut", how="op9")

    eventually(lambda: any(gap.state == "failed" for gap in gaps(tenant_id, *LIVE_REASONS)), 20)
    assert is_kept(tenant_id, said)
    assert all(gap.found_deleted == 0 for gap in gaps(tenant_id))
