"""Bans, one by one and in bulk."""

from sandbox.discord import payloads, permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Guild, Json, Member
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.rest.validation import Form

LONGEST_DELETE_SECONDS = 604_800
MOST_AT_ONCE = 200


@route("GET", "/guilds/{guild_id}/bans")
async def list_bans(call: Call) -> list[Json]:
    """Bans by user id, in pages of up to 1,000."""
    guild, _ = access.guild_of(call, permissions.BAN_MEMBERS)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=1000) or 1000
    before = form.snowflake("before")
    after = form.snowflake("after")
    form.check()
    user_ids = sorted(guild.bans)
    if before is not None:
        user_ids = [one for one in user_ids if one < before][-limit:]
    elif after is not None:
        user_ids = [one for one in user_ids if one > after]
    return [payloads.ban(guild.bans[one]) for one in user_ids[:limit]]


@route("GET", "/guilds/{guild_id}/bans/{user_id}")
async def get_ban(call: Call) -> Json:
    """One ban, or 10026."""
    guild, _ = access.guild_of(call, permissions.BAN_MEMBERS)
    ban = guild.bans.get(call.params["user_id"])
    if ban is None:
        raise DiscordError(Code.UNKNOWN_BAN)
    return payloads.ban(ban)


@route("PUT", "/guilds/{guild_id}/bans/{user_id}", limit=(5, 1.0))
async def create_ban(call: Call) -> None:
    """Bans any user; members only below the caller."""
    guild, actor = access.guild_of(call, permissions.BAN_MEMBERS)
    form = Form(call.fields())
    delete_seconds = _delete_seconds(form)
    form.check()
    user = access.user_of(call, call.params["user_id"])
    if not _may_ban(guild, actor, user.id):
        raise DiscordError(Code.MISSING_PERMISSIONS)
    call.world.ban(guild, user.id, call.actor.id, reason=call.reason, delete_seconds=delete_seconds)


@route("DELETE", "/guilds/{guild_id}/bans/{user_id}", limit=(5, 1.0))
async def remove_ban(call: Call) -> None:
    """Lifts a ban."""
    guild, _ = access.guild_of(call, permissions.BAN_MEMBERS)
    if call.params["user_id"] not in guild.bans:
        raise DiscordError(Code.UNKNOWN_BAN)
    call.world.unban(guild, call.params["user_id"], call.actor.id, reason=call.reason)


@route("POST", "/guilds/{guild_id}/bulk-ban", limit=(5, 5.0))
async def bulk_ban(call: Call) -> Json:
    """Bans up to 200 at once; needs Ban Members and Manage Server. 500000 where nobody could be banned."""
    guild, actor = access.guild_of(call, permissions.BAN_MEMBERS | permissions.MANAGE_GUILD)
    form = Form(call.fields())
    user_ids = form.snowflakes("user_ids", longest=MOST_AT_ONCE, required=True) or []
    delete_seconds = _delete_seconds(form)
    form.check()
    banned: list[str] = []
    failed: list[str] = []
    for user_id in dict.fromkeys(user_ids):
        may = user_id in call.world.users and user_id not in guild.bans and _may_ban(guild, actor, user_id)
        (banned if may else failed).append(str(user_id))
        if may:
            call.world.ban(guild, user_id, call.actor.id, reason=call.reason, delete_seconds=delete_seconds)
    if not banned:
        raise DiscordError(Code.BULK_BAN_FAILED)
    return {"banned_users": banned, "failed_users": failed}


def _delete_seconds(form: Form) -> int:
    seconds = form.integer("delete_message_seconds", most=LONGEST_DELETE_SECONDS)
    days = form.integer("delete_message_days", most=7)
    return seconds if seconds is not None else (days or 0) * 86_400


def _may_ban(guild: Guild, actor: Member, user_id: int) -> bool:
    target = guild.members.get(user_id)
    if user_id in (guild.owner_id, actor.user.id):
        return False
    return target is None or permissions.outranks(guild, actor, target)
