"""Whole member lists out of GUILD_MEMBERS_CHUNK events, exact although people join and leave meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_LISTS = 64
"""Lists begun at one time; the oldest unfinished one is given up for the next."""


@dataclass
class _List:
    count: int
    seen: set[int] = field(default_factory=set)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    departed: set[str] = field(default_factory=set)


class MemberLists:
    """Give it the raw events in the order of the wire."""

    def __init__(self) -> None:
        self._lists: dict[tuple[int, str], _List] = {}

    def add_chunk(self, guild_id: int, payload: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """The whole list, once its last chunk is here; None before. Chunks that name single people are no list."""
        if payload.get("not_found") or "chunk_index" not in payload:
            return None
        key = (guild_id, str(payload.get("nonce") or ""))
        known = self._lists.get(key)
        if known is None:
            if len(self._lists) >= MOST_LISTS:
                self._lists.pop(next(iter(self._lists)))
            known = self._lists[key] = _List(int(payload["chunk_count"]))
        known.seen.add(int(payload["chunk_index"]))
        for member in payload.get("members", ()):
            user_id = member["user"]["id"]
            if user_id not in known.departed:
                known.members.setdefault(user_id, member)
        if len(known.seen) < known.count:
            return None
        del self._lists[key]
        return list(known.members.values())

    def note(self, guild_id: int, name: str, payload: Mapping[str, Any]) -> None:
        """Somebody joined, changed or left while lists of this guild are being put together."""
        for key, known in self._lists.items():
            if key[0] != guild_id:
                continue
            user_id = payload["user"]["id"]
            if name == "GUILD_MEMBER_REMOVE":
                known.members.pop(user_id, None)
                known.departed.add(user_id)
            else:
                known.members[user_id] = dict(payload)
                known.departed.discard(user_id)
