"""Which events a session asked for, and what it may not read in them."""

from __future__ import annotations

from enum import IntFlag
from typing import Any


class Intent(IntFlag):
    """Gateway intents of v10."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


ALL_INTENTS = int(~Intent(0))

# Application flags that allow a privileged intent: the verified one and the one for small applications.
_ALLOWED_BY: dict[Intent, int] = {
    Intent.GUILD_PRESENCES: 1 << 12 | 1 << 13,
    Intent.GUILD_MEMBERS: 1 << 14 | 1 << 15,
    Intent.MESSAGE_CONTENT: 1 << 18 | 1 << 19,
}

_IN_GUILD: dict[Intent, tuple[str, ...]] = {
    Intent.GUILDS: (
        "GUILD_CREATE",
        "GUILD_UPDATE",
        "GUILD_DELETE",
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_UPDATE",
        "GUILD_ROLE_DELETE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "CHANNEL_DELETE",
        "CHANNEL_PINS_UPDATE",
        "THREAD_CREATE",
        "THREAD_UPDATE",
        "THREAD_DELETE",
        "THREAD_LIST_SYNC",
        "THREAD_MEMBER_UPDATE",
        "THREAD_MEMBERS_UPDATE",
        "STAGE_INSTANCE_CREATE",
        "STAGE_INSTANCE_UPDATE",
        "STAGE_INSTANCE_DELETE",
    ),
    Intent.GUILD_MEMBERS: ("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"),
    Intent.GUILD_MODERATION: ("GUILD_AUDIT_LOG_ENTRY_CREATE", "GUILD_BAN_ADD", "GUILD_BAN_REMOVE"),
    Intent.GUILD_EXPRESSIONS: ("GUILD_EMOJIS_UPDATE", "GUILD_STICKERS_UPDATE"),
    Intent.GUILD_INTEGRATIONS: (
        "GUILD_INTEGRATIONS_UPDATE",
        "INTEGRATION_CREATE",
        "INTEGRATION_UPDATE",
        "INTEGRATION_DELETE",
    ),
    Intent.GUILD_WEBHOOKS: ("WEBHOOKS_UPDATE",),
    Intent.GUILD_INVITES: ("INVITE_CREATE", "INVITE_DELETE"),
    Intent.GUILD_VOICE_STATES: ("VOICE_STATE_UPDATE", "VOICE_CHANNEL_EFFECT_SEND"),
    Intent.GUILD_PRESENCES: ("PRESENCE_UPDATE",),
    Intent.GUILD_MESSAGES: ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"),
    Intent.GUILD_MESSAGE_REACTIONS: (
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "MESSAGE_REACTION_REMOVE_ALL",
        "MESSAGE_REACTION_REMOVE_EMOJI",
    ),
    Intent.GUILD_MESSAGE_TYPING: ("TYPING_START",),
    Intent.GUILD_SCHEDULED_EVENTS: (
        "GUILD_SCHEDULED_EVENT_CREATE",
        "GUILD_SCHEDULED_EVENT_UPDATE",
        "GUILD_SCHEDULED_EVENT_DELETE",
        "GUILD_SCHEDULED_EVENT_USER_ADD",
        "GUILD_SCHEDULED_EVENT_USER_REMOVE",
    ),
    Intent.AUTO_MODERATION_CONFIGURATION: (
        "AUTO_MODERATION_RULE_CREATE",
        "AUTO_MODERATION_RULE_UPDATE",
        "AUTO_MODERATION_RULE_DELETE",
    ),
    Intent.AUTO_MODERATION_EXECUTION: ("AUTO_MODERATION_ACTION_EXECUTION",),
    Intent.GUILD_MESSAGE_POLLS: ("MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE"),
}

_IN_DIRECT_MESSAGES: dict[Intent, tuple[str, ...]] = {
    Intent.DIRECT_MESSAGES: ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "CHANNEL_PINS_UPDATE"),
    Intent.DIRECT_MESSAGE_REACTIONS: (
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "MESSAGE_REACTION_REMOVE_ALL",
        "MESSAGE_REACTION_REMOVE_EMOJI",
    ),
    Intent.DIRECT_MESSAGE_TYPING: ("TYPING_START",),
    Intent.DIRECT_MESSAGE_POLLS: ("MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE"),
}

_GUILD_EVENTS = {name: intent for intent, names in _IN_GUILD.items() for name in names}
_DIRECT_EVENTS = {name: intent for intent, names in _IN_DIRECT_MESSAGES.items() for name in names}


def is_known(intents: int) -> bool:
    """True if every bit of `intents` is an intent of v10 (else close code 4013)."""
    return intents >= 0 and not intents & ~ALL_INTENTS


def is_allowed(intents: int, application_flags: int) -> bool:
    """True if the application may have the privileged intents that it asks for (else close code 4014)."""
    return all(application_flags & flags for intent, flags in _ALLOWED_BY.items() if intents & intent)


def wants(intents: int, event: str, *, in_guild: bool) -> bool:
    """True if a session with `intents` gets `event`; events that belong to no intent reach everybody."""
    needed = (_GUILD_EVENTS if in_guild else _DIRECT_EVENTS).get(event)
    return needed is None or bool(intents & needed)


def hides_content(intents: int, event: str, message: dict[str, Any], bot_id: str) -> bool:
    """True if this session may not read what the message says.

    Without MESSAGE_CONTENT a bot still reads its own messages, direct messages and those that mention it.
    """
    if intents & Intent.MESSAGE_CONTENT or event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
        return False
    if "guild_id" not in message or message.get("author", {}).get("id") == bot_id:
        return False
    return all(user["id"] != bot_id for user in message.get("mentions", ()))


def without_content(message: dict[str, Any]) -> dict[str, Any]:
    """The message as a session without MESSAGE_CONTENT gets it: the same keys, nothing said."""
    blank: dict[str, Any] = {**message}
    for key, nothing in (("content", ""), ("embeds", []), ("attachments", []), ("components", [])):
        if key in blank:
            blank[key] = nothing
    blank.pop("poll", None)
    if blank.get("referenced_message"):
        blank["referenced_message"] = without_content(blank["referenced_message"])
    if "message_snapshots" in blank:
        blank["message_snapshots"] = [{"message": without_content(s["message"])} for s in blank["message_snapshots"]]
    return blank
