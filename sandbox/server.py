"""Builds the sandbox's one web application out of its parts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from sandbox import control_page, controls, pages, talk
from sandbox.discord import cdn, gateway
from sandbox.discord.keys import WORLD
from sandbox.discord.load import load_community, load_user
from sandbox.discord.oauth import authorize
from sandbox.discord.oauth.asked import LOOPBACK
from sandbox.discord.rest import (
    applications,
    attachments,
    audit_log,
    bans,
    channels,
    guilds,
    interactions,
    members,
    messages,
    oauth2,
    reactions,
    roles,
    search,
    threads,
    users,
    webhooks,
)
from sandbox.discord.rest import gateway as gateway_routes
from sandbox.discord.rest.transport import LARGEST_BODY, RestApi
from sandbox.discord.world import World
from sandbox.scenario import cast, second_server, small_community, third_server
from sandbox.scenario.model import Community

GUILDS_BY_LETTER = {"A": cast.GUILD_A, "B": cast.GUILD_B, "C": cast.GUILD_C}
INSTALLED_PERMISSIONS = 1 << 3
NOUNS = (
    applications,
    attachments,
    audit_log,
    bans,
    channels,
    gateway_routes,
    guilds,
    interactions,
    members,
    messages,
    oauth2,
    reactions,
    roles,
    search,
    threads,
    users,
    webhooks,
)
"""The files of REST routes: importing them is what serves them."""


@dataclass
class Sandbox:
    """A world, and the community (if any) that can keep talking in it."""

    world: World
    community: Community | None = None
    built_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """The moment that the scenario's past leads up to."""


def build_sandbox(seed: int, scenario: str, installed: tuple[str, ...] = (), now: datetime | None = None) -> Sandbox:
    """A world filled by a scenario: `community`, `small` or `empty`; the bot is in the guilds of these letters."""
    world = World(seed)
    if scenario == "empty":
        return Sandbox(world)
    moment = now or world.clock.now()
    community = build_community_of(scenario, seed, moment)
    assert community is not None
    for one in (community, second_server(seed, moment), third_server(seed, moment)):
        load_community(world, one)
    for person in cast.CAST:
        load_user(world, person)
    for letter in installed:
        world.install_bot(GUILDS_BY_LETTER[letter], INSTALLED_PERMISSIONS)
    return Sandbox(world, community, moment)


def build_community_of(scenario: str, seed: int, moment: datetime) -> Community | None:
    """The community that a scenario leads up to at `moment`; the same arguments give the same one."""
    if scenario == "empty":
        return None
    return _village(seed, moment) if scenario == "community" else small_community(seed, moment)


def build_application(
    sandbox: Sandbox, *, redirect_patterns: tuple[str, ...] = (LOOPBACK,), talk_seconds: float | None = None
) -> web.Application:
    """Every route of the sandbox on one port; with `talk_seconds` the community goes on talking at that pace."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[WORLD] = sandbox.world
    RestApi(sandbox.world).register(app)
    gateway.register(app, sandbox.world)
    authorize.register(app, redirect_patterns)
    pages.register(app)
    cdn.register(app)
    controls.register(app)
    control_page.register(app)
    if talk_seconds is not None and sandbox.community is not None:
        talk.register(app, sandbox.world, sandbox.community, talk_seconds)
    return app


def _village(seed: int, now: datetime) -> Community:
    from sandbox.scenario import build_community

    return build_community(seed, now)
