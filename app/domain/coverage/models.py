"""The coverage ledger: of which stretches of which channels the archive is known to be complete, and what is missing.

A stretch is counted in message ids, which hold their time. None of these tables has a foreign key to another archive
table (design 4a).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.claimable import Claimable, JobState
from app.db.ids import new_id
from app.db.personal import Erase, impersonal, names_person
from app.domain.clock import utcnow


class CoverageWatermark(TenantScoped, Model):
    """How far the bot has come: everything that it received until then is in the database. One row per tenant.

    Whoever changes the ledger of a tenant locks this row first.
    """

    __tablename__ = "coverage_watermarks"

    seen_until_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """Unix milliseconds, by the bot's clock."""
    began_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """When the ledger of this tenant began."""
    bot_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
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

    channel_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    first_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    until_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    """None while it is live: then the watermark bounds it."""
    ended_by: Mapped[str | None] = mapped_column(String(16), default=None, info=impersonal())
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

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id, info=impersonal())
    channel_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    reason: Mapped[str] = mapped_column(String(24), info=impersonal())
    after_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    before_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    check_after_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    cursor_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    """Everything from here up is filled. None: begin with the newest message that Discord has."""
    since_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """Until then the stretch below was known: what is found deleted was deleted after that."""
    lists_threads: Mapped[bool] = mapped_column(default=False)
    """True until the channel's archived threads have been looked through."""
    expected: Mapped[int | None] = mapped_column(default=None)
    """How many more messages there may be, by how close together the ones found stand."""
    pages: Mapped[int] = mapped_column(default=0)
    calls_ms: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """What the calls for these pages took, without waiting for the budget."""
    found_new: Mapped[int] = mapped_column(default=0)
    found_changed: Mapped[int] = mapped_column(default=0)
    found_deleted: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    """Messages that could not be kept."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    backfill_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())

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

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id, info=impersonal())
    reason: Mapped[str] = mapped_column(String(24), info=impersonal())
    requested_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who asked for history"))
    )
    """None: the set-up."""
    channel_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    """None: every channel that the bot reads."""
    oldest_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """How far back."""
    before_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """What came from here on is no history."""
    expected: Mapped[int | None] = mapped_column(default=None)
    """How many messages there are to fetch, by Discord's own search; None where it could not be asked."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    worked_ms: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """How long it has been worked on before it was last cancelled."""

    @property
    def is_prepared(self) -> bool:
        """True once every stretch that is to be fetched is known."""
        return self.started_at is not None

    @property
    def is_running(self) -> bool:
        return self.finished_at is None and self.cancelled_at is None


class CoverageCheck(TenantScoped, Model):
    """What Discord's own search counted of a channel's day, and what the archive had: the same difference is told once."""

    __tablename__ = "coverage_checks"

    channel_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    first_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    """Where the day begins."""
    theirs: Mapped[int] = mapped_column()
    ours: Mapped[int] = mapped_column()
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
