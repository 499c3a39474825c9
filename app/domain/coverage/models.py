"""The coverage ledger: of which stretches of which channels the archive is known to be complete, and what is missing.

A stretch is counted in message ids, which hold their time. None of these tables has a foreign key to another archive
table (design 4a).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.claimable import Claimable, JobState
from app.db.ids import new_id
from app.domain.clock import utcnow


class CoverageWatermark(TenantScoped, Model):
    """How far the bot has come: everything that it received until then is in the database. One row per tenant.

    Whoever changes the ledger of a tenant locks this row first.
    """

    __tablename__ = "coverage_watermarks"

    seen_until_ms: Mapped[int] = mapped_column(Snowflake)
    """Unix milliseconds, by the bot's clock."""
    began_ms: Mapped[int] = mapped_column(Snowflake)
    """When the ledger of this tenant began."""
    bot_id: Mapped[int] = mapped_column(Snowflake)
    """Who reads: the bot's own user."""
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """When the archive was last compared with Discord's own counts."""


class EndedBy(StrEnum):
    """Why a stretch that was live ended."""

    INTERRUPTION = "interruption"
    """The bot was away, or its session could not be resumed."""
    PERMISSION = "permission"
    """The bot could no longer read the channel, or the channel was deleted."""
    CHOICE = "choice"
    """The owner chose to keep no archive, or left the channel out: no gap."""


class CoverageInterval(TenantScoped, Model):
    """A stretch of a channel that is complete: ids from `first_id` to before `until_id`."""

    __tablename__ = "coverage"

    channel_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    first_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    until_id: Mapped[int | None] = mapped_column(Snowflake, default=None)
    """None while it is live: then the watermark bounds it."""
    ended_by: Mapped[str | None] = mapped_column(String(16), default=None)
    """A word of `EndedBy`."""


class GapReason(StrEnum):
    """Why something is missing."""

    RESTART = "restart"
    MISSED_RESUME = "missed_resume"
    PERMISSION = "permission"
    QUEUE_FULL = "queue_full"
    INDEXING_FAILED = "indexing_failed"
    CROSS_CHECK = "cross_check"
    HISTORY = "history"
    """The time before the bot came: asked for by the set-up."""
    REQUEST = "request"
    """The time before the bot came: asked for by a person."""


LIVE_REASONS = frozenset(GapReason) - {GapReason.HISTORY, GapReason.REQUEST}
"""What was lost while the archive ran."""


class Gap(Claimable, TenantScoped, Model):
    """A stretch of a channel that is missing, and how far it is filled: newest first, down from `cursor_id`.

    Missing are ids above `after_id` and below `before_id`; ids above `check_after_id` are compared too, because they
    may have been edited or deleted meanwhile.
    """

    __tablename__ = "gaps"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "tenant_id", "channel_id"),
        Index(None, "tenant_id", "backfill_id"),
    )

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    channel_id: Mapped[int] = mapped_column(Snowflake)
    reason: Mapped[str] = mapped_column(String(24))
    after_id: Mapped[int] = mapped_column(Snowflake)
    before_id: Mapped[int] = mapped_column(Snowflake)
    check_after_id: Mapped[int] = mapped_column(Snowflake)
    cursor_id: Mapped[int | None] = mapped_column(Snowflake, default=None)
    """Everything from here up is filled. None: begin with the newest message that Discord has."""
    since_ms: Mapped[int] = mapped_column(Snowflake)
    """Until then the stretch below was known: what is found deleted was deleted after that."""
    lists_threads: Mapped[bool] = mapped_column(default=False)
    """True until the channel's archived threads have been looked through."""
    expected: Mapped[int | None] = mapped_column(default=None)
    """How many more messages there may be, by how close together the ones found stand."""
    pages: Mapped[int] = mapped_column(default=0)
    found_new: Mapped[int] = mapped_column(default=0)
    found_changed: Mapped[int] = mapped_column(default=0)
    found_deleted: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    """Messages that could not be kept."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    backfill_id: Mapped[int | None] = mapped_column(Snowflake, default=None)

    @property
    def is_open(self) -> bool:
        """True while it may still be filled by itself."""
        return self.state in (JobState.PENDING, JobState.IN_PROGRESS)

    @property
    def missing_until_id(self) -> int:
        """Ids above `after_id` and below this are still missing."""
        return self.before_id if self.cursor_id is None else max(self.after_id + 1, self.cursor_id)


class Backfill(Claimable, TenantScoped, Model):
    """History that somebody asked for. As a job it is the looking for threads and the counting; its gaps are the work."""

    __tablename__ = "backfills"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    reason: Mapped[str] = mapped_column(String(24))
    requested_by: Mapped[int | None] = mapped_column(Snowflake, default=None)
    """None: the set-up."""
    channel_id: Mapped[int | None] = mapped_column(Snowflake, default=None)
    """None: every channel that the bot reads."""
    oldest_id: Mapped[int] = mapped_column(Snowflake)
    """How far back."""
    before_id: Mapped[int] = mapped_column(Snowflake)
    """What came from here on is no history."""
    expected: Mapped[int | None] = mapped_column(default=None)
    """How many messages there are to fetch, by Discord's own search; None where it could not be asked."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    worked_ms: Mapped[int] = mapped_column(Snowflake, default=0)
    """How long it has been worked on before it was last cancelled."""

    @property
    def is_prepared(self) -> bool:
        """True once every stretch that is to be fetched is known."""
        return self.started_at is not None

    @property
    def is_running(self) -> bool:
        return self.finished_at is None and self.cancelled_at is None
