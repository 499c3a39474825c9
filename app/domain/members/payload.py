"""Discord's JSON of channels, roles and members, read into what we keep. Hopeless input gives None, never an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LARGEST_SNOWFLAKE = 2**63 - 1
LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class IncomingChannel:
    """A channel or thread as a payload has it. None = not told: what decides who sees it is never guessed."""

    id: int
    kind: int | None
    name: str
    parent_id: int | None
    position: int
    topic: str | None
    is_nsfw: bool
    overwrites: tuple[dict[str, Any], ...] | None
    """None also where one of them cannot be read: a refusal left out would open the channel."""

    @classmethod
    def read(cls, payload: object) -> IncomingChannel | None:
        """None without a usable id."""
        if not isinstance(payload, Mapping) or (found := snowflake(payload.get("id"))) is None:
            return None
        return cls(
            id=found,
            kind=_whole(payload.get("type")),
            name=words(payload.get("name"), 100) or "",
            parent_id=snowflake(payload.get("parent_id")),
            position=_number(payload.get("position")),
            topic=words(payload.get("topic"), 4096),
            is_nsfw=payload.get("nsfw") is True,
            overwrites=_overwrites(payload.get("permission_overwrites")),
        )


@dataclass(frozen=True)
class IncomingRole:
    """A role as a payload has it."""

    id: int
    name: str
    color: int
    position: int
    permissions: int | None
    """None where they are not told."""
    is_managed: bool

    @classmethod
    def read(cls, payload: object) -> IncomingRole | None:
        """None without a usable id."""
        if not isinstance(payload, Mapping) or (found := snowflake(payload.get("id"))) is None:
            return None
        return cls(
            id=found,
            name=words(payload.get("name"), 100) or "",
            color=_number(payload.get("color")),
            position=_number(payload.get("position")),
            permissions=_bits(payload.get("permissions")),
            is_managed=payload.get("managed") is True,
        )


@dataclass(frozen=True)
class IncomingMember:
    """A member as a payload has them; names as they stand now."""

    user_id: int
    username: str
    global_name: str | None
    nick: str | None
    avatar_hash: str | None
    is_bot: bool
    role_ids: tuple[str, ...] | None
    """None where they are not told."""
    joined_at: datetime | None
    timed_out_until: datetime | None

    @classmethod
    def read(cls, payload: object) -> IncomingMember | None:
        """None without a usable user."""
        if not isinstance(payload, Mapping) or not isinstance(user := payload.get("user"), Mapping):
            return None
        found = snowflake(user.get("id"))
        if found is None:
            return None
        told = payload.get("roles")
        roles = [role for role in map(snowflake, _list(told)) if role is not None]
        return cls(
            user_id=found,
            username=words(user.get("username"), 32) or str(found),
            global_name=words(user.get("global_name"), 32),
            nick=words(payload.get("nick"), 32),
            avatar_hash=words(user.get("avatar"), 64),
            is_bot=user.get("bot") is True,
            role_ids=tuple(map(str, roles)) if isinstance(told, list) else None,
            joined_at=moment(payload.get("joined_at")),
            timed_out_until=moment(payload.get("communication_disabled_until")),
        )


def snowflake(value: object) -> int | None:
    """A Discord id or bit set as an integer; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= LARGEST_SNOWFLAKE else None


def words(value: object, limit: int) -> str | None:
    """Text cut to `limit` characters, without what a database cannot store; None for an empty one."""
    if not isinstance(value, str):
        return None
    text = value.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]
    return text or None


def moment(value: object) -> datetime | None:
    """An ISO 8601 time in UTC, cut to the millisecond that we store."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _overwrites(payload: object) -> tuple[dict[str, Any], ...] | None:
    if not isinstance(payload, list):
        return None
    found = [_overwrite(one) for one in payload]
    return tuple(one for one in found if one is not None) if None not in found else None


def _overwrite(payload: object) -> dict[str, Any] | None:
    if not isinstance(payload, Mapping) or (found := snowflake(payload.get("id"))) is None:
        return None
    kind = {"role": 0, "member": 1, 0: 0, 1: 1}.get(_key(payload.get("type")))
    allow, deny = _bits(payload.get("allow")), _bits(payload.get("deny"))
    if kind is None or allow is None or deny is None:
        return None
    return {"id": str(found), "type": kind, "allow": str(allow), "deny": str(deny)}


def _key(value: object) -> object:
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _bits(value: object) -> int | None:
    """A bit set, without the bits that no column holds."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 100:
        value = int(value)
    return value & LARGEST_SNOWFLAKE if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER else None


def _number(value: object) -> int:
    return _whole(value) or 0


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
