"""What the set-up forms carry, as typed, so that nothing is lost when a field is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.tenants.models import BotSettings
from app.domain.tenants.retention import ArchivePurpose

FOR_GOOD = "keep"
NOTHING = "nothing"
NO_CHANNEL = ""
NOT_A_CHOICE = -1


@dataclass(frozen=True)
class ArchiveForm:
    """`retention` is a number of days, `keep`, or `nothing`."""

    retention: str
    purpose: str

    @property
    def keeps_messages(self) -> bool:
        return self.retention != NOTHING

    @property
    def retention_days(self) -> int | None:
        """The chosen days, None for good; a word that is neither becomes a number that nobody may choose."""
        if self.retention in (FOR_GOOD, NOTHING):
            return None
        return _number(self.retention) or NOT_A_CHOICE

    @classmethod
    def read(cls, form: Mapping[str, str]) -> ArchiveForm:
        return cls(form.get("retention", "").strip(), form.get("purpose", "").strip())

    @classmethod
    def of(cls, settings: BotSettings) -> ArchiveForm:
        """What is in force; before the first choice the one that is proposed."""
        if settings.chosen_at is None:
            return cls("365", ArchivePurpose.MODERATION.value)
        if not settings.archive_enabled:
            return cls(NOTHING, ArchivePurpose.MODERATION.value)
        days = FOR_GOOD if settings.retention_days is None else str(settings.retention_days)
        return cls(days, settings.archive_purpose or ArchivePurpose.MODERATION.value)


@dataclass(frozen=True)
class ChannelsForm:
    """Ids of channels as the selects carry them; empty posts nothing."""

    alerts: str
    publish: str

    @property
    def alerts_channel_id(self) -> int | None:
        return _channel(self.alerts)

    @property
    def publish_channel_id(self) -> int | None:
        return _channel(self.publish)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> ChannelsForm:
        return cls(form.get("alerts_channel_id", "").strip(), form.get("publish_channel_id", "").strip())

    @classmethod
    def of(cls, settings: BotSettings) -> ChannelsForm:
        return cls(str(settings.alerts_channel_id or NO_CHANNEL), str(settings.publish_channel_id or NO_CHANNEL))


def _channel(word: str) -> int | None:
    # A word that is no id must be refused like an unknown channel, not read as "none".
    return None if word == NO_CHANNEL else _number(word) or NOT_A_CHOICE


def _number(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 19 else 0
