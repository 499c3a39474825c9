"""What this process can reach."""

from __future__ import annotations

from dataclasses import dataclass

from app.clients import clients
from app.clients.errors import Unavailable
from app.db.reachable import database_answers


@dataclass(frozen=True)
class Readiness:
    """True, False for each of what the website leans on."""

    database: bool
    live: bool
    bot: bool

    @property
    def is_ready(self) -> bool:
        """The website can serve pages with the database alone."""
        return self.database

    def to_json(self) -> dict[str, object]:
        return {
            "status": "ok" if self.is_ready else "unready",
            "database": _word(self.database),
            "live": _word(self.live),
            "bot": _word(self.bot),
        }


def readiness() -> Readiness:
    """Look at each once; the bot's state is at most ten seconds old."""
    return Readiness(database_answers(), _live_answers(), is_bot_here())


def is_bot_here() -> bool:
    """True where the bot's remembered health says it serves."""
    return clients().bot_api.health().get("status") == "ok"


def _live_answers() -> bool:
    try:
        clients().live_bus.read(0, None)
    except Unavailable:
        return False
    return True


def _word(is_there: bool) -> str:
    return "ok" if is_there else "away"
