"""Says at the end of a run which of Discord's descriptions were not there to check against."""

from __future__ import annotations

import pytest

from tests.contract import discord_spec

DESCRIPTIONS = {
    discord_spec.REST_FILE: discord_spec.SOURCE,
    "gateway-dispatch.schema.json": "JSON Schema of discord-api-types' GatewayDispatchPayload (v10)",
    "gateway-send.schema.json": "JSON Schema of discord-api-types' GatewaySendPayload (v10)",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each description that is missing, with what to put where."""
    for name, source in DESCRIPTIONS.items():
        if not discord_spec.is_present(name):
            place = discord_spec.folder() / name
            terminalreporter.write_line(f"not checked against Discord's own {name}: put {source} at {place}")
