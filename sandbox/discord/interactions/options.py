"""A command's options as the person filled them in: checked against the command, with what their ids stand for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord import message_payloads, payloads, permissions
from sandbox.discord.commands import SUB_COMMAND, SUB_COMMAND_GROUP, Command
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Attachment, Guild, Json
from sandbox.discord.rest.validation import invalid_form, problem
from sandbox.discord.world import World

STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
_IDS = frozenset({USER, CHANNEL, ROLE, MENTIONABLE})


@dataclass(slots=True)
class Resolved:
    """The objects that ids in an interaction's data stand for."""

    world: World
    guild: Guild
    channel_id: int
    _found: dict[str, Json] = field(default_factory=dict)

    def payload(self) -> Json | None:
        """`resolved`, or None where nothing had to be looked up."""
        return self._found or None

    def add(self, kind: int, value: str) -> bool:
        """Look up one id as an option of this type wants it; False if there is nothing like it here."""
        match kind:
            case 6:
                return self.add_user(int(value))
            case 7:
                return self._add_channel(int(value))
            case 8:
                return self._add_role(int(value))
            case _:
                return self._add_role(int(value)) or self.add_user(int(value))

    def add_user(self, user_id: int) -> bool:
        """A user, with the membership if there is one."""
        user = self.world.users.get(user_id)
        if user is None:
            return False
        self._put("users", user_id, payloads.user(user))
        member = self.guild.members.get(user_id)
        if member is not None:
            bits = permissions.guild_permissions(self.guild, member)
            kept = {k: v for k, v in payloads.member_without_user(member).items() if k not in ("deaf", "mute")}
            self._put("members", user_id, kept | {"permissions": str(bits)})
        return True

    def add_message(self, message_id: int) -> bool:
        """A message of the channel that the person is in."""
        channel = self.world.channels[self.channel_id]
        message = channel.messages.get(message_id)
        if message is None:
            return False
        self._put("messages", message_id, message_payloads.message(self.world, message))
        return True

    def add_attachment(self, described: Mapping[str, Any]) -> str:
        """A file that the person uploads with the command; answers its new id."""
        try:
            content = base64.b64decode(str(described.get("content_base64", "")), validate=True)
        except binascii.Error as error:
            raise invalid_form({"attachment": problem("BASE_TYPE_REQUIRED", "content_base64 is no base64")}) from error
        item = Attachment(
            self.world.snowflake(),
            str(described.get("filename", "file.bin")),
            str(described.get("content_type", "application/octet-stream")),
            content,
        )
        self.world.attachments[item.id] = item
        payload = message_payloads.attachment(self.world, self.channel_id, item) | {"ephemeral": True}
        self._put("attachments", item.id, payload)
        return str(item.id)

    def _add_channel(self, channel_id: int) -> bool:
        channel = self.guild.channels.get(channel_id) or self.guild.threads.get(channel_id)
        if channel is None:
            return False
        kept = {k: v for k, v in payloads.channel(channel).items() if k != "permission_overwrites"}
        self._put("channels", channel_id, kept | {"permissions": str(permissions.ALL)})
        return True

    def _add_role(self, role_id: int) -> bool:
        role = self.guild.roles.get(role_id)
        if role is None:
            return False
        self._put("roles", role_id, payloads.role(role))
        return True

    def _put(self, kind: str, one_id: int, payload: Json) -> None:
        self._found.setdefault(kind, {})[str(one_id)] = payload


def command_path(command: Command, words: list[str]) -> tuple[list[Json], list[Json]]:
    """The sub-command options on the way to what `words` name, and the leaf's own options.

    Raises 10063 where the words lead nowhere, or stop at a group.
    """
    way: list[Json] = []
    options: list[Json] = command.body.get("options", [])
    for word in words:
        nested = [one for one in options if one["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP) and one["name"] == word]
        if not nested:
            raise DiscordError(Code.UNKNOWN_COMMAND)
        way.append(nested[0])
        options = nested[0].get("options", [])
    if any(one["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP) for one in options):
        raise DiscordError(Code.UNKNOWN_COMMAND)
    return way, options


def fill_in(
    declared: list[Json], given: Mapping[str, Any], resolved: Resolved, *, focused: str | None = None
) -> list[Json]:
    """The `options` of the interaction's data. With `focused` the person still types: nothing is required yet."""
    errors: Json = {}
    filled: list[Json] = []
    for name in given:
        if all(option["name"] != name for option in declared):
            errors[name] = problem("OPTION_UNKNOWN", "The command has no such option")
    for option in declared:
        name = option["name"]
        if name not in given:
            if option.get("required") and focused is None:
                errors[name] = problem("BASE_TYPE_REQUIRED", "This option is required")
            continue
        value = given[name]
        wrong = None if focused is not None else _what_is_wrong(option, value, resolved)
        if wrong is not None:
            errors[name] = problem("OPTION_VALUE_INVALID", wrong)
            continue
        filled.append(_filled(option, value, resolved, is_focused=name == focused))
    if errors:
        raise invalid_form({"options": errors})
    return filled


def wrapped(way: list[Json], leaf: list[Json]) -> list[Json]:
    """The leaf's options inside the sub-commands that lead to it."""
    options = leaf
    for step in reversed(way):
        options = [{"type": step["type"], "name": step["name"], "options": options}]
    return options


def _filled(option: Json, value: Any, resolved: Resolved, *, is_focused: bool) -> Json:
    if option["type"] == ATTACHMENT:
        value = resolved.add_attachment(value)
    elif option["type"] in _IDS or is_focused:
        value = str(value)
    filled: Json = {"type": option["type"], "name": option["name"], "value": value}
    if is_focused:
        filled["focused"] = True
    return filled


def _what_is_wrong(option: Json, value: Any, resolved: Resolved) -> str | None:
    kind = option["type"]
    if kind in _IDS:
        is_found = str(value).isdecimal() and resolved.add(kind, str(value))
        return None if is_found else "There is nothing with this id here"
    fits = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float), ATTACHMENT: dict}[kind]
    if not isinstance(value, fits) or (isinstance(value, bool) and kind != BOOLEAN):
        return "The value does not have the option's type"
    if "choices" in option and all(choice["value"] != value for choice in option["choices"]):
        return "The value is none of the choices"
    size = len(value) if kind == STRING else value
    least, most = ("min_length", "max_length") if kind == STRING else ("min_value", "max_value")
    if kind in (STRING, INTEGER, NUMBER) and not option.get(least, size) <= size <= option.get(most, size):
        return "The value is too small or too large"
    return None
