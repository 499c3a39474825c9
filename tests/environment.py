"""Settings for tests: throw-away keys, loopback addresses."""

from __future__ import annotations

import base64
from pathlib import Path

from app.config import Process, Settings

SIGNING_KEY = base64.b64encode(b"s" * 64).decode()
ENCRYPTION_KEY = base64.b64encode(b"e" * 32).decode()
BOT_SECRET = "throw-away-secret-of-the-tests-0123456789"


def environment(database_url: str, folder: Path, **overrides: str) -> dict[str, str]:
    """A complete set of variables; `overrides` replace or add."""
    return {
        "PUBLIC_URL": "http://127.0.0.1:5999",
        "SECRET_KEYS": f"t1:{SIGNING_KEY}",
        "ENCRYPTION_KEYS": f"t1:{ENCRYPTION_KEY}",
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "BOT_API_SECRETS": BOT_SECRET,
        "DISCORD_TOKEN": "throw-away.bot.token",
        "DISCORD_CLIENT_ID": "100000000000000001",
        "DISCORD_CLIENT_SECRET": "throw-away-client-secret",
        **overrides,
    }


def settings(database_url: str, folder: Path, process: Process = Process.UP, **overrides: str) -> Settings:
    """The same, read and checked."""
    return Settings.from_env(environment(database_url, folder, **overrides), process)
