"""What some bytes are, by their beginning; what a browser may show of it; and what is never kept. Pure.

Discord's word on a file's kind is its sender's word, so nothing that is shown rests on it.
"""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import PurePath

from app.domain.messages.pictures import UnknownPicture, read_picture

HEAD_BYTES = 512 * 1024
"""As much as is looked at: a photograph's own notes come before its size."""
LARGEST_SIDE = 16_384
UNKNOWN = "application/octet-stream"

SHOWN_INLINE = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/wav",
        "audio/flac",
    }
)
"""What browsers show and what cannot carry a script; everything else is offered for saving."""

PROGRAMS = frozenset(
    [
        ".apk",
        ".app",
        ".appimage",
        ".bat",
        ".cmd",
        ".com",
        ".cpl",
        ".deb",
        ".dll",
        ".dmg",
        ".exe",
        ".gadget",
        ".hta",
        ".inf",
        ".jar",
        ".jse",
        ".lnk",
        ".msc",
        ".msi",
        ".msix",
        ".pif",
        ".pkg",
        ".ps1",
        ".reg",
        ".rpm",
        ".scr",
        ".sys",
        ".vb",
        ".vbe",
        ".vbs",
        ".wsf",
        ".wsh",
        ".xll",
    ]
)
_PROGRAM_HEADS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe")

_HEADS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypM4A", "audio/mp4"),
    *((4, b"ftyp" + brand, UNKNOWN) for brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1")),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
)


def kind_of(head: bytes) -> str:
    """The content type of a file that begins with `head` (`HEAD_BYTES` of it); `UNKNOWN` where its bytes do not say.

    A picture that a browser would unpack to gigabytes is unknown too, so that it is not shown.
    """
    try:
        picture = read_picture(head)
    except UnknownPicture:
        return next((kind for at, mark, kind in _HEADS if head[at : at + len(mark)] == mark), UNKNOWN)
    return picture.content_type if max(picture.width, picture.height) <= LARGEST_SIDE else UNKNOWN


def is_program(filename: str, head: bytes = b"") -> bool:
    """True for what runs when it is opened: the panel hands no program from one stranger to another."""
    return PurePath(filename.rstrip(" .").lower()).suffix in PROGRAMS or head.startswith(_PROGRAM_HEADS)


def is_allowed(content_type: str, patterns: tuple[str, ...] | None) -> bool:
    """True where a plan keeps files of this kind; `patterns` are like `image/*`, None is every kind."""
    return patterns is None or any(fnmatch(content_type, pattern) for pattern in patterns)


def is_shown_inline(content_type: str) -> bool:
    """True where a browser may show it in a page."""
    return content_type in SHOWN_INLINE


def family(content_type: str) -> str:
    """`image`, `video`, `audio` for what is shown inline; `file` for everything else."""
    return content_type.partition("/")[0] if is_shown_inline(content_type) else "file"
