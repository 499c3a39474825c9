"""`GET /health`: `{status}` for anybody, the details for signed callers."""

from __future__ import annotations

from aiohttp import web

from bot.api.door import answer
from bot.api.keys import CALLER, PARTS


def register(app: web.Application) -> None:
    app.router.add_get("/health", health)


async def health(request: web.Request) -> web.StreamResponse:
    """`status` is `ok`, `starting`, `degraded` or `failed`."""
    details = request.app[PARTS].health()
    if CALLER not in request:
        return answer({"status": details["status"]})
    return answer(details)
