"""Who may stand before the consent page, and which servers they may add a bot to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord import cdn, permissions
from sandbox.discord.models import Guild, User
from sandbox.scenario import cast

if TYPE_CHECKING:
    from sandbox.discord.world import World

MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Person:
    """A user as the pages show them."""

    id: int
    name: str
    username: str
    picture: str
    standing: str


def person(world: World, user: User) -> Person:
    """How the pages call someone."""
    return Person(user.id, user.global_name or user.username, user.username, picture(user), _standing(world, user))


def everyone(world: World) -> list[User]:
    """All who are no bots: the cast first, then by name."""
    humans = [user for user in world.users.values() if not user.is_bot]
    return sorted(humans, key=lambda one: (_place_in_cast(one), (one.global_name or one.username).casefold()))


def search(world: World, text: str) -> list[Person]:
    """The first people, in the order of `everyone`, whose name or nickname holds `text`."""
    wanted = text.strip().casefold()
    found = []
    for user in everyone(world):
        if wanted and not any(wanted in name.casefold() for name in _names(world, user)):
            continue
        found.append(person(world, user))
        if len(found) == MOST_SHOWN:
            break
    return found


def by_hint(world: World, hint: str) -> User | None:
    """The person meant by an id or a name, if there is exactly that one."""
    if hint.isdecimal():
        user = world.users.get(int(hint))
        return user if user is not None and not user.is_bot else None
    wanted = hint.casefold()
    named = [
        user
        for user in world.users.values()
        if not user.is_bot and wanted in (user.username.casefold(), (user.global_name or "").casefold())
    ]
    return named[0] if len(named) == 1 else None


def manageable_guilds(world: World, user_id: int) -> list[Guild]:
    """The servers where this person has Manage Server, in order of name."""
    guilds = [guild for guild in world.guilds.values() if may_manage(guild, user_id)]
    return sorted(guilds, key=lambda guild: guild.name.casefold())


def may_manage(guild: Guild, user_id: int) -> bool:
    """True for a member with Manage Server."""
    member = guild.members.get(user_id)
    return member is not None and bool(permissions.guild_permissions(guild, member) & permissions.MANAGE_GUILD)


def picture(user: User) -> str:
    """Where the person's avatar is."""
    made = cdn.avatar_hash(user)
    if made is None:
        return f"/cdn/embed/avatars/{(user.id >> 22) % 6}.png"
    return f"/cdn/avatars/{user.id}/{made}.png"


def _place_in_cast(user: User) -> int:
    ids = [one.id for one in cast.CAST]
    return ids.index(user.id) if user.id in ids else len(ids)


def _names(world: World, user: User) -> list[str]:
    nicks = [guild.members[user.id].nick for guild in world.guilds.values() if user.id in guild.members]
    return [name for name in (user.username, user.global_name, *nicks) if name]


def _standing(world: World, user: User) -> str:
    owned = [guild.name for guild in world.guilds.values() if guild.owner_id == user.id]
    if owned:
        return f"owns {', '.join(owned)}"
    for guild in world.guilds.values():
        member = guild.members.get(user.id)
        if member is not None:
            roles = [guild.roles[role_id].name for role_id in member.role_ids if role_id in guild.roles]
            return f"{', '.join(roles)} in {guild.name}" if roles else f"member of {guild.name}"
    return "in no server"
