"""The coverage page: a bar for each channel, what is being fetched, which channels the bot cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from app.domain.access import Actor, Permission
from app.domain.coverage import queries
from app.domain.coverage.queries import BackfillProgress, ChannelCoverage, CoverageOverview
from app.domain.coverage.readable import UnreadableChannel
from app.domain.coverage.service import DEPTHS
from app.domain.members.queries import channels_by_id, names_of
from app.domain.messages.reader import reader_for
from app.web.coverage import wording

PERIODS = (7, 30, 365)
WIDTH = 600.0
NARROWEST = 2.0
"""A gap of a minute is seen all the same."""


@dataclass(frozen=True)
class Bar:
    """A piece of a channel's line, in the drawing's units, and what it says."""

    x: float
    width: float
    state: str


@dataclass(frozen=True)
class Line:
    """One channel as it is drawn."""

    channel_id: int
    name: str
    bars: tuple[Bar, ...]
    state: str
    state_word: str
    tone: str
    since: datetime | None
    from_beginning: bool
    threads: int
    cure: str | None


@dataclass(frozen=True)
class Fetching:
    """One backfill as it is told."""

    progress: BackfillProgress
    title: str
    by: str | None
    time_left: str | None

    @property
    def percent(self) -> int:
        return round(self.progress.share * 100)


@dataclass(frozen=True)
class CoveragePage:
    """All that the page draws."""

    overview: CoverageOverview
    lines: tuple[Line, ...]
    fetching: tuple[Fetching, ...]
    days: int
    may_manage: bool
    depths: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    periods: tuple[dict[str, object], ...]


def build(person: Actor, days: int) -> CoveragePage:
    """The page of the last `days` days."""
    reader = reader_for(person)
    overview = queries.overview_of(reader, days)
    fetching = queries.backfills_in_progress(reader)
    return CoveragePage(
        overview=overview,
        lines=tuple(_line(one, overview) for one in overview.channels),
        fetching=tuple(_told(fetching)),
        days=days,
        may_manage=person.may(Permission.MANAGE_ARCHIVE),
        depths=tuple(("all" if one is None else str(one), wording.depth_named(one)) for one in DEPTHS),
        channels=tuple(
            (str(one.channel.id), f"#{one.channel.name}") for one in overview.channels if not one.unreadable
        ),
        periods=tuple(
            {
                "label": wording.depth_named(one),
                "url": url_for("coverage.listing", guild_id=person.guild_id, days=one),
                "is_current": one == days,
            }
            for one in PERIODS
        ),
    )


@dataclass(frozen=True)
class Arriving:
    """The newest week as it comes, for the set-up page."""

    fetching: Fetching | None
    channels: tuple[tuple[str, int], ...]
    """(name, messages), the busiest first."""
    unreadable: tuple[tuple[UnreadableChannel, str], ...]
    """(channel, what to do)."""

    @property
    def is_running(self) -> bool:
        return self.fetching is not None and self.fetching.progress.backfill.is_running


MOST_CHANNELS = 8


def arriving(person: Actor) -> Arriving:
    """What has come of the newest week, and which channels the bot cannot read; for who sees all."""
    progress = queries.first_week(reader_for(person))
    found = queries.found_by_channel(progress.backfill.id) if progress is not None else {}
    names = channels_by_id(found)
    busiest = sorted(found.items(), key=lambda one: -one[1])[:MOST_CHANNELS]
    return Arriving(
        next(iter(_told([progress])), None) if progress is not None else None,
        tuple((names[channel_id].name, count) for channel_id, count in busiest if count and channel_id in names),
        tuple((one, wording.cure_for(one)) for one in queries.channels_without_access(person.guild_id)),
    )


def _told(backfills: list[BackfillProgress]) -> list[Fetching]:
    channels = channels_by_id(one.backfill.channel_id for one in backfills if one.backfill.channel_id)
    people = names_of(one.backfill.requested_by for one in backfills if one.backfill.requested_by)
    return [
        Fetching(one, _title(one, channels), people.get(one.backfill.requested_by or 0), wording.time_left(one))
        for one in backfills
    ]


def _title(one: BackfillProgress, channels: dict[int, object]) -> str:
    if one.backfill.requested_by is None:
        told: str = _("The newest days from before the archive began")
        return told
    channel = channels.get(one.backfill.channel_id or 0)
    told = (
        _("History of #%(channel)s", channel=getattr(channel, "name", "?")) if channel else _("History of all channels")
    )
    return told


def _line(one: ChannelCoverage, overview: CoverageOverview) -> Line:
    state, word, tone = _state(one)
    return Line(
        channel_id=one.channel.id,
        name=one.channel.name,
        bars=tuple(_bars(one, overview)),
        state=state,
        state_word=word,
        tone=tone,
        since=one.since,
        from_beginning=one.from_beginning,
        threads=one.threads,
        cure=wording.cure_for(one.unreadable) if one.unreadable is not None else None,
    )


def _state(one: ChannelCoverage) -> tuple[str, str, str]:
    kinds = {piece.state for piece in one.pieces}
    if one.unreadable is not None:
        return "unreadable", _("Not readable"), "danger"
    if one.channel.deleted_at is not None:
        return "deleted", _("Deleted on Discord"), ""
    if one.is_left_out:
        return "off", _("Not kept, by choice"), ""
    if "gap" in kinds or one.open_gaps:
        return "gap", _("Being filled"), "accent"
    if "lost" in kinds:
        return "lost", _("Has a gap"), "warn"
    return "complete", _("Complete"), "good"


def _bars(one: ChannelCoverage, overview: CoverageOverview) -> list[Bar]:
    """Complete below, gaps above it."""
    whole = (overview.until - overview.first).total_seconds() or 1.0
    order = {"off": 0, "complete": 1, "gap": 2, "lost": 3}
    bars = []
    for piece in sorted(one.pieces, key=lambda piece: order[piece.state]):
        x = (piece.first - overview.first).total_seconds() / whole * WIDTH
        width = max(NARROWEST, (piece.until - piece.first).total_seconds() / whole * WIDTH)
        bars.append(Bar(round(min(x, WIDTH - width), 2), round(width, 2), piece.state))
    return bars
