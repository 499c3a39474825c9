"""Answers what a test told it to."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.clients.errors import Refused
from app.clients.safe_http.port import Fetched
from app.db.transaction import leave_database


@dataclass
class FakeSafeHttp:
    """`pages[url]` is the answer; anything else is 404."""

    pages: dict[str, Fetched] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, maximum_bytes: int, seconds: float, redirects: int = 0) -> Fetched:
        leave_database("a fetch of somebody's address")
        self.asked.append(url)
        if url not in self.pages:
            raise Refused("status_404")
        return self.pages[url]
