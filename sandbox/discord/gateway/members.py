"""Op 8: members of a guild, in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads
from sandbox.discord.gateway.intents import Intent
from sandbox.discord.gateway.opcodes import CloseCode, GatewayClosure
from sandbox.discord.models import Guild, Member

if TYPE_CHECKING:
    from sandbox.discord.gateway.session import Session

CHUNK = 1000
MOST_BY_QUERY = 100
MAX_NONCE_BYTES = 32


def member_chunks(guild: Guild, session: Session, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The GUILD_MEMBERS_CHUNK payloads that answer `request`; at least one, also when nobody was found.

    All members at once need the GUILD_MEMBERS intent, presences need GUILD_PRESENCES: otherwise the
    connection is closed with 4014.
    """
    _check_intents(session, request)
    if "user_ids" in request:
        found, not_found = _by_id(guild, request["user_ids"])
    else:
        found, not_found = _by_name(guild, request), None
    chunks = [found[start : start + CHUNK] for start in range(0, len(found), CHUNK)] or [[]]
    for index, chunk in enumerate(chunks):
        payload: dict[str, Any] = {
            "guild_id": str(guild.id),
            "members": [payloads.member(member) for member in chunk],
            "chunk_index": index,
            "chunk_count": len(chunks),
        }
        if not_found is not None:
            payload["not_found"] = not_found
        if request.get("presences"):
            payload["presences"] = []
        nonce = request.get("nonce")
        if isinstance(nonce, str) and len(nonce.encode()) <= MAX_NONCE_BYTES:
            payload["nonce"] = nonce
        yield payload


def _check_intents(session: Session, request: dict[str, Any]) -> None:
    wants_all = "user_ids" not in request and not request.get("query") and not request.get("limit")
    if wants_all and not session.intents & Intent.GUILD_MEMBERS:
        raise GatewayClosure(CloseCode.DISALLOWED_INTENTS)
    if request.get("presences") and not session.intents & Intent.GUILD_PRESENCES:
        raise GatewayClosure(CloseCode.DISALLOWED_INTENTS)


def _by_id(guild: Guild, asked: Any) -> tuple[list[Member], list[str]]:
    ids = asked if isinstance(asked, list) else [asked]
    if len(ids) > MOST_BY_QUERY or not all(str(one).isdecimal() for one in ids):
        raise GatewayClosure(CloseCode.DECODE_ERROR)
    found = [guild.members[int(one)] for one in ids if int(one) in guild.members]
    return found, [str(one) for one in ids if int(one) not in guild.members]


def _by_name(guild: Guild, request: dict[str, Any]) -> list[Member]:
    prefix, limit = request.get("query"), request.get("limit")
    if not isinstance(prefix, str) or not isinstance(limit, int) or limit < 0:
        raise GatewayClosure(CloseCode.DECODE_ERROR)
    if not prefix and not limit:
        return list(guild.members.values())
    wanted = prefix.casefold()
    matching = [
        member
        for member in guild.members.values()
        if any(name.casefold().startswith(wanted) for name in (member.user.username, member.nick) if name)
    ]
    return matching[: min(limit or MOST_BY_QUERY, MOST_BY_QUERY)]
