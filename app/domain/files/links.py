"""Discord's links to its files: which are Discord's, which have expired, and asking for fresh ones."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from app.clients import clients
from app.clients import errors as outside
from app.clients.bot_api.port import Caller
from app.domain.access import SystemActor
from app.domain.clock import utcnow
from app.domain.messages.images import is_on_discord

BOT_PATH = "/attachments/links"


class NoLinkAnyMore(Exception):
    """Discord has the message, or the file of it, no more."""


def has_expired(url: str) -> bool:
    """True where the link itself says that its time is over (`ex`, hexadecimal unix seconds)."""
    try:
        word = parse_qs(urlsplit(url).query).get("ex", [""])[0]
        return bool(word) and int(word, 16) <= utcnow().timestamp()
    except ValueError:
        return False


def fresh_link(
    system: SystemActor, tenant_id: int, guild_id: int, channel_id: int, message_id: int, file_id: int
) -> str:
    """A link as Discord gives it now, by way of the bot. Raises `NoLinkAnyMore`, or the clients' `Unavailable`."""
    body = {"channel_id": str(channel_id), "message_id": str(message_id)}
    answer = clients().bot_api.call(Caller(tenant_id, guild_id, system.header), "POST", BOT_PATH, body=body)
    if answer.status >= 500 or answer.status in (408, 425, 429):
        raise outside.Unavailable(str(answer.body.get("code") or f"status_{answer.status}")[:64])
    found = answer.body.get("links") if answer.status == 200 else None
    url = found.get(str(file_id)) if isinstance(found, dict) else None
    if not isinstance(url, str) or not is_on_discord(url):
        raise NoLinkAnyMore(str(answer.body.get("code") or "no_link")[:64])
    return url
