"""What people do at the panel, step by step, each waiting for what a person would wait for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from tests.servers.person import Person, form_fields, words_of
from tests.servers.sandbox import Sandbox

SECONDS = 60
VIEW_CHANNEL = 1 << 10


def until(claim: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """The first true answer of `claim()`; fails with `what` where none comes."""
    ends = time.monotonic() + seconds
    while not (found := claim()):
        assert time.monotonic() < ends, f"{what} did not happen within {seconds} s"
        time.sleep(0.4)
    return found


def let_the_bot_in(sandbox: Sandbox, guild_id: int, owner_id: int) -> None:
    """Open the staff's hidden channels to the bot, as an owner does who wants alerts there."""
    bot = sandbox.credentials["bot_user_id"]
    for channel in state(sandbox, guild_id)["channels"]:
        if any(o["id"] == str(guild_id) and int(o["deny"]) & VIEW_CHANNEL for o in channel["permission_overwrites"]):
            sandbox.act(
                owner_id,
                "channel.overwrite",
                channel_id=int(channel["id"]),
                overwrite_id=bot,
                type=1,
                allow=str(VIEW_CHANNEL),
                deny="0",
            )


def set_up(person: Person, guild_id: int) -> None:
    """Wait for the steps to finish, choose what is kept, confirm the channels."""
    page = f"/servers/{guild_id}/set-up"
    until(lambda: 'hx-trigger="every' not in person.get(page).text, "the set-up")
    steps = person.get(page)
    assert steps.status_code == 200 and "/set-up/retries" not in steps.text, words_of(steps)
    chosen = person.post(f"{page}/archive", {"retention": "365", "purpose": "moderation"})
    assert chosen.status_code == 200, words_of(chosen)
    confirmed = person.post(f"{page}/channels", form_fields(chosen, "/set-up/channels"))
    assert confirmed.status_code == 200, words_of(confirmed)


def find(person: Person, guild_id: int, query: str) -> requests.Response:
    """The messages page for a query."""
    return person.ask("GET", f"/servers/{guild_id}/messages", params={"q": query})


def comes_up(person: Person, guild_id: int, query: str, text: str) -> requests.Response:
    """The page once the search finds `text`."""

    def found() -> requests.Response | None:
        page = find(person, guild_id, query)
        return page if text in words_of(page) else None

    return until(found, f"{text!r} among the hits of {query!r}")


def act(person: Person, guild_id: int, user_id: int, noun: str, **typed: str) -> requests.Response:
    """Open the question of an act, fill it in, send it."""
    address = f"/servers/{guild_id}/members/{user_id}/{noun}"
    question = person.get(f"{address}/new")
    assert question.status_code == 200, words_of(question)
    return person.post(address, {**form_fields(question, f"/{noun}"), **typed})


def case_that_says(person: Person, guild_id: int, *words: str) -> str:
    """The text of the newest case that carries all these words."""

    def found() -> str | None:
        listing = person.get(f"/servers/{guild_id}/cases")
        for number in sorted(_numbers(listing.text, guild_id), reverse=True):
            told = words_of(person.get(f"/servers/{guild_id}/cases/{number}"))
            if all(word in told for word in words):
                return told
        return None

    return str(until(found, f"a case that says {words}"))


def _numbers(html: str, guild_id: int) -> set[int]:
    before = f"/servers/{guild_id}/cases/"
    found = set()
    for part in html.split(before)[1:]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if digits:
            found.add(int(digits))
    return found


def is_banned(sandbox: Sandbox, guild_id: int, user_id: int) -> bool:
    """What Discord itself says."""
    return any(
        str(ban["user"]["id"] if "user" in ban else ban) == str(user_id) for ban in state(sandbox, guild_id)["bans"]
    )


def state(sandbox: Sandbox, guild_id: int) -> dict[str, Any]:
    """The guild as the sandbox has it."""
    return dict(sandbox.get(f"/sandbox/state/{guild_id}"))
