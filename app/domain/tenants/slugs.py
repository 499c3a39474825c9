"""The word by which a community is known in public addresses."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 48


def slug_of(name: str, guild_id: int) -> str:
    """Lower-case ASCII words of the name joined by hyphens; where nothing is left, `server`. The end keeps it unique."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    return f"{words or 'server'}-{_end_of(guild_id)}"


def _end_of(guild_id: int) -> str:
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    word = ""
    while guild_id:
        guild_id, place = divmod(guild_id, len(letters))
        word = letters[place] + word
    return word
