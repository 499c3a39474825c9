"""What a moderator asks for: one frozen object per act, checked in one place for every door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.contracts.bot_api import Act
from app.domain.errors import Invalid
from app.domain.moderation.models import CaseSource

LONGEST_REASON = 512
LONGEST_KEY = 64
LONGEST_TIMEOUT = 28 * 24 * 3600
SHORTEST_TIMEOUT = 10
LONGEST_DELETION = 604_800
"""Discord deletes at most the messages of the last seven days, counted in seconds."""
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Command:
    """What every act needs. The same `idempotency_key` twice is the same act: it happens once."""

    target_id: int
    reason: str = ""
    idempotency_key: str | None = None
    source: CaseSource = CaseSource.PANEL
    target_name: str = ""


@dataclass(frozen=True, kw_only=True)
class BanMember(Command):
    """`delete_message_seconds`: how far back their messages go with them."""

    delete_message_seconds: int = 0


@dataclass(frozen=True, kw_only=True)
class UnbanMember(Command):
    """Let somebody join again."""


@dataclass(frozen=True, kw_only=True)
class KickMember(Command):
    """Show somebody out; they may come back."""


@dataclass(frozen=True, kw_only=True)
class TimeoutMember(Command):
    """Let somebody only look on for `seconds`, counted from when it happens."""

    seconds: int


@dataclass(frozen=True, kw_only=True)
class UntimeoutMember(Command):
    """End a timeout early."""


COMMANDS: dict[Act, type[Command]] = {
    Act.BAN: BanMember,
    Act.UNBAN: UnbanMember,
    Act.KICK: KickMember,
    Act.TIMEOUT: TimeoutMember,
    Act.UNTIMEOUT: UntimeoutMember,
}


def act_of(command: Command) -> Act:
    """The act that a command asks for."""
    return next(act for act, kind in COMMANDS.items() if type(command) is kind)


def check_command(command: Command) -> None:
    """Raise `Invalid` with a message beside each field that cannot be."""
    problems: dict[str, str] = {}
    if not 0 < command.target_id <= LARGEST_ID:
        problems["target_id"] = _("This is no Discord id.")
    if len(command.reason) > LONGEST_REASON:
        problems["reason"] = _("Write at most %(most)s characters.", most=LONGEST_REASON)
    if command.idempotency_key is not None and not 0 < len(command.idempotency_key) <= LONGEST_KEY:
        problems["idempotency_key"] = _("Load the page again, then try once more.")
    if isinstance(command, BanMember) and not 0 <= command.delete_message_seconds <= LONGEST_DELETION:
        problems["delete_message_seconds"] = _("Choose between nothing and seven days.")
    if isinstance(command, TimeoutMember) and not SHORTEST_TIMEOUT <= command.seconds <= LONGEST_TIMEOUT:
        problems["seconds"] = _("Choose between ten seconds and 28 days.")
    if problems:
        raise Invalid(_("Something in the form needs another look."), fields=problems)


def command_from(act: Act, fields: Mapping[str, Any], source: CaseSource) -> Command:
    """The command that a form's or a JSON body's fields describe, checked; other fields are ignored.

    Raises `Invalid` with a message beside each field that cannot be.
    """
    numbers = {Act.BAN: "delete_message_seconds", Act.TIMEOUT: "seconds"}
    values: dict[str, Any] = {"target_id": _number(fields.get("target_id"))}
    if act in numbers:
        default = 0 if act is Act.BAN else None
        given = fields.get(numbers[act])
        values[numbers[act]] = _number(given if given not in (None, "") else default)
    values["reason"] = _text(fields.get("reason")).strip()
    values["idempotency_key"] = _text(fields.get("idempotency_key")) or None
    command = COMMANDS[act](source=source, **values)
    check_command(command)
    return command


def _number(value: object) -> int:
    """-1, which every check refuses, where it is none."""
    if isinstance(value, bool):
        return -1
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    return value if isinstance(value, int) else -1


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "replace").decode()
