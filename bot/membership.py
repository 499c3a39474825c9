"""Telling the website which guilds the bot is in: the whole list at start, single joins and leaves after."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections import deque

import aiohttp

from app.config import Settings
from app.contracts.bot_api import NO_TENANT, Call, Direction, signed_headers
from app.contracts.membership import REPORT_PATH, REPORTER, MembershipReport, ReportKind

log = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=5, connect=1)
FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0


class MembershipReporter:
    """Reports go out in order, each repeated until the website has taken it; a whole list replaces what waits."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.web_internal_url
        self._secret = settings.bot_api_secrets[0]
        self._scale = settings.timings.scale
        self._waiting: deque[MembershipReport] = deque()
        self._wake = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self.last_code = ""

    def report(self, report: MembershipReport) -> None:
        """Queue one report."""
        if report.kind is ReportKind.ALL:
            self._waiting.clear()
        self._waiting.append(report)
        self._wake.set()

    @property
    def depth(self) -> int:
        """How many reports wait."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to send."""
        self._runner = asyncio.create_task(self._run(), name="membership reports")

    async def close(self) -> None:
        """Stop; what waits is told by the next start's whole list."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)

    async def _run(self) -> None:
        wait = FIRST_WAIT
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            while True:
                await self._wake.wait()
                if not self._waiting:
                    self._wake.clear()
                    continue
                report = self._waiting[0]
                if await self._sent(session, report):
                    wait = FIRST_WAIT
                    if self._waiting and self._waiting[0] is report:
                        self._waiting.popleft()
                else:
                    await asyncio.sleep(wait / self._scale)
                    wait = min(LONGEST_WAIT, wait * 2)

    async def _sent(self, session: aiohttp.ClientSession, report: MembershipReport) -> bool:
        body = json.dumps(report.to_json()).encode()
        call = Call(Direction.TO_WEB, "POST", REPORT_PATH, NO_TENANT, NO_TENANT, REPORTER, int(time.time()), body)
        headers = signed_headers(call, self._secret, secrets.token_hex(8)) | {"content-type": "application/json"}
        try:
            async with session.post(
                self._url + REPORT_PATH, data=body, headers=headers, allow_redirects=False
            ) as answer:
                self.last_code = "" if answer.status < 300 else f"status_{answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.last_code = type(error).__name__
        if self.last_code:
            log.warning("membership.not_reported", extra={"kind": report.kind, "code": self.last_code})
        return not self.last_code
