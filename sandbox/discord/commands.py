"""The application's commands: global ones, and those of single guilds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord.attached import Attached
from sandbox.discord.models import Json

if TYPE_CHECKING:
    from sandbox.discord.world import World

CHAT_INPUT = 1
USER = 2
MESSAGE = 3
LIMITS = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}

SUB_COMMAND = 1
SUB_COMMAND_GROUP = 2


@dataclass(slots=True)
class Command:
    """One registered command. `body` is what the application sent, checked and with Discord's defaults."""

    id: int
    guild_id: int | None
    version: int
    body: Json

    @property
    def name(self) -> str:
        return str(self.body["name"])

    @property
    def kind(self) -> int:
        return int(self.body["type"])


class CommandBook:
    """All commands of the application, found by id, or by kind and name within a guild or globally."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._commands: dict[int, Command] = {}

    def of(self, guild_id: int | None) -> list[Command]:
        """The commands registered for one guild, or the global ones."""
        return [command for command in self._commands.values() if command.guild_id == guild_id]

    def usable_in(self, guild_id: int) -> list[Command]:
        """What members of a guild find: its own commands, and the global ones that these do not cover."""
        own = self.of(guild_id)
        covered = {(command.kind, command.name) for command in own}
        return own + [command for command in self.of(None) if (command.kind, command.name) not in covered]

    def get(self, command_id: int, guild_id: int | None) -> Command | None:
        """A command by id, if it is registered there."""
        command = self._commands.get(command_id)
        return command if command is not None and command.guild_id == guild_id else None

    def named(self, kind: int, name: str, guild_id: int | None) -> Command | None:
        """A command by kind and name, if it is registered there."""
        return next((one for one in self.of(guild_id) if one.kind == kind and one.name == name), None)

    def put(self, body: Json, guild_id: int | None) -> tuple[Command, bool]:
        """Register a command; one of the same kind and name is replaced and keeps its id. Says whether it is new."""
        existing = self.named(int(body["type"]), str(body["name"]), guild_id)
        if existing is not None:
            return self.change(existing, body), False
        command = Command(self._world.snowflake(), guild_id, self._world.snowflake(), body)
        self._commands[command.id] = command
        return command, True

    def change(self, command: Command, body: Json) -> Command:
        """Give a command a new body, and a new version if that differs."""
        if command.body != body:
            command.body, command.version = body, self._world.snowflake()
        return command

    def delete(self, command: Command) -> None:
        """Take a command away."""
        del self._commands[command.id]

    def replace_all(self, bodies: list[Json], guild_id: int | None) -> list[Command]:
        """Make these the only commands there; known ones keep their ids."""
        kept = [self.put(body, guild_id)[0] for body in bodies]
        kept_ids = {command.id for command in kept}
        for command in self.of(guild_id):
            if command.id not in kept_ids:
                self.delete(command)
        return kept


commands_of: Attached[CommandBook] = Attached(CommandBook)


def command_payload(command: Command, application_id: int, *, with_localizations: bool = True) -> Json:
    """A command as REST answers it."""
    payload = command.body | {
        "id": str(command.id),
        "application_id": str(application_id),
        "version": str(command.version),
    }
    if command.guild_id is not None:
        payload["guild_id"] = str(command.guild_id)
    return payload if with_localizations else _without_localizations(payload)


def _without_localizations(payload: Json) -> Json:
    kept = {key: value for key, value in payload.items() if not key.endswith("_localizations")}
    if "options" in kept:
        kept["options"] = [_without_localizations(option) for option in kept["options"]]
    return kept
