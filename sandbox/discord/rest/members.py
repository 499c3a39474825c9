"""Members: listing, searching, changing, adding, kicking, and their roles."""

from datetime import timedelta
from typing import Any

from sandbox.discord import payloads, permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Guild, Json, Member
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Answer, Call, route
from sandbox.discord.rest.validation import Form, invalid_form, problem

MEMBER = "/guilds/{guild_id}/members/{user_id}"
LONGEST_TIMEOUT = timedelta(days=28)


@route("GET", "/guilds/{guild_id}/members", limit=(10, 10.0))
async def list_members(call: Call) -> list[Json]:
    """Members by user id, in pages of up to 1,000."""
    guild, _ = access.guild_of(call)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=1000) or 1
    after = form.snowflake("after") or 0
    form.check()
    user_ids = sorted(one for one in guild.members if one > after)[:limit]
    return [payloads.member(guild.members[one]) for one in user_ids]


@route("GET", "/guilds/{guild_id}/members/search", limit=(10, 10.0))
async def search_members(call: Call) -> list[Json]:
    """Members whose user name or nickname begins with the query."""
    guild, _ = access.guild_of(call)
    form = Form(dict(call.query))
    prefix = (form.text("query", shortest=1, longest=100, required=True) or "").casefold()
    limit = form.integer("limit", least=1, most=1000) or 1
    form.check()
    found = [one for one in guild.members.values() if _is_called(one, prefix)]
    return [payloads.member(one) for one in found[:limit]]


@route("GET", MEMBER)
async def get_member(call: Call) -> Json:
    """One member."""
    guild, _ = access.guild_of(call)
    return payloads.member(access.member_of(guild, call.params["user_id"]))


@route("PATCH", "/guilds/{guild_id}/members/@me")
async def edit_own_member(call: Call) -> Json:
    """The caller's own nickname."""
    guild, membership = access.guild_of(call, permissions.CHANGE_NICKNAME)
    form = Form(call.fields())
    nick = form.text("nick", longest=32)
    form.check()
    if form.given("nick"):
        call.world.edit_member(guild, membership, call.actor.id, reason=call.reason, nick=nick or None)
    return payloads.member(membership)


@route("PATCH", MEMBER, limit=(10, 10.0))
async def edit_member(call: Call) -> Json:
    """Changes nickname, roles or timeout of a member below the caller."""
    guild, actor = access.guild_of(call)
    target = access.member_of(guild, call.params["user_id"])
    form = Form(call.fields())
    new: dict[str, Any] = {}
    if form.given("nick"):
        new["nick"] = form.text("nick", longest=32) or None
    if form.given("roles"):
        new["role_ids"] = form.snowflakes("roles", longest=250) or []
    if form.given("communication_disabled_until"):
        new["timed_out_until"] = form.moment("communication_disabled_until")
    form.check()
    _check_nick(call, guild, actor, target, new)
    _check_timeout(call, guild, actor, target, new)
    if "role_ids" in new:
        new["role_ids"] = _checked_roles(call, guild, actor, target, new["role_ids"])
    call.world.edit_member(guild, target, call.actor.id, reason=call.reason, **new)
    return payloads.member(target)


@route("PUT", MEMBER, limit=(10, 10.0))
async def add_member(call: Call) -> Answer:
    """Adds a person who granted `guilds.joins`; 204 where they are a member already, 40007 where banned."""
    guild, _ = access.guild_of(call, permissions.CREATE_INSTANT_INVITE)
    form = Form(call.fields())
    token = form.text("access_token", required=True)
    nick = form.text("nick", longest=32)
    form.check()
    grant = call.world.access_tokens.get(token or "")
    user = access.user_of(call, call.params["user_id"])
    if grant is None or grant.user_id != user.id or "guilds.join" not in grant.scopes:
        raise DiscordError(Code.INVALID_OAUTH_TOKEN)
    if user.id in guild.bans:
        raise DiscordError(Code.BANNED_USER)
    if user.id in guild.members:
        return Answer(204)
    membership = call.world.join(guild, user)
    if nick:
        call.world.edit_member(guild, membership, call.actor.id, nick=nick)
    return Answer(201, payloads.member(membership))


