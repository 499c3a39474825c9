"""What an owner may choose to keep, what for, and for how long."""

from __future__ import annotations

from enum import StrEnum

CHOICES: tuple[int | None, ...] = (30, 90, 365, None)
"""Days; None keeps messages until the owner says otherwise."""


class ArchivePurpose(StrEnum):
    """Why messages are kept: Discord asks for a stated purpose."""

    MODERATION = "moderation"
    HISTORY = "history"


def is_choice(days: int | None) -> bool:
    return days in CHOICES
