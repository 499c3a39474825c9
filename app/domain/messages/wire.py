"""Single values out of Discord's JSON: whatever is there, what comes back fits a column."""

from __future__ import annotations

LONGEST_STRING = 4_500
HIGHEST_ID = (1 << 63) - 1


def snowflake(value: object) -> int | None:
    """A Discord id out of a payload, or None where there is none that a column could hold."""
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal()) or len(value) > 20:
            return None
        value = int(value)
    elif not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value <= HIGHEST_ID else None


def clean_text(value: str, longest: int = LONGEST_STRING) -> str:
    """`value` cut to `longest` characters, with halves of surrogate pairs (which no database takes) replaced."""
    if len(value) > longest:
        value = value[:longest]
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


def optional_text(value: object, longest: int) -> str | None:
    """A text, cut; None for anything else."""
    return clean_text(value, longest) if isinstance(value, str) else None


def small_number(value: object, limit: int) -> int:
    """A number from 0 to below `limit`; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < limit else 0
