"""Builds the sandbox's one web application out of its parts."""

from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from sandbox import pages
from sandbox.discord import cdn, gateway
from sandbox.discord.keys import WORLD
from sandbox.discord.load import load_community, load_user
from sandbox.discord.oauth import authorize
from sandbox.discord.rest import gateway as gateway_routes
from sandbox.discord.rest import oauth2, users
from sandbox.discord.rest.transport import LARGEST_BODY, RestApi
from sandbox.discord.world import World
from sandbox.scenario import cast, second_server, small_community, third_server
from sandbox.scenario.model import Community

GUILDS_BY_LETTER = {"A": cast.GUILD_A, "B": cast.GUILD_B, "C": cast.GUILD_C}
INSTALLED_PERMISSIONS = 1 << 3
NOUNS = (gateway_routes, oauth2, users)
"""The files of REST routes: importing them is what serves them."""


@dataclass
class Sandbox:
    """A world, and the community (if any) that is to keep talking in it."""

    world: World
    community: Community | None = None
    installed: tuple[str, ...] = field(default_factory=tuple)


def build_sandbox(seed: int, scenario: str, installed: tuple[str, ...] = (), now: datetime | None = None) -> Sandbox:
    """A world filled by a scenario: `community`, `small` or `empty`; the bot is in the guilds of these letters."""
    world = World(seed)
    moment = now or world.clock.now()
    sandbox = Sandbox(world, installed=installed)
    if scenario == "empty":
        return sandbox
    if scenario == "community":
        from sandbox.scenario import build_community

        sandbox.community = build_community(seed, moment)
    else:
        sandbox.community = small_community(seed, moment)
    for community in (sandbox.community, second_server(seed, moment), third_server(seed, moment)):
        load_community(world, community)
    for person in cast.CAST:
        load_user(world, person)
    for letter in installed:
        world.install_bot(GUILDS_BY_LETTER[letter], INSTALLED_PERMISSIONS)
    return sandbox


def build_application(sandbox: Sandbox) -> web.Application:
    """Every route of the sandbox on one port."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[WORLD] = sandbox.world
    RestApi(sandbox.world).register(app)
    cdn.register(app)
    gateway.register(app, sandbox.world)
    authorize.register(app)
    pages.register(app)
    return app
