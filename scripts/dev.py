"""`make dev`: the demo, begun anew when Python changes; templates and assets are there with the next page.

State and sign-ins are kept. With one's own `DISCORD_TOKEN` in the environment there is no stand-in: the same code speaks
to real Discord with the settings of the environment, and what is not set gets the demo's values.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from pathlib import Path

from scripts.demo import REPOSITORY, USUAL_STATE, Demo, clean_environment, throw_away_keys

OWN_STATE = REPOSITORY / "var" / "dev"


def main() -> int:
    """Build assets on every change beside a panel that reloads, and wait for either to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--scenario", default="community", choices=("community", "small"))
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep everything here")
    arguments = parser.parse_args()
    has_token = "DISCORD_TOKEN" in os.environ
    state = arguments.state or (OWN_STATE if has_token else USUAL_STATE)
    kind = OwnDiscord if has_token else Workshop
    workshop = kind(arguments.port, state=state.resolve(), scenario=arguments.scenario)
    signal.signal(signal.SIGTERM, workshop.asked_to_end)
    signal.signal(signal.SIGINT, workshop.asked_to_end)
    return workshop.run()


class Workshop(Demo):
    """The demo that reloads."""

    def start(self) -> None:
        """As the demo's, with the assets built again whenever they change."""
        node = shutil.which("node")
        if node is None:
            raise SystemExit("there is no `node` to build the assets with; install Node 18 or newer")
        self.start_process([node, "build.mjs", "--watch"], clean_environment(), log="assets.log")
        super().start()

    def start_panel(self) -> None:
        """As `flask up`, and again after every change."""
        self.start_process([sys.executable, "-m", "scripts.reloading"], self.environment, log="panel.log")


class OwnDiscord(Workshop):
    """The same without the stand-in: the environment names the bot and the application."""

    def start_sandbox(self) -> str:
        """There is none."""
        return ""

    def environment_of_panel(self) -> dict[str, str]:
        usual = {
            **throw_away_keys(self.state / "keys.json"),
            "PORT": str(self.port),
            "PUBLIC_URL": self.panel_url,
            "DATA_DIR": str(self.state),
        }
        return {**usual, **os.environ, "PYTHONUNBUFFERED": "1", "DEVELOPMENT": "1"}

    def seed_once(self) -> None:
        """What is there comes from Discord."""

    def welcome(self) -> str:
        return (
            f"ready {self.panel_url}\n"
            f"  Discord's developer portal needs this redirect: {self.panel_url}/api/auth/callback\n"
            f"  Ctrl-C ends all of it"
        )


if __name__ == "__main__":
    sys.exit(main())
