"""What was pasted into the search and names one thing goes straight there: a message's link or id, a person, a channel."""

from __future__ import annotations

import re

from flask import url_for

from app.domain.access import Actor, Permission
from app.domain.members.queries import channels_by_id, member_of
from app.domain.messages.queries import messages_shown_to
from app.domain.messages.reader import Reader

_ID = r"(\d{15,19})"
_MESSAGE_LINK = re.compile(rf"https?://[^\s/]+/(?:channels/\d+/\d+|servers/\d+/messages)/{_ID}/?(?:[?#]\S*)?")
_PERSON = re.compile(rf"<@!?{_ID}>|https?://[^\s/]+/(?:users|servers/\d+/members)/{_ID}/?")
_CHANNEL = re.compile(rf"<#{_ID}>|https?://[^\s/]+/(?:channels/\d+|servers/\d+/channels)/{_ID}/?")
_BARE = re.compile(_ID)
_HIGHEST_ID = (1 << 63) - 1


def destination(actor: Actor, reader: Reader, typed: str) -> str | None:
    """The page that `typed` alone names, of what this reader may see; None where it is to be searched for."""
    typed = typed.strip()
    if (message_id := _named(_MESSAGE_LINK, typed)) is not None:
        return _message(actor, reader, message_id)
    if (user_id := _named(_PERSON, typed)) is not None:
        return _person(actor, user_id)
    if (channel_id := _named(_CHANNEL, typed)) is not None:
        return _channel(actor, reader, channel_id)
    if (bare := _named(_BARE, typed)) is not None:
        return _message(actor, reader, bare) or _person(actor, bare) or _channel(actor, reader, bare)
    return None


def _named(pattern: re.Pattern[str], typed: str) -> int | None:
    found = pattern.fullmatch(typed)
    number = int(next(one for one in found.groups() if one)) if found else None
    return number if number is not None and 0 < number <= _HIGHEST_ID else None


def _message(actor: Actor, reader: Reader, message_id: int) -> str | None:
    if message_id not in messages_shown_to(reader, [message_id]):
        return None
    return url_for("messages.context", guild_id=actor.guild_id, message_id=message_id) + f"#context-{message_id}"


def _person(actor: Actor, user_id: int) -> str | None:
    if not actor.may(Permission.VIEW_MEMBERS) or member_of(user_id) is None:
        return None
    return url_for("members.profile", guild_id=actor.guild_id, user_id=user_id)


def _channel(actor: Actor, reader: Reader, channel_id: int) -> str | None:
    if not reader.sees(channel_id) or channel_id not in channels_by_id([channel_id]):
        return None
    return url_for("channels.newest", guild_id=actor.guild_id, channel_id=channel_id)
