"""Pictures that the panel shows but somebody else keeps: signed addresses, and fetching them so that only pictures come back.

What is fetched is somebody's bytes: the kind is read from them, never from the server's word, and SVG is no picture here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.clients import clients
from app.clients import errors as client_errors
from app.config import Settings
from app.domain.errors import DomainError, NotFound, Unavailable
from app.domain.messages.models import Attachment, Message
from app.domain.messages.pictures import Picture, UnknownPicture, read_picture
from app.domain.messages.reader import Reader
from app.domain.seals import is_sealed, sealed
from app.extensions import db

LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_SIDE = 16_384
"""Pixels: a small file may unpack to gigabytes in the viewer's browser."""
SECONDS = 5.0
REDIRECTS = 3
LONGEST_ADDRESS = 2048
AT_ONCE = 4
"""Fetches at once in one process: slow strangers must not hold every thread of the website."""
WAIT_SECONDS = 2.0

PURPOSE = "picture addresses v1"
EVERYBODY = 0
"""The viewer of an address that may stand on a public page."""

_running = BoundedSemaphore(AT_ONCE)


class PictureRefused(DomainError):
    """What came back is no picture that may be shown."""

    status = 415
    code = "no_picture"


class PictureTooLarge(DomainError):
    """More bytes, or more pixels, than may be shown."""

    status = 413
    code = "picture_too_large"


def sign_picture(url: str, viewer_id: int) -> tuple[str, str]:
    """(signature, encoded address) for `/img/<signature>/<address>`: opens `url` for this viewer alone.

    The same for the same picture and viewer, so that browsers keep it.
    """
    encoded = base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()
    return sealed(PURPOSE, _told(url, viewer_id)), encoded


def signed_picture(signature: str, encoded: str, viewer_id: int | None) -> Picture:
    """The picture behind an address that `sign_picture` gave out to this viewer or to everybody.

    Raises `NotFound` for any other, `PictureRefused`, `PictureTooLarge`, or `Unavailable`.
    """
    url = _decoded(encoded)
    viewers = (EVERYBODY,) if viewer_id is None else (viewer_id, EVERYBODY)
    if url is None or not any(is_sealed(signature, PURPOSE, _told(url, viewer)) for viewer in viewers):
        raise NotFound(_("There is no such picture."))
    return _fetched(url, redirects=REDIRECTS)


def attached_picture(reader: Reader, attachment_id: int) -> Picture:
    """The picture that a message has or had attached, from Discord's own hosts.

    Raises `NotFound` as `attachment_address` does and where it is gone from Discord (its links expire), and as above.
    """
    return _fetched(attachment_address(reader, attachment_id), redirects=0)


def attachment_address(reader: Reader, attachment_id: int) -> str:
    """Where Discord keeps an attachment. Raises `NotFound` where it is missing or hidden from `reader`."""
    statement = (
        select(Attachment.url, Message.channel_id)
        .join(Message, (Message.tenant_id == Attachment.tenant_id) & (Message.id == Attachment.message_id))
        .where(Attachment.id == attachment_id)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None or not reader.sees(row.channel_id) or not is_on_discord(row.url):
        raise NotFound(_("There is no such picture."))
    url: str = row.url
    return url


def _fetched(url: str, *, redirects: int) -> Picture:
    with _turn():
        try:
            found = clients().safe_http.get(url, maximum_bytes=LARGEST_BYTES, seconds=SECONDS, redirects=redirects)
        except client_errors.Refused as error:
            raise _refusal(error) from error
        except client_errors.Unavailable as error:
            raise Unavailable(
                _("The picture's server does not answer."), code="picture_unavailable", retry_after=error.retry_after
            ) from error
    try:
        picture = read_picture(found.body)
    except UnknownPicture as error:
        raise PictureRefused(_("This is no picture that can be shown.")) from error
    if max(picture.width, picture.height) > LARGEST_SIDE:
        raise PictureTooLarge(_("This picture is too large to be shown."))
    return picture


def _refusal(error: client_errors.Refused) -> DomainError:
    if error.code == "too_large":
        return PictureTooLarge(_("This picture is too large to be shown."))
    if error.code == "encoded":
        return PictureRefused(_("This is no picture that can be shown."))
    return NotFound(_("There is no such picture."))


@contextmanager
def _turn() -> Iterator[None]:
    if not _running.acquire(timeout=WAIT_SECONDS):
        raise Unavailable(_("Many pictures are being fetched. Try again shortly."), code="picture_busy", retry_after=2)
    try:
        yield
    finally:
        _running.release()


def is_on_discord(url: str) -> bool:
    """True for an https address on one of `DISCORD_CDN_HOSTS`; http only where the settings exempt the very port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    settings = _settings()
    if parts.scheme == "https":
        return port is None and host in settings.discord_cdn_hosts
    named = {host, f"{host}:{port}"} & set(settings.discord_cdn_hosts)
    return parts.scheme == "http" and bool(named) and f"{host}:{port}" in settings.outbound_allow


def _decoded(encoded: str) -> str | None:
    if len(encoded) > LONGEST_ADDRESS * 2:
        return None
    try:
        url = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    # One spelling for one address: another must not pass as a second, unsigned name of it.
    is_plain = base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode() == encoded
    return url if is_plain and len(url) <= LONGEST_ADDRESS else None


def _told(url: str, viewer_id: int) -> str:
    return f"{viewer_id}\n{url}"


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
