"""The operator's command line: `flask …`."""

from __future__ import annotations

import sys

from flask import Flask

from app.bootstrap import create_core_app
from app.config import Process, Settings


def create_cli_app() -> Flask:
    """The app behind the `flask` commands. They need the database's settings alone, but `flask up` needs all."""
    from app.cli.archive import archive
    from app.cli.files import files
    from app.cli.privacy import privacy
    from app.cli.secrets import secrets
    from app.cli.up import up

    app = create_core_app(Settings.or_exit(Process.UP if "up" in sys.argv[1:] else Process.CLI))
    app.cli.add_command(up)
    app.cli.add_command(files)
    app.cli.add_command(archive)
    app.cli.add_command(privacy)
    app.cli.add_command(secrets)
    return app
