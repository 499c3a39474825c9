"""What staff did in the last hour before the pictures: acts of every kind and outcome, and people's changes of mind."""

from __future__ import annotations

import re
import time
from typing import Any

from scripts.visitor import ALICE, BOB, SERVER_A, Visitor
from tests.browser.drawing.stage import Stage

KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')
SECONDS_FOR_ECHO = 20
MEMBERS = f"/servers/{SERVER_A}/members"
BANS = "* /guilds/*/bans/*"


def let_things_happen(stage: Stage) -> None:
    """Bans, kicks and timeouts by page and by Discord, one that Discord refused, one that was lifted."""
    people = _people(stage)
    bob, alice = stage.visitor(BOB), stage.visitor(ALICE)
    timed_out, lifted, kicked, refused, banned, natively, unknown = people[:7]
    stage.known |= {"timed_out": timed_out, "kicked": kicked, "banned": banned, "refused": refused, "unknown": unknown}
    _ask(bob, timed_out, "timeouts", "Shouting in #general after two warnings", seconds="86400")
    _ask(bob, lifted, "timeouts", "Mistaken for somebody else", seconds="3600")
    _lift(stage, bob, lifted)
    _ask(alice, kicked, "kicks", "Advertising a rival sled shop, first time")
    stage.control("faults", route=BANS, status=403, code=50013, message="Missing Permissions", count=1)
    _ask(bob, refused, "bans", "Phishing link in #help", delete_message_seconds="3600", may_fail=True)
    stage.control("faults/clear")
    _ask(bob, banned, "bans", "Phishing link in #help, came back after the kick", delete_message_seconds="86400")
    stage.act(BOB, "ban", guild_id=SERVER_A, user_id=natively)
    _wait_for_ban(bob, natively)


def lose_an_answer(stage: Stage) -> None:
    """A ban of which Discord does not tell whether it happened."""
    _ask(stage.visitor(BOB), stage.known["unknown"], "bans", "Selling stolen sleds", may_fail=True)


def people_of(stage: Stage, guild_id: int) -> list[dict[str, Any]]:
    """A server's members as Discord has them, in the order in which they came; no bots."""
    return [one for one in stage.state(guild_id)["members"] if not one["user"].get("bot")]


def _people(stage: Stage) -> list[int]:
    """Members without a role: nobody of rank."""
    return [int(one["user"]["id"]) for one in people_of(stage, SERVER_A) if not one["roles"]][10:]


def _ask(who: Visitor, target: int, noun: str, reason: str, *, may_fail: bool = False, **fields: str) -> None:
    base = f"{MEMBERS}/{target}/{noun}"
    _send(who, base, reason=reason, may_fail=may_fail, key=_key(who.get(f"{base}/new")), **fields)


def _lift(stage: Stage, who: Visitor, target: int) -> None:
    page = who.get(f"/servers/{SERVER_A}/cases", about=str(target))
    found = re.search(r"/cases/(\d+)", page)
    assert found is not None, "the case list shows no case of the timeout"
    base = f"/servers/{SERVER_A}/cases/{found[1]}/lifting"
    stage.known["lifted_case"] = found[1]
    _send(who, base, reason="It was somebody else", key=_key(who.get(f"{base}/new")))


def _send(who: Visitor, path: str, *, reason: str, key: str, may_fail: bool = False, **fields: str) -> None:
    try:
        who.post(path, reason=reason, idempotency_key=key, **fields)
    except RuntimeError:
        if not may_fail:
            raise


def _key(page: str) -> str:
    found = KEY.search(page)
    assert found is not None, "the question has no key"
    return found[1]


def _wait_for_ban(who: Visitor, target: int) -> None:
    """Discord's own ban has come back by the audit log."""
    ends = time.monotonic() + SECONDS_FOR_ECHO
    while time.monotonic() < ends:
        if re.search(r"/cases/\d+", who.get(f"/servers/{SERVER_A}/cases", about=str(target))):
            return
        time.sleep(0.3)
    raise RuntimeError("a ban on Discord became no case")
