"""Uploaded files as attachments, and fresh links for old ones."""

import mimetypes
import re
import struct
from urllib.parse import urlsplit

from sandbox.discord import cdn
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Attachment, Json
from sandbox.discord.rest.routing import Call, UploadedFile, route
from sandbox.discord.rest.validation import Form

MOST_FILES = 10
LARGEST_FILE = 10 * 1024 * 1024
UNSAFE_IN_NAMES = re.compile(r"[^\w.\-()]+")


def read_attachments(call: Call, form: Form, kept: list[Attachment]) -> list[Attachment]:
    """The files of a message: those named in `attachments` (or all of `kept` where the field is absent) and the new."""
    if len(call.files) > MOST_FILES:
        form.refuse("attachments", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_FILES} or fewer in length.")
    described: dict[int, Json] = {}
    for one in form.sequence("attachments") or ():
        if isinstance(one, dict) and str(one.get("id", "")).isdecimal():
            described[int(one["id"])] = one
    staying = [one for one in kept if not form.given("attachments") or one.id in described]
    return staying + [_attachment(call, one, described.get(one.index, {})) for one in call.files]


@route("POST", "/attachments/refresh-urls")
async def refresh_urls(call: Call) -> Json:
    """New links for attachments whose old ones may have expired."""
    form = Form(call.fields())
    urls = form.sequence("attachment_urls", shortest=1, longest=50, required=True) or ()
    form.check()
    return {"refreshed_urls": [{"original": str(url), "refreshed": _refreshed(call, str(url))} for url in urls]}


def _attachment(call: Call, file: UploadedFile, described: Json) -> Attachment:
    if len(file.content) > LARGEST_FILE:
        raise DiscordError(Code.BODY_TOO_LARGE)
    filename = str(described.get("filename") or file.filename or f"file{file.index}")
    filename = UNSAFE_IN_NAMES.sub("_", filename) or "unknown"
    content_type = file.content_type
    if content_type == "application/octet-stream":
        content_type = mimetypes.guess_type(filename)[0] or content_type
    width, height = picture_size(file.content)
    description = str(described["description"])[:1024] if described.get("description") else None
    is_spoiler = bool(described.get("is_spoiler")) or filename.startswith("SPOILER_")
    return Attachment(
        call.world.snowflake(), filename, content_type, file.content, width, height, description, is_spoiler
    )


def picture_size(content: bytes) -> tuple[int, int] | tuple[None, None]:
    """Width and height of a PNG or GIF; nothing for other files."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
    elif content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
    else:
        return None, None
    return width, height


def _refreshed(call: Call, url: str) -> str | None:
    parts = urlsplit(url).path.split("/")
    if len(parts) < 3 or not parts[-2].isdecimal() or not parts[-3].isdecimal():
        return None
    item = call.world.attachments.get(int(parts[-2]))
    return cdn.attachment_url(call.world, int(parts[-3]), item) if item else None
