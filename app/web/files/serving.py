"""Bytes that a stranger chose, handed to a browser that must not run them."""

from __future__ import annotations

import re

from flask import Response, g, make_response, request

from app.domain.files.kinds import UNKNOWN, is_shown_inline
from app.domain.files.queries import ShownAttachment, read_bytes
from app.domain.messages.pictures import Picture

POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; sandbox"
"""Opened in a tab of its own it is nobody's page: no script, no form, no origin."""
_NO_FILENAME = re.compile(r"[\x00-\x1f\x7f/\\]")


def kept_file(shown: ShownAttachment) -> Response:
    """A file of our own store: whole, or the range that was asked for; or 304."""
    tag = shown.sha256 or ""
    if tag in request.if_none_match:
        return not_modified(tag)
    asked = _asked_range(shown.size)
    if asked is None:
        beyond = make_response("", 416)
        beyond.headers["Content-Range"] = f"bytes */{shown.size}"
        return _sealed(beyond, tag)
    start, length = asked
    is_part = length is not None
    sent = shown.size if length is None else length
    pieces = iter(()) if request.method == "HEAD" else read_bytes(shown, start=start, length=length)
    response = Response(pieces, status=206 if is_part else 200)
    is_inline = is_shown_inline(shown.content_type)
    response.content_type = shown.content_type if is_inline else UNKNOWN
    response.content_length = sent
    response.headers["Accept-Ranges"] = "bytes"
    if is_part:
        response.headers["Content-Range"] = f"bytes {start}-{start + sent - 1}/{shown.size}"
    name = _NO_FILENAME.sub("_", shown.filename)
    response.headers.set("Content-Disposition", "inline" if is_inline else "attachment", filename=name)
    return _sealed(response, tag)


def not_modified(tag: str) -> Response:
    """The browser has it already, and may still see it."""
    return _sealed(make_response("", 304), tag)


def picture(found: Picture, tag: str) -> Response:
    """A picture that Discord still has and we have not."""
    response = make_response(found.body)
    response.content_type = found.content_type
    response.headers["Content-Disposition"] = "inline"
    return _sealed(response, tag)


def _asked_range(size: int) -> tuple[int, int | None] | None:
    """(start, length) of the one range that was asked for; length None for the whole. None for one outside of the file."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or request.headers.get("If-Range"):
        return 0, None
    found = asked.range_for_length(size)
    return None if found is None else (found[0], found[1] - found[0])


def _sealed(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    g.content_security_policy = POLICY
    return response
