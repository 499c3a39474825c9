"""What became of an attached file's bytes."""

from __future__ import annotations

from enum import StrEnum


class Kept(StrEnum):
    """Whether the bytes of a file are in our store, or why they are not."""

    WAITING = "waiting"
    KEPT = "kept"
    NOT_WANTED = "not_wanted"
    """The owner chose to keep no files."""
    TOO_LARGE = "too_large"
    WRONG_KIND = "wrong_kind"
    OVER_LIMIT = "over_limit"
    """The community's files together fill what its plan allows."""
    GONE = "gone"
    """Discord had it no more when we came."""
    UNREACHABLE = "unreachable"
    """It could not be fetched in all the time that we tried."""
    QUARANTINED = "quarantined"
    EXPIRED = "expired"
    """It was kept, or would have been, for as long as the owner said."""
