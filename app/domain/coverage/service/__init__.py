"""What changes the coverage ledger."""

from app.domain.access import SystemActor
from app.domain.coverage.service.accounting import (
    NO_ACCESS,
    Account,
    ArchivingGuild,
    Missed,
    account_for_channels,
    archiving_guilds,
)
from app.domain.coverage.service.backfills import (
    DEPTHS,
    ClaimedBackfill,
    RequestBackfill,
    cancel_backfill,
    channels_to_look_through,
    claim_backfills,
    request_backfill,
    resume_backfill,
    set_backfill_back,
    start_backfill,
)
from app.domain.coverage.service.checking import CountedDay, DueCheck, claim_checks, count_days, note_counts
from app.domain.coverage.service.filling import (
    PAGE,
    UNKNOWN_CHANNEL,
    AskedPage,
    ClaimedGap,
    claim_gaps,
    count_open,
    give_up,
    next_page,
    set_back,
    take_page,
    threads_found,
)
from app.domain.coverage.service.losses import open_loss_gaps
from app.domain.coverage.service.watermarks import note_watermarks

COVERAGE = SystemActor("coverage")

__all__ = [
    "COVERAGE",
    "DEPTHS",
    "NO_ACCESS",
    "PAGE",
    "UNKNOWN_CHANNEL",
    "Account",
    "ArchivingGuild",
    "AskedPage",
    "ClaimedBackfill",
    "ClaimedGap",
    "CountedDay",
    "DueCheck",
    "Missed",
    "RequestBackfill",
    "account_for_channels",
    "archiving_guilds",
    "cancel_backfill",
    "channels_to_look_through",
    "claim_backfills",
    "claim_checks",
    "claim_gaps",
    "count_days",
    "count_open",
    "give_up",
    "next_page",
    "note_counts",
    "note_watermarks",
    "open_loss_gaps",
    "request_backfill",
    "resume_backfill",
    "set_back",
    "set_backfill_back",
    "start_backfill",
    "take_page",
    "threads_found",
]
