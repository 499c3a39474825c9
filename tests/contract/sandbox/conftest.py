"""A small Discord for the REST tests, without rate limits unless a test asks for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.sandbox.rest_client import RestClient
from tests.servers.sandbox import SERVER_A, Sandbox


@pytest.fixture(scope="module")
def discord() -> Iterator[Sandbox]:
    """One for each file of tests; the bot administers servers A and B."""
    server = Sandbox("--scenario", "small", "--installed", "A,B")
    server.post("/sandbox/limits", enforced=False)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def bot(discord: Sandbox) -> RestClient:
    """The bot's REST client."""
    return RestClient(discord, f"Bot {discord.credentials['bot_token']}")


@pytest.fixture(scope="module")
def channels(bot: RestClient) -> dict[str, str]:
    """Server A's channel ids by name."""
    return {one["name"]: one["id"] for one in bot("GET", "/guilds/{guild_id}/channels", guild_id=SERVER_A).json}