@route("DELETE", MEMBER, limit=(5, 1.0))
async def kick_member(call: Call) -> None:
    """Kicks a member below the caller."""
    guild, actor = access.guild_of(call, permissions.KICK_MEMBERS)
    target = access.member_of(guild, call.params["user_id"])
    access.must_outrank(guild, actor, target)
    call.world.kick(guild, target.user.id, call.actor.id, reason=call.reason)


@route("PUT", MEMBER + "/roles/{role_id}", bucket="member roles", limit=(10, 10.0))
async def add_role(call: Call) -> None:
    """Gives a role below the caller's highest."""
    guild, target, role_id = _role_change(call)
    if role_id not in target.role_ids:
        role_ids = [*target.role_ids, role_id]
        call.world.edit_member(guild, target, call.actor.id, reason=call.reason, role_ids=role_ids)


@route("DELETE", MEMBER + "/roles/{role_id}", bucket="member roles", limit=(10, 10.0))
async def remove_role(call: Call) -> None:
    """Takes a role away."""
    guild, target, role_id = _role_change(call)
    role_ids = [one for one in target.role_ids if one != role_id]
    call.world.edit_member(guild, target, call.actor.id, reason=call.reason, role_ids=role_ids)


def _is_called(membership: Member, prefix: str) -> bool:
    user = membership.user
    names = (user.username, user.global_name or "", membership.nick or "")
    return any(name.casefold().startswith(prefix) for name in names)


def _check_nick(call: Call, guild: Guild, actor: Member, target: Member, new: dict[str, Any]) -> None:
    if "nick" not in new:
        return
    bits = access.guild_bits(call, guild, actor)
    if target is actor:
        access.demand(bits, permissions.CHANGE_NICKNAME)
        return
    access.demand(bits, permissions.MANAGE_NICKNAMES)
    access.must_outrank(guild, actor, target)


def _check_timeout(call: Call, guild: Guild, actor: Member, target: Member, new: dict[str, Any]) -> None:
    if "timed_out_until" not in new:
        return
    access.demand(access.guild_bits(call, guild, actor), permissions.MODERATE_MEMBERS)
    access.must_outrank(guild, actor, target)
    until = new["timed_out_until"]
    is_administrator = permissions.guild_permissions(guild, target) & permissions.ADMINISTRATOR
    if until is not None and is_administrator:
        raise DiscordError(Code.MISSING_PERMISSIONS)
    if until is not None and until > call.world.clock.now() + LONGEST_TIMEOUT + timedelta(minutes=1):
        why = "Cannot time a member out for more than 28 days."
        raise invalid_form({"communication_disabled_until": problem("GUILD_MEMBER_TIMEOUT_TOO_LONG", why)})
    if until is not None and until <= call.world.clock.now():
        new["timed_out_until"] = None


def _checked_roles(call: Call, guild: Guild, actor: Member, target: Member, wanted: list[int]) -> list[int]:
    access.demand(access.guild_bits(call, guild, actor), permissions.MANAGE_ROLES)
    wanted = list(dict.fromkeys(wanted))
    for role_id in set(wanted) ^ set(target.role_ids):
        role = access.role_of(guild, role_id)
        if role.managed or role.id == guild.id:
            raise DiscordError(Code.INVALID_ROLE)
        access.must_outrank_role(guild, actor, role)
    return wanted


def _role_change(call: Call) -> tuple[Guild, Member, int]:
    guild, actor = access.guild_of(call, permissions.MANAGE_ROLES)
    target = access.member_of(guild, call.params["user_id"])
    role = access.role_of(guild, call.params["role_id"])
    if role.managed or role.id == guild.id:
        raise DiscordError(Code.INVALID_ROLE)
    access.must_outrank_role(guild, actor, role)
    return guild, target, role.id
