"""Acting as anybody: each act is the REST call that this person's own client would make, with the same checks.

`POST /sandbox/act {"as": user, "do": "message.create", …}`; ids beside it fill the path, the rest is the body.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.discord import payloads
from sandbox.discord.clock import iso
from sandbox.discord.errors import Code, DiscordError, unauthorized
from sandbox.discord.interactions.acts import ACTS as INTERACTIONS
from sandbox.discord.models import Json, User
from sandbox.discord.rest import access, routing
from sandbox.discord.rest.routing import Answer, Call, UploadedFile
from sandbox.discord.rest.validation import Form, invalid_form, problem
from sandbox.discord.world import World

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
MEMBER = "/guilds/{guild_id}/members/{user_id}"
REST_ACTS: dict[str, tuple[str, str]] = {
    "message.create": ("POST", "/channels/{channel_id}/messages"),
    "message.get": ("GET", MESSAGE),
    "message.list": ("GET", "/channels/{channel_id}/messages"),
    "message.edit": ("PATCH", MESSAGE),
    "message.delete": ("DELETE", MESSAGE),
    "message.bulk_delete": ("POST", "/channels/{channel_id}/messages/bulk-delete"),
    "message.pin": ("PUT", "/channels/{channel_id}/messages/pins/{message_id}"),
    "message.unpin": ("DELETE", "/channels/{channel_id}/messages/pins/{message_id}"),
    "reaction.add": ("PUT", MESSAGE + "/reactions/{emoji}/@me"),
    "reaction.remove": ("DELETE", MESSAGE + "/reactions/{emoji}/@me"),
    "reaction.clear": ("DELETE", MESSAGE + "/reactions"),
    "typing": ("POST", "/channels/{channel_id}/typing"),
    "member.leave": ("DELETE", "/users/@me/guilds/{guild_id}"),
    "ban": ("PUT", "/guilds/{guild_id}/bans/{user_id}"),
    "unban": ("DELETE", "/guilds/{guild_id}/bans/{user_id}"),
    "bulk_ban": ("POST", "/guilds/{guild_id}/bulk-ban"),
    "kick": ("DELETE", MEMBER),
    "role.add": ("PUT", MEMBER + "/roles/{role_id}"),
    "role.remove": ("DELETE", MEMBER + "/roles/{role_id}"),
    "role.create": ("POST", "/guilds/{guild_id}/roles"),
    "role.edit": ("PATCH", "/guilds/{guild_id}/roles/{role_id}"),
    "role.delete": ("DELETE", "/guilds/{guild_id}/roles/{role_id}"),
    "channel.create": ("POST", "/guilds/{guild_id}/channels"),
    "channel.edit": ("PATCH", "/channels/{channel_id}"),
    "channel.delete": ("DELETE", "/channels/{channel_id}"),
    "channel.overwrite": ("PUT", "/channels/{channel_id}/permissions/{overwrite_id}"),
    "channel.overwrite_delete": ("DELETE", "/channels/{channel_id}/permissions/{overwrite_id}"),
    "thread.create": ("POST", "/channels/{channel_id}/threads"),
    "thread.create_on_message": ("POST", MESSAGE + "/threads"),
    "thread.edit": ("PATCH", "/channels/{channel_id}"),
    "thread.join": ("PUT", "/channels/{channel_id}/thread-members/@me"),
    "thread.leave": ("DELETE", "/channels/{channel_id}/thread-members/@me"),
    "webhook.create": ("POST", "/channels/{channel_id}/webhooks"),
    "webhook.delete": ("DELETE", "/webhooks/{webhook_id}"),
    "guild.edit": ("PATCH", "/guilds/{guild_id}"),
    "dm.open": ("POST", "/users/@me/channels"),
}
OWN = frozenset({"as", "do", "reason", "files"})


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what, with which words."""

    world: World
    actor: User
    fields: Json

    def snowflake(self, name: str) -> int:
        """A field that has to be an id. Raises 50035."""
        form = Form(self.fields)
        number = form.snowflake(name, required=True)
        form.check()
        return number or 0


Special = Callable[[Act], Awaitable[Any]]
_special: dict[str, Special] = {}


def act(name: str) -> Callable[[Special], Special]:
    """Adds an act that is no REST call. It answers JSON, or raises DiscordError."""

    def add(handler: Special) -> Special:
        _special[name] = handler
        return handler

    return add


def known_acts() -> list[str]:
    """Every name that `do` may have."""
    return sorted({*REST_ACTS, *INTERACTIONS, *_special})


async def perform(world: World, request: Mapping[str, Any]) -> Answer:
    """Does what a control call asks for. Raises DiscordError with Discord's own codes."""
    name = str(request.get("do"))
    form = Form(dict(request))
    actor_id = form.snowflake("as", required=name != "user.create") or 0
    if name not in known_acts():
        form.refuse("do", "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(known_acts())}}}.")
    form.check()
    actor = world.users.get(actor_id)
    if actor is None and name not in ("user.create", "member.join"):
        raise DiscordError(Code.UNKNOWN_USER)
    if name in INTERACTIONS:
        return Answer(200, await INTERACTIONS[name](world, dict(request)))
    if name in _special:
        fields = {key: value for key, value in request.items() if key != "do"}
        return Answer(200, await _special[name](Act(world, actor or User(actor_id, ""), fields)))
    if actor is None:
        raise unauthorized()
    return await _call(world, actor, name, request)


