"""Answers what a test told it to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from app.clients.errors import ClientError, Refused
from app.clients.safe_http.port import Downloaded, Fetched
from app.db.transaction import leave_database


@dataclass
class FakeSafeHttp:
    """`pages[url]` is the answer; anything else is 404. `failures[url]` is raised, as long as it stands there."""

    pages: dict[str, Fetched] = field(default_factory=dict)
    failures: dict[str, ClientError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, maximum_bytes: int, seconds: float, redirects: int = 0) -> Fetched:
        leave_database("a fetch of somebody's address")
        self.asked.append(url)
        if url in self.failures:
            raise self.failures[url]
        if url not in self.pages:
            raise Refused("status_404")
        return self.pages[url]

    def download(
        self, url: str, into: BinaryIO, *, maximum_bytes: int, seconds: float, redirects: int = 0
    ) -> Downloaded:
        found = self.get(url, maximum_bytes=maximum_bytes, seconds=seconds, redirects=redirects)
        if len(found.body) > maximum_bytes:
            raise Refused("too_large")
        into.write(found.body)
        return Downloaded(found.url, found.content_type, len(found.body))
