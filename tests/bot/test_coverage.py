"""The archive's ledger with the real hikari: history, interruptions, lost rights, what is found by comparing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.domain.coverage.models import Backfill
from tests.bot.conftest import make_tenant
from tests.bot.ledger import all_is_filled, kept, on_discord, rows
from tests.bot.running import RunningBot, eventually
from tests.servers.sandbox import Sandbox

StartBot = Callable[..., RunningBot]
FAST = {"TIME_SCALE": "20"}


@pytest.fixture
def discord() -> Iterator[Sandbox]:
    """A small Discord of one test's own: the bot is in server A."""
    server = Sandbox("--scenario", "small", "--installed", "A")
    yield server
    server.stop()


def test_the_newest_week_comes_by_itself(discord: Sandbox, bot_of: StartBot) -> None:
    tenant_id = make_tenant()
    bot = bot_of(discord, **FAST).wait_until_connected()

    eventually(lambda: all_is_filled(tenant_id), 20)

    assert set(kept(tenant_id)) <= set(on_discord(discord))
    assert kept(tenant_id)
    assert rows(tenant_id, Backfill)[0].finished_at
    assert bot.health()["coverage"]["pages"] > 0
