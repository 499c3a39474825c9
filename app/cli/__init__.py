"""The operator's command line: `flask …`."""

from __future__ import annotations

from flask import Flask

from app import create_app
from app.config import Process, Settings


def create_cli_app() -> Flask:
    """The app behind the `flask` commands; it needs the database's settings alone."""
    return create_app(Settings.from_environment(Process.CLI))
