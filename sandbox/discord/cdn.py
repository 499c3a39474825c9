"""The CDN: attachments behind signed links that expire, avatars and server icons drawn on the spot."""

import colorsys
import hashlib
import hmac
import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from sandbox.discord.keys import WORLD
from sandbox.discord.models import Attachment, Guild, User

if TYPE_CHECKING:
    from sandbox.discord.changes.base import WorldState

LINK_SECONDS = 24 * 3600
STABLE_SECONDS = 3600
PICTURE_PIXELS = 64
DEFAULT_AVATARS = 6
SHOWN_INLINE = ("image/", "video/", "audio/", "text/plain")


def avatar_hash(user: User) -> str | None:
    """The avatar's hash; it holds the hue that the picture is drawn from."""
    return None if user.avatar_hue is None else f"{user.avatar_hue % 360:03x}{user.id:029x}"


def icon_hash(guild: Guild) -> str:
    """The server icon's hash, made the same way."""
    return f"{guild.icon_hue % 360:03x}{guild.id:029x}"


def attachment_url(world: "WorldState", channel_id: int, item: Attachment) -> str:
    """A link good for 23 to 24 hours; the same one within an hour."""
    issued = int(world.clock.timestamp()) // STABLE_SECONDS * STABLE_SECONDS
    path = f"attachments/{channel_id}/{item.id}/{quote(item.filename)}"
    expires = issued + LINK_SECONDS
    signature = _signature(world, channel_id, item.id, expires, issued)
    return f"{world.public_url}/cdn/{path}?ex={expires:x}&is={issued:x}&hm={signature}&"


def register(app: web.Application) -> None:
    """Adds the CDN's routes."""
    app.router.add_get("/cdn/attachments/{channel_id:\\d+}/{attachment_id:\\d+}/{filename}", _attachment)
    app.router.add_get("/cdn/avatars/{owner_id:\\d+}/{picture}.{extension}", _picture)
    app.router.add_get("/cdn/icons/{owner_id:\\d+}/{picture}.{extension}", _picture)
    app.router.add_get("/cdn/external/{digest:[0-9a-f]+}/{address:.*}", _external)
    app.router.add_get("/cdn/embed/avatars/{number:\\d+}.png", _default_avatar)


async def _attachment(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    channel_id = int(request.match_info["channel_id"])
    item = world.attachments.get(int(request.match_info["attachment_id"]))
    if (
        item is None
        or item.filename != request.match_info["filename"]
        or not _is_live(world, channel_id, item, request)
    ):
        return web.Response(status=404, text="This content is no longer available.")
    is_inline = item.content_type.startswith(SHOWN_INLINE) and "svg" not in item.content_type
    return web.Response(
        body=item.content,
        headers={
            "Content-Type": item.content_type,
            "Content-Disposition": "inline" if is_inline else "attachment",
            "Cache-Control": "private, max-age=3600",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _is_live(world: "WorldState", channel_id: int, item: Attachment, request: web.Request) -> bool:
    try:
        expires = int(request.query["ex"], 16)
        issued = int(request.query["is"], 16)
        signature = request.query["hm"]
    except (KeyError, ValueError):
        return False
    expected = _signature(world, channel_id, item.id, expires, issued)
    return hmac.compare_digest(signature.encode(), expected.encode()) and world.clock.timestamp() < expires


def _signature(world: "WorldState", channel_id: int, attachment_id: int, expires: int, issued: int) -> str:
    text = f"{channel_id}/{attachment_id}/{expires:x}/{issued:x}"
    return hmac.new(world.signing_key, text.encode(), hashlib.sha256).hexdigest()


async def _picture(request: web.Request) -> web.StreamResponse:
    try:
        hue = int(request.match_info["picture"][:3], 16)
    except ValueError:
        return web.Response(status=404)
    return _png_answer(_drawn(hue % 360))


async def _external(request: web.Request) -> web.StreamResponse:
    """A picture of another host, which nobody here asks: a stand-in in a colour of its address."""
    return _png_answer(_drawn(int(request.match_info["digest"][:4], 16) % 360))


async def _default_avatar(request: web.Request) -> web.StreamResponse:
    return _png_answer(_drawn(int(request.match_info["number"]) % DEFAULT_AVATARS * 360 // DEFAULT_AVATARS))


def _png_answer(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="image/png", headers={"Cache-Control": "public, max-age=31536000"})


@lru_cache(maxsize=360)
def _drawn(hue: int) -> bytes:
    """A square that fades between two near hues, with a pale disc: telling people apart is all it is for."""
    side, rows = PICTURE_PIXELS, []
    for y in range(side):
        shade = 0.55 + 0.3 * y / side
        base = bytes(round(part * 255) for part in colorsys.hsv_to_rgb(hue / 360, 0.55, shade))
        disc = bytes(round(part * 255) for part in colorsys.hsv_to_rgb(hue / 360, 0.18, 0.97))
        half = max(0.0, (side * 0.28) ** 2 - (y - side / 2) ** 2) ** 0.5
        left, right = round(side / 2 - half), round(side / 2 + half)
        rows.append(b"\0" + base * left + disc * (right - left) + base * (side - right))
    return png(side, side, b"".join(rows))


def png(width: int, height: int, scanlines: bytes) -> bytes:
    """A PNG of 8-bit RGB scan lines, each led by its filter byte."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(scanlines)) + chunk(b"IEND", b"")
    )
