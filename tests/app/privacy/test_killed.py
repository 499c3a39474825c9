"""Real processes, killed for good in the middle: the next one goes on, and the numbers are right."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.claimable import JobState
from app.db.scope import all_tenants, tenant_scope
from app.domain.messages.models import Message, MessageTerm
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.privacy.models import Erasure
from app.extensions import db
from tests.app.messages_web.conftest import FIRST_MOMENT_MS, GATEWAY, A, Village, message_id, payload
from tests.app.privacy.conftest import counted
from tests.environment import environment
from tests.servers.process import REPOSITORY
from tests.servers.sandbox import SERVER_A, VERA

pytestmark = pytest.mark.processes

PERSON, MESSAGES, KILLS = 287654321098765432, 1_500, 3
LEASE_SCALE = "60"
"""A killed claim is free again after a second."""


def _start(database_url: str, folder: Path) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("flask")), "privacy", "erase"]
    command += ["--user", str(PERSON), "--tenant", str(SERVER_A)]
    env = {**os.environ, **environment(database_url, folder, TIME_SCALE=LEASE_SCALE)}
    env.pop("DISCORD_TOKEN", None)
    return subprocess.Popen(command, cwd=REPOSITORY, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _left() -> int:
    return counted(Message, author_id=PERSON)


def _killed_once_something_went(process: subprocess.Popen[str]) -> None:
    before, deadline = _left(), time.monotonic() + 30
    while _left() == before and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_an_erasure_that_is_killed_again_and_again_ends_with_the_right_numbers(
    village: Village, database_url: str, folder: Path
) -> None:
    """T43"""
    texts = [payload(n, f"word{n} <@{VERA}>", author=PERSON) for n in range(MESSAGES)]
    texts += [payload(MESSAGES + n, f"<@{PERSON}> said word{n}", author=VERA) for n in range(300)]
    for start in range(0, len(texts), 300):
        index_batch(
            GATEWAY, [ArchiveRecord(A, RecordKind.CREATED, one, FIRST_MOMENT_MS) for one in texts[start : start + 300]]
        )
    with tenant_scope(A):
        terms_of_others = set(db.session.scalars(select(MessageTerm.message_id).distinct()).all()) - {
            message_id(n) for n in range(MESSAGES)
        }

    for _kill in range(KILLS):
        _killed_once_something_went(_start(database_url, folder))
    assert 0 < _left() < MESSAGES
    out, problems = _start(database_url, folder).communicate(timeout=120)

    assert _left() == 0, problems
    told = json.loads(json.loads(out)["receipt"])
    assert (told["deleted"]["messages"], told["deleted"]["redacted_messages"]) == (MESSAGES, 300)
    db.session.rollback()
    with all_tenants(reason="the test looks at the order"):
        erasure = db.session.scalars(select(Erasure)).one()
        assert erasure.state == JobState.DONE and erasure.user_id is None
    with tenant_scope(A):
        assert set(db.session.scalars(select(MessageTerm.message_id).distinct())) == terms_of_others
        assert not db.session.scalars(select(Message.id).where(Message.content.like(f"%{PERSON}%"))).all()
