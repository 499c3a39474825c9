"""The operator's command line: `flask …`."""

from __future__ import annotations

from flask import Flask

from app.bootstrap import create_core_app
from app.config import Process, Settings


def create_cli_app() -> Flask:
    """The app behind the `flask` commands; it needs the database's settings alone."""
    from app.cli.up import up

    app = create_core_app(Settings.from_environment(Process.CLI))
    app.cli.add_command(up)
    return app
