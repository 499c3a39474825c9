"""Where people are sent, and how pictures that Discord keeps are addressed."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

HOME = "/"
LONGEST = 2000


def safe_next(wanted: str | None, otherwise: str) -> str:
    """A path of this site to go to after signing in; `otherwise` where none was wanted, home where it leads elsewhere."""
    if not wanted:
        return otherwise
    return wanted if _is_own_path(wanted) else HOME


def _is_own_path(wanted: str) -> bool:
    if len(wanted) > LONGEST or not wanted.startswith("/") or not wanted.isprintable():
        return False
    for spelling in (wanted, unquote(wanted), unquote(unquote(wanted))):
        # Browsers read a backslash as a slash, and two slashes as the start of another host.
        if "\\" in spelling or spelling.startswith("//") or any(ord(letter) < 32 for letter in spelling):
            return False
    parts = urlsplit(wanted)
    return not parts.scheme and not parts.netloc
