"""What the staff forms carry, as typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class InviteForm:
    """A role and for how many days the link is good."""

    role: str = "moderator"
    days: str = "7"
    may_publish: bool = False

    @property
    def number_of_days(self) -> int:
        """0, which nobody may choose, for what is no number."""
        return int(self.days) if self.days.isascii() and self.days.isdigit() and len(self.days) <= 4 else 0

    @classmethod
    def read(cls, form: Mapping[str, str]) -> InviteForm:
        return cls(form.get("role", ""), form.get("days", "").strip(), form.get("may_publish") == "1")


@dataclass(frozen=True)
class MapForm:
    """A Discord role and the panel role that it gives."""

    discord_role: str = ""
    role: str = "moderator"
    may_publish: bool = False

    @property
    def discord_role_id(self) -> int:
        """0, which is no role, for what is no id."""
        word = self.discord_role
        return int(word) if word.isascii() and word.isdigit() and len(word) <= 19 else 0

    @classmethod
    def read(cls, form: Mapping[str, str]) -> MapForm:
        return cls(form.get("discord_role_id", "").strip(), form.get("role", ""), form.get("may_publish") == "1")
