"""What the gateway says about members, as Discord words it."""

from __future__ import annotations

from typing import Any

JOINED = "2025-01-02T03:04:05.678000+00:00"
REJOINED = "2025-06-02T03:04:05.678000+00:00"


def user(user_id: int, username: str = "ana", **more: Any) -> dict[str, Any]:
    return {"id": str(user_id), "username": username, "global_name": None, "avatar": None, "discriminator": "0", **more}


def member(user_id: int, username: str = "ana", *, joined_at: str | None = JOINED, **more: Any) -> dict[str, Any]:
    roles = more.pop("roles", [])
    names = {name: more.pop(name) for name in ("global_name", "bot") if name in more}
    return {
        "user": user(user_id, username, **names),
        "nick": None,
        "roles": [str(role) for role in roles],
        "joined_at": joined_at,
        "deaf": False,
        "mute": False,
        "flags": 0,
        **more,
    }


def gone(user_id: int, username: str = "ana") -> dict[str, Any]:
    """GUILD_MEMBER_REMOVE, GUILD_BAN_ADD and GUILD_BAN_REMOVE alike."""
    return {"user": user(user_id, username)}