async def _call(world: World, actor: User, name: str, request: Mapping[str, Any]) -> Answer:
    method, template = REST_ACTS[name]
    path = template
    fields = {key: value for key, value in request.items() if key not in OWN}
    for part in template.split("/"):
        if part.startswith("{"):
            if part[1:-1] not in fields:
                raise invalid_form({part[1:-1]: problem("BASE_TYPE_REQUIRED", "This field is required")})
            path = path.replace(part, str(fields.pop(part[1:-1])))
    if "guild_id" not in template:
        fields.pop("guild_id", None)
    call = Call(world, method, path, actor, body=fields, reason=request.get("reason") or None)
    call.query = {key: str(value) for key, value in fields.items()} if method == "GET" else {}
    call.files = _files(request.get("files") or [])
    return await routing.perform(call)


def _files(files: list[Json]) -> list[UploadedFile]:
    read: list[UploadedFile] = []
    for index, one in enumerate(files):
        try:
            content = base64.b64decode(str(one.get("base64", "")), validate=True)
        except binascii.Error as error:
            wrong = problem("BASE_TYPE_CONVERT", "Not base64.")
            raise invalid_form({"files": {str(index): {"base64": wrong}}}) from error
        content_type = str(one.get("content_type", "application/octet-stream"))
        read.append(UploadedFile(index, str(one.get("filename", f"file{index}")), content_type, content))
    return read


@act("user.create")
async def create_user(one: Act) -> Json:
    """A new account; `username`, `global_name`, `id` may be given."""
    return payloads.user(_new_user(one, one.fields.get("id")))


@act("user.edit")
async def edit_user(one: Act) -> Json:
    """Renames the account (`username`, `global_name`)."""
    new = {name: one.fields[name] for name in ("username", "global_name") if name in one.fields}
    return payloads.user(one.world.edit_user(one.actor, **new))


@act("user.close_messages")
async def close_messages(one: Act) -> Json:
    """Refuses direct messages from now on, or takes them again with `closed: false`."""
    is_closed = bool(one.fields.get("closed", True))
    (one.world.closed_to_messages.add if is_closed else one.world.closed_to_messages.discard)(one.actor.id)
    return {"closed": is_closed}


@act("member.join")
async def join(one: Act) -> Json:
    """Joins a guild; an unknown `as` becomes a new account. 40007 for the banned."""
    guild = _guild(one)
    if one.actor.id in guild.bans:
        raise DiscordError(Code.BANNED_USER)
    user = one.world.users.get(one.actor.id) or _new_user(one, one.actor.id)
    return payloads.member(one.world.join(guild, user)) | {"guild_id": str(guild.id)}


@act("timeout")
async def time_out(one: Act) -> Any:
    """Times a member out for `seconds` (0 ends it)."""
    seconds = float(one.fields.get("seconds", 600))
    until = iso(one.world.clock.now() + timedelta(seconds=seconds)) if seconds > 0 else None
    return await _edit_member(one, {"communication_disabled_until": until})


@act("nick")
async def nick(one: Act) -> Any:
    """Changes somebody's nickname, or one's own."""
    return await _edit_member(one, {"nick": one.fields.get("nick")})


@act("automod.block")
async def block_message(one: Act) -> Json:
    """AutoMod keeps `content` from being posted in `channel_id` because of `keyword`; tells whoever manages the server."""
    guild = _guild(one)
    content, keyword = str(one.fields.get("content", "")), str(one.fields.get("keyword", ""))
    told: Json = {
        "guild_id": str(guild.id),
        "action": {"type": 1, "metadata": {}},
        "rule_id": str(guild.id + 9),
        "rule_trigger_type": 1,
        "user_id": str(one.actor.id),
        "channel_id": str(one.snowflake("channel_id")),
        "content": content,
        "matched_keyword": keyword,
        "matched_content": keyword,
    }
    one.world.emit("AUTO_MODERATION_ACTION_EXECUTION", guild.id, None, told)
    return told


@act("bot.install")
async def install_bot(one: Act) -> Json:
    """Installs the bot; needs Manage Server."""
    guild = _guild(one)
    membership = access.member_of(guild, one.actor.id)
    call = Call(one.world, "POST", "", one.actor)
    access.demand(access.guild_bits(call, guild, membership), 1 << 5)
    permissions = int(one.fields.get("permissions", 1 << 3))
    return payloads.member(one.world.install_bot(guild.id, permissions, one.actor.id))


def _guild(one: Act) -> Any:
    guild = one.world.guilds.get(one.snowflake("guild_id"))
    if guild is None:
        raise DiscordError(Code.UNKNOWN_GUILD)
    return guild


def _new_user(one: Act, wanted_id: object) -> User:
    user_id = int(str(wanted_id)) if wanted_id else one.world.snowflake()
    username = str(one.fields.get("username") or f"newcomer_{user_id % 100_000}")
    user = User(user_id, username, one.fields.get("global_name"), avatar_hue=user_id % 360)
    return one.world.users.setdefault(user.id, user)


async def _edit_member(one: Act, body: Json) -> Any:
    user_id = one.fields.get("user_id") or one.actor.id
    path = f"/guilds/{one.snowflake('guild_id')}/members/{user_id}"
    call = Call(one.world, "PATCH", path, one.actor, body=body, reason=one.fields.get("reason") or None)
    return (await routing.perform(call)).payload
