"""The archive's ledger with the real hikari: history, interruptions, lost rights, what is found by comparing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.db.scope import tenant_scope
from app.domain.coverage.models import Backfill, CoverageInterval, CoverageWatermark, Gap, GapReason
from app.domain.messages.models import Message
from app.extensions import db
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot, eventually
from tests.servers.sandbox import ALICE, SERVER_A, VERA, Sandbox

StartBot = Callable[..., RunningBot]
FAST = {"TIME_SCALE": "20"}


@pytest.fixture
def discord() -> Iterator[Sandbox]:
    """A small Discord of one test's own: the bot is in server A."""
    server = Sandbox("--scenario", "small", "--installed", "A")
    yield server
    server.stop()


def rows(tenant_id: int, model: Any) -> list[Any]:
    db.session.rollback()
    with tenant_scope(tenant_id):
        return list(db.session.scalars(select(model).execution_options(populate_existing=True)))


def gaps(tenant_id: int, *reasons: GapReason) -> list[Gap]:
    return [gap for gap in rows(tenant_id, Gap) if not reasons or gap.reason in reasons]


def all_is_filled(tenant_id: int) -> bool:
    return bool(rows(tenant_id, CoverageInterval)) and all(
        not one.is_running for one in rows(tenant_id, Backfill)
    ) and not any(gap.is_open for gap in gaps(tenant_id))


def on_discord(discord: Sandbox, guild_id: int = SERVER_A) -> dict[int, str]:
    """Every message that is there now → its text, of all channels that the bot sees."""
    found: dict[int, str] = {}
    guild = discord.get(f"/sandbox/state/{guild_id}")
    for channel in (*guild["channels"], *guild["threads"]):
        if channel["type"] not in (0, 2, 5, 10, 11, 12):
            continue
        before: str | None = None
        while True:
            page = discord.act(
                ALICE, "message.list", channel_id=channel["id"], limit="100", **({"before": before} if before else {})
            )
            found |= {int(one["id"]): one["content"] for one in page}
            if len(page) < 100:
                break
            before = page[-1]["id"]
    return found


def kept(tenant_id: int) -> dict[int, str]:
    """What the archive has and holds for present."""
    return {
        one.id: one.content for one in rows(tenant_id, Message) if one.deleted_at is None and one.author_id is not None
    }


def test_the_newest_week_comes_by_itself(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot = bot_of(discord, **FAST).wait_until_connected()

    eventually(lambda: all_is_filled(tenant_id), 20)

    assert set(kept(tenant_id)) <= set(on_discord(discord))
    assert kept(tenant_id)
    assert rows(tenant_id, Backfill)[0].finished_at
    print(bot.health()["coverage"])
