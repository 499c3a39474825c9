"""What picture some bytes are, and how large: read from the bytes alone. Pure.

PNG, JPEG, GIF, WebP and AVIF: what browsers draw and what cannot carry a script. Sizes are read where the format keeps
them, never by unpacking.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_MOST_MARKERS = 5_000


class UnknownPicture(Exception):
    """These bytes are none of the formats, or lack their header."""


@dataclass(frozen=True)
class Picture:
    """A picture as it may be shown; `width` and `height` are what its header says."""

    content_type: str
    width: int
    height: int
    body: bytes = field(repr=False)


def read_picture(body: bytes) -> Picture:
    """What picture `body` is. Raises `UnknownPicture`."""
    for reads, content_type, size_of in _FORMATS:
        if reads(body):
            try:
                width, height = size_of(body)
            except (struct.error, IndexError) as error:
                raise UnknownPicture(f"a broken {content_type}") from error
            if width <= 0 or height <= 0:
                raise UnknownPicture(f"a {content_type} without a size")
            return Picture(content_type, width, height, body)
    raise UnknownPicture("none of the formats")


def _png_size(body: bytes) -> tuple[int, int]:
    length, kind, width, height = struct.unpack_from(">I4sII", body, 8)
    return (width, height) if kind == b"IHDR" and length == 13 else (0, 0)


def _gif_size(body: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", body, 6)
    return width, height


def _jpeg_size(body: bytes) -> tuple[int, int]:
    at = 2
    for _marker in range(_MOST_MARKERS):
        if body[at] != 0xFF:
            break
        while body[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = body[at + 1]
        if marker in _JPEG_WITHOUT_LENGTH:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", body, at + 2)
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", body, at + 5)
            return width, height
        if length < 2:
            break
        at += 2 + length
    return 0, 0


def _webp_size(body: bytes) -> tuple[int, int]:
    kind = body[12:16]
    if kind == b"VP8 ":
        if body[23:26] != b"\x9d\x01\x2a":
            return 0, 0
        width, height = struct.unpack_from("<HH", body, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        if body[20] != 0x2F:
            return 0, 0
        (bits,) = struct.unpack_from("<I", body, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        wide, high = body[24:27], body[27:30]
        if len(high) < 3:
            return 0, 0
        return int.from_bytes(wide, "little") + 1, int.from_bytes(high, "little") + 1
    return 0, 0


def _avif_size(body: bytes) -> tuple[int, int]:
    """The largest item: its `ispe` boxes stand in the metadata, which comes before the pixels."""
    sizes: list[tuple[int, int]] = []
    at = body.find(b"ispe", 0, 65_536)
    while at >= 0 and len(sizes) < 100:
        width, height = struct.unpack_from(">II", body, at + 8)
        sizes.append((width, height))
        at = body.find(b"ispe", at + 4, 65_536)
    return (max(width for width, _h in sizes), max(height for _w, height in sizes)) if sizes else (0, 0)


_FORMATS: tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes], tuple[int, int]]], ...] = (
    (lambda body: body.startswith(_PNG), "image/png", _png_size),
    (lambda body: body.startswith(b"\xff\xd8\xff"), "image/jpeg", _jpeg_size),
    (lambda body: body[:6] in (b"GIF87a", b"GIF89a"), "image/gif", _gif_size),
    (lambda body: body[:4] == b"RIFF" and body[8:12] == b"WEBP", "image/webp", _webp_size),
    (lambda body: body[4:8] == b"ftyp" and body[8:12] in _AVIF_BRANDS, "image/avif", _avif_size),
)
