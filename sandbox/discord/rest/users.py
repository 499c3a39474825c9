"""Users: oneself, others, one's guilds, direct messages."""

from typing import Any

from sandbox.discord import cdn, payloads, permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Guild, Json
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.rest.validation import Form


@route("GET", "/users/@me", auth=("bot", "bearer"))
async def get_own_user(call: Call) -> Json:
    """The bot, or the person behind a bearer token (scope `identify`; `email` adds the address)."""
    if call.bearer is None:
        return payloads.own_user(call.actor)
    if "identify" not in call.bearer.scopes:
        raise DiscordError(Code.MISSING_OAUTH_SCOPE)
    payload = payloads.own_user(call.actor)
    if "email" in call.bearer.scopes:
        payload["email"] = f"{call.actor.username}@example.com"
    else:
        del payload["email"], payload["verified"]
    return payload


@route("PATCH", "/users/@me", limit=(2, 3600.0))
async def edit_own_user(call: Call) -> Json:
    """The bot's own name."""
    form = Form(call.fields())
    username = form.text("username", shortest=2, longest=32)
    form.check()
    if username is not None:
        call.world.edit_user(call.actor, username=username)
    return payloads.own_user(call.actor)


@route("GET", "/users/@me/guilds", auth=("bot", "bearer"), limit=(5, 5.0))
async def list_own_guilds(call: Call) -> list[Json]:
    """The caller's guilds by id, with what they may do there (scope `guilds`)."""
    if call.bearer is not None and "guilds" not in call.bearer.scopes:
        raise DiscordError(Code.MISSING_OAUTH_SCOPE)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=200) or 200
    after = form.snowflake("after") or 0
    before = form.snowflake("before")
    form.check()
    own = [one for _, one in sorted(call.world.guilds.items()) if call.actor.id in one.members and one.id > after]
    if before is not None:
        own = [one for one in own if one.id < before][-limit:]
    return [_own_guild(call, one, call.query.get("with_counts") == "true") for one in own[:limit]]


@route("GET", "/users/@me/guilds/{guild_id}/member", auth=("bearer",))
async def get_own_member(call: Call) -> Json:
    """One's own membership (scope `guilds.members.read`)."""
    if call.bearer is None or "guilds.members.read" not in call.bearer.scopes:
        raise DiscordError(Code.MISSING_OAUTH_SCOPE)
    guild = call.world.guilds.get(call.params["guild_id"])
    if guild is None or call.actor.id not in guild.members:
        raise DiscordError(Code.UNKNOWN_GUILD)
    return payloads.member(guild.members[call.actor.id])


@route("DELETE", "/users/@me/guilds/{guild_id}")
async def leave_guild(call: Call) -> None:
    """Leaves a guild."""
    guild, membership = access.guild_of(call)
    if membership.user.id == guild.owner_id:
        raise DiscordError(Code.MISSING_PERMISSIONS)
    call.world.leave(guild, membership.user.id)


@route("POST", "/users/@me/channels")
async def open_direct_message(call: Call) -> Json:
    """The direct message channel with someone."""
    form = Form(call.fields())
    recipient_id = form.snowflake("recipient_id", required=True)
    form.check()
    if recipient_id == call.actor.id or recipient_id not in call.world.users:
        raise DiscordError(Code.INVALID_RECIPIENT)
    channel = call.world.open_direct_message(call.actor.id, recipient_id)
    payload = payloads.channel(channel)
    payload["recipients"] = [one for one in payload["recipients"] if one["id"] != str(call.actor.id)]
    return payload


@route("GET", "/users/{user_id}", limit=(30, 30.0))
async def get_user(call: Call) -> Json:
    """Any user."""
    return payloads.user(access.user_of(call, call.params["user_id"]))


def _own_guild(call: Call, guild: Guild, with_counts: bool) -> Json:
    bits = permissions.guild_permissions(guild, guild.members[call.actor.id])
    payload: dict[str, Any] = {
        "id": str(guild.id),
        "name": guild.name,
        "icon": cdn.icon_hash(guild),
        "banner": None,
        "owner": guild.owner_id == call.actor.id,
        "permissions": str(bits),
        "features": ["COMMUNITY", "NEWS"],
    }
    if with_counts:
        payload |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
    return payload
