"""What of an event one session gets to see, and how it is tailored to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord import permissions
from sandbox.discord.gateway.intents import Intent, hides_content, wants, without_content
from sandbox.discord.models import Dispatch, Guild

if TYPE_CHECKING:
    from sandbox.discord.gateway.session import Session
    from sandbox.discord.world import World

# Discord lists all channels to bots, also those that they may not open, and keeps that list current.
_SEEN_BY_ALL = frozenset({"CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "INTERACTION_CREATE"})
_OPENS_GUILD = frozenset({"GUILD_CREATE", "INTERACTION_CREATE"})
_OWN_MEMBER_EVENTS = frozenset({"GUILD_MEMBER_UPDATE"})


def reaches(world: World, session: Session, dispatch: Dispatch) -> bool:
    """True if the session's shard, intents and permissions let this event through."""
    if dispatch.user_id is not None and dispatch.user_id != world.bot_user.id:
        return False
    if not session.serves(dispatch.guild_id):
        return False
    is_told_of = dispatch.guild_id is None or dispatch.guild_id in session.guild_ids
    if not is_told_of and dispatch.name not in _OPENS_GUILD:
        return False
    if not wants(session.intents, dispatch.name, in_guild=dispatch.guild_id is not None):
        return _is_own_member(world, dispatch)
    return dispatch.guild_id is None or _may_see(world, dispatch)


def tailored(world: World, session: Session, dispatch: Dispatch) -> dict[str, Any]:
    """The event's data as this session gets it; the dispatch's own data where nothing is to be held back."""
    bot_id = str(world.bot_user.id)
    if dispatch.name == "GUILD_CREATE":
        # Without the key `unavailable` it is a guild that the bot has just joined.
        return guild_create({key: v for key, v in dispatch.data.items() if key != "unavailable"}, session, bot_id)
    if hides_content(session.intents, dispatch.name, dispatch.data, bot_id):
        return without_content(dispatch.data)
    return dispatch.data


def guild_create(data: dict[str, Any], session: Session, bot_id: str) -> dict[str, Any]:
    """GUILD_CREATE with the members, presences and voice states that the session's intents allow.

    Without GUILD_PRESENCES only the bot itself (and who is in a voice channel) is listed; in a guild above the
    session's threshold only those with a role or a nickname.
    """
    in_voice = {state["user_id"] for state in data["voice_states"]}
    members = data["members"]
    if not session.intents & Intent.GUILD_PRESENCES:
        members = [one for one in members if one["user"]["id"] == bot_id or one["user"]["id"] in in_voice]
    elif len(members) > session.large_threshold:
        members = [one for one in members if one["roles"] or one["nick"] or one["user"]["id"] in in_voice]
    return data | {
        "members": members,
        "large": data["member_count"] > session.large_threshold,
        "presences": data["presences"] if session.intents & Intent.GUILD_PRESENCES else [],
        "voice_states": data["voice_states"] if session.intents & Intent.GUILD_VOICE_STATES else [],
    }


def _is_own_member(world: World, dispatch: Dispatch) -> bool:
    user = dispatch.data.get("user")
    return dispatch.name in _OWN_MEMBER_EVENTS and user is not None and user["id"] == str(world.bot_user.id)


def _may_see(world: World, dispatch: Dispatch) -> bool:
    guild = world.guilds.get(dispatch.guild_id or 0)
    bot = guild.members.get(world.bot_user.id) if guild is not None else None
    if guild is None or bot is None:
        return dispatch.name == "GUILD_DELETE"
    if dispatch.name == "GUILD_AUDIT_LOG_ENTRY_CREATE":
        return bool(permissions.guild_permissions(guild, bot) & permissions.VIEW_AUDIT_LOG)
    if dispatch.name.startswith("AUTO_MODERATION_"):
        return bool(permissions.guild_permissions(guild, bot) & permissions.MANAGE_GUILD)
    if dispatch.channel_id is None or dispatch.name in _SEEN_BY_ALL:
        return True
    return permissions.can_view(guild, bot.user.id, _deciding_channel(guild, dispatch))


def _deciding_channel(guild: Guild, dispatch: Dispatch) -> int:
    channel_id = dispatch.channel_id or 0
    is_gone = channel_id not in guild.channels and channel_id not in guild.threads
    parent_id = dispatch.data.get("parent_id")
    return int(parent_id) if is_gone and parent_id else channel_id
