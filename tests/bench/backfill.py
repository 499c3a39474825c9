"""History beside everything else: how much of its share of the budget one back-fill uses, and what 20 cost a ban.

The real bot on MariaDB against the stand-in Discord with its limits on. The reference of the first is what design section
5 leaves to gaps and history; of the second the same bans with nothing running.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests
from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from app.contracts.bot_api import Act, Call, Direction, signed_headers
from app.db.claimable import JobState
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role
from app.domain.accounts.models import User
from app.domain.coverage import service as coverage
from app.domain.coverage.estimating import AT_ONCE
from app.domain.coverage.models import Backfill, CoverageInterval, Gap
from app.domain.coverage.service import RequestBackfill
from app.domain.staff.models import Membership
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db
from bot.budget import BACKGROUND_A_SECOND
from tests.bench.report import Figure, rate
from tests.bot.running import eventually
from tests.environment import BOT_SECRET, environment, settings
from tests.servers.database import private_database
from tests.servers.process import Process, python
from tests.servers.sandbox import ALICE, SERVER_A, Sandbox

CHANNELS = 20
MESSAGES = 3_000
BANS, ROUNDS = 4, 5
FIRST_TARGET = 210000000000001000
SHARE, SLOWER = 0.9, 1.5


def run(_scale: int) -> list[Figure]:
    """The figures `backfill.share` and `backfill.act`."""
    discord, server = Sandbox("--scenario", "small", "--installed", "A"), private_database()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _measured(discord, server.url("backfill"), Path(folder))
    finally:
        discord.stop()
        server.stop()


def _measured(discord: Sandbox, url: str, folder: Path) -> list[Figure]:
    discord.post("/sandbox/gateway/settings", identify_spacing=0)
    channels = [_talkative_channel(discord, number) for number in range(CHANNELS)]
    targets = [FIRST_TARGET + number for number in range(2 * BANS * ROUNDS + 2)]
    for target in targets:
        discord.act(target, "member.join", guild_id=SERVER_A)
    app = create_app(settings(url, folder))
    own = {
        "PORT": "0",
        "DISCORD_TOKEN": discord.credentials["bot_token"],
        "DISCORD_API_URL": discord.api_url,
        "WEB_INTERNAL_URL": "http://127.0.0.1:9",
    }
    with app.app_context():
        upgrade()
        tenant_id = _tenant()
        bot = _start(environment(url, folder, **own))
        try:
            return _figures(_Bench(bot.wait_for_line("bot ready").split()[-1], tenant_id, targets), channels)
        finally:
            bot.stop()
            db.session.remove()


def _start(whole: dict[str, str]) -> Process:
    """The bot as a process of its own: whoever waits for a ban is another one."""
    not_for_it = ("SECRET_KEYS", "DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET")
    return Process(python("-m", "bot"), environment={key: whole[key] for key in whole if key not in not_for_it})


class _Bench:
    def __init__(self, url: str, tenant_id: int, targets: list[int]) -> None:
        self.url = url
        self.tenant_id = tenant_id
        self.targets = targets

    def ban(self) -> float:
        """Seconds until a ban is applied, as the website waits for it."""
        target = f"/moderation/{Act.BAN}"
        body = json.dumps({"target_id": str(self.targets.pop()), "reason": "spam", "delete_message_seconds": 0})
        call = Call(
            Direction.TO_BOT, "POST", target, self.tenant_id, SERVER_A, str(ALICE), int(time.time()), body.encode()
        )
        headers = signed_headers(call, BOT_SECRET, "bench") | {"content-type": "application/json"}
        began = time.perf_counter()
        answer = requests.post(self.url + target, data=call.body, headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text
        return time.perf_counter() - began

    def is_connected(self) -> bool:
        return bool(requests.get(f"{self.url}/health", timeout=5).json()["status"] == "ok")

    def count(self, model: type, *conditions: object) -> int:
        db.session.rollback()
        with tenant_scope(self.tenant_id):
            return len(list(db.session.scalars(select(model.id).where(*conditions))))  # type: ignore[attr-defined,arg-type]

    def pages(self) -> int:
        db.session.rollback()
        with tenant_scope(self.tenant_id):
            return sum(db.session.scalars(select(Gap.pages)))


def _figures(bench: _Bench, channels: list[int]) -> list[Figure]:
    eventually(bench.is_connected, 60)
    bench.ban()
    with tenant_scope(bench.tenant_id), transaction():
        db.session.scalars(select(BotSettings)).one().archive_enabled = True
    eventually(lambda: bench.pages() > CHANNELS, 60)
    began, before = time.perf_counter(), bench.pages()
    eventually(lambda: bench.count(Backfill, Backfill.finished_at.is_(None)) == 0, 300, 0.2)
    pages_a_second = (bench.pages() - before) / (time.perf_counter() - began)
    _forget_what_came(bench)
    owner = Actor(ALICE, bench.tenant_id, SERVER_A, Role.OWNER)
    for channel_id in channels:
        with tenant_scope(bench.tenant_id):
            coverage.request_backfill(owner, RequestBackfill(channel_id, 30))
    already = bench.pages()
    eventually(lambda: bench.pages() > already, 60)
    idle, beside, left = [], [], 0
    for _round in range(ROUNDS):
        _each(bench, owner, coverage.cancel_backfill)
        time.sleep(1)
        idle += [bench.ban() for _ban in range(BANS)]
        _each(bench, owner, coverage.resume_backfill)
        eventually(lambda: bench.count(Gap, Gap.state == JobState.IN_PROGRESS) >= AT_ONCE // 2, 30)
        beside += [bench.ban() for _ban in range(BANS)]
        left = bench.count(Backfill, Backfill.finished_at.is_(None))
        assert left, "the back-fills ran while people were banned"
    share = rate("backfill.share", [pages_a_second], [BACKGROUND_A_SECOND], SHARE, "pages/s", "its share of the budget")
    act = rate("backfill.act", beside, idle, SLOWER, "s", f"a ban with nothing running ({left} of 20 ran to the last)")
    return [share, Figure(act.name, act.ours, act.reference, SLOWER, "lower", act.unit, act.against)]


def _each(bench: _Bench, owner: Actor, verb: Callable[[Actor, int], Backfill]) -> None:
    """Stop or go on with every back-fill that is not over."""
    db.session.rollback()
    with tenant_scope(bench.tenant_id):
        wanted = list(db.session.scalars(select(Backfill.id).where(Backfill.finished_at.is_(None))))
        for backfill_id in wanted:
            verb(owner, backfill_id)


def _forget_what_came(bench: _Bench) -> None:
    """So that it can be fetched once more."""
    with tenant_scope(bench.tenant_id), transaction():
        for row in db.session.scalars(select(CoverageInterval).where(CoverageInterval.until_id.is_(None))):
            row_first = (round(time.time() * 1000) - 1_420_070_400_000) << 22
            db.session.add(CoverageInterval(channel_id=row.channel_id, first_id=row_first))
            db.session.delete(row)


def _talkative_channel(discord: Sandbox, number: int) -> int:
    made = discord.act(ALICE, "channel.create", guild_id=SERVER_A, name=f"busy-{number}", type=0)
    said = {"channel_id": made["id"], "count": MESSAGES, "content": "flake {n} falls beside the others"}
    discord.post("/sandbox/burst", **{"as": str(ALICE)}, **said)
    return int(made["id"])


def _tenant() -> int:
    with transaction():
        db.session.add(User(id=ALICE, username="alice", display_name="Alice"))
        db.session.flush()
        tenant = Tenant(guild_id=SERVER_A, slug="a", name="A", owner_id=ALICE)
        db.session.add(tenant)
        db.session.flush()
        db.session.add(Membership(tenant_id=tenant.id, user_id=ALICE, role=int(Role.OWNER)))
        with tenant_scope(tenant.id):
            db.session.add(BotSettings(archive_enabled=False))
    return tenant.id
