"""One panel (`flask up`) and one Discord for all browser tests, and people in front of real pages.

What each page does wrong is collected while it is used and judged when the test is over: words on the console, refused
content, requests to other hosts; then axe looks at it in light and dark, on a desk and on a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, StorageState

from tests.browser.chromium import shared_chromium
from tests.browser.visitor import Visitor
from tests.journeys.steps import let_the_bot_in, set_up, state
from tests.servers.panel import OneProcess
from tests.servers.person import Person
from tests.servers.sandbox import ALICE, SERVER_A, Sandbox


@dataclass
class Village:
    """Server A, connected by Alice; and server C, which waits to be."""

    panel: OneProcess
    discord: Sandbox
    owner: Person
    sessions: dict[int, StorageState] = field(default_factory=dict)
    """Cookies of who has signed in: each does so once, as the limit of sign-ins counts by address."""

    @property
    def url(self) -> str:
        return self.panel.url

    def path(self, rest: str = "", guild_id: int = SERVER_A) -> str:
        """An address below a community."""
        return f"{self.url}/servers/{guild_id}{rest}"

    def channel(self, name: str, guild_id: int = SERVER_A) -> int:
        """A channel's id by its name."""
        return next(int(c["id"]) for c in state(self.discord, guild_id)["channels"] if c["name"] == name)

    def say(self, author: int, content: str, channel: str = "general") -> int:
        """A message in server A; answers its id."""
        sent = self.discord.act(author, "message.create", channel_id=self.channel(channel), content=content)
        return int(sent["id"])

    def knows(self, message_id: int) -> bool:
        """True once the archive has the message."""
        return self.owner.ask("GET", f"/servers/{SERVER_A}/messages/{message_id}").status_code == 200

    def newcomer(self, name: str) -> int:
        """Somebody new joins server A."""
        made = self.discord.act(ALICE, "user.create", username=name, global_name=name.replace("_", " ").title())
        self.discord.act(int(made["id"]), "member.join", guild_id=SERVER_A)
        return int(made["id"])


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    with ExitStack() as running:
        discord = Sandbox("--scenario", "small")
        running.callback(discord.stop)
        discord.post("/sandbox/gateway/settings", identify_spacing=0)
        address = discord.url.removeprefix("http://")
        folder = tmp_path_factory.mktemp("browser")
        panel = OneProcess(discord, folder, OUTBOUND_ALLOW=address, DISCORD_CDN_HOSTS=address)
        running.callback(panel.stop)
        let_the_bot_in(discord, SERVER_A, ALICE)
        alice = Person(panel.url, discord, ALICE)
        alice.sign_in()
        alice.install(SERVER_A)
        set_up(alice, SERVER_A)
        yield Village(panel, discord, alice)


@pytest.fixture
def visit(village: Village) -> Iterator[Callable[..., Visitor]]:
    """`visit(user_id, path)` opens a browser of one's own, signs in at the consent page, and goes there."""
    visitors: list[Visitor] = []

    def start(user_id: int | None = None, path: str = "/servers", *, may_answer: int | None = None) -> Visitor:
        known = village.sessions.get(user_id or 0)
        visitor = Visitor(shared_chromium(), village.panel.url, village.discord.url, known)
        visitors.append(visitor)
        if may_answer is not None:
            visitor.may_answer(may_answer)
        if known is not None:
            visitor.page.goto(village.url + path)
        elif user_id is not None:
            visitor.sign_in(user_id, path)
            village.sessions[user_id] = visitor.context.storage_state()
        return visitor

    yield start
    wrong = [line for visitor in visitors for line in visitor.leave()]
    assert not wrong, "\n".join(["the pages were not in order:", *wrong])


@pytest.fixture
def alice(visit: Callable[..., Visitor]) -> Page:
    """Alice's page, signed in, at her list of communities."""
    page: Page = visit(ALICE).page
    return page
