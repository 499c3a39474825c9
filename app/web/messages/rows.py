"""Messages of one channel as rows: under the day they were written on, and those in a row by one person together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from flask_babel import format_date

from app.web.messages.drawing import MessageLook

TOGETHER = timedelta(minutes=7)
"""Discord draws what one person writes within this time under one head."""


@dataclass(frozen=True)
class RowLook:
    """A message in its place. `day` is its day where that is another than the row's before."""

    message: MessageLook
    day: date
    begins_day: bool
    is_grouped: bool
    """Drawn without the head: the row before is of the same author, shortly before."""

    @property
    def day_in_words(self) -> str:
        """The day as people say it."""
        return format_date(self.day, "full")


def rows_of(
    messages: Sequence[MessageLook], zone: tzinfo, *, marked_id: int | None = None, follows: int | None = None
) -> tuple[RowLook, ...]:
    """`messages` oldest first. `marked_id` always has its head; the row before the first is the last one of a part that
    is shown already where `follows` says so by its day (an ordinal)."""
    found: list[RowLook] = []
    before: MessageLook | None = None
    last_day = follows
    for message in messages:
        day = message.sent_at.astimezone(zone).date()
        begins_day = day.toordinal() != last_day
        is_grouped = (
            before is not None and not begins_day and message.id != marked_id and _belong_together(before, message)
        )
        found.append(RowLook(message, day, begins_day, is_grouped))
        before, last_day = message, day.toordinal()
    return tuple(found)


def _belong_together(before: MessageLook, message: MessageLook) -> bool:
    return (
        before.author.id == message.author.id
        and before.author.name == message.author.name
        and message.reply is None
        and message.body.command is None
        and not message.is_from_discord
        and not before.is_from_discord
        and message.sent_at - before.sent_at <= TOGETHER
    )
