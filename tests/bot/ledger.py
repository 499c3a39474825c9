"""Comparing the archive with Discord, and looking into its ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.db.scope import tenant_scope
from app.domain.coverage.models import Backfill, CoverageInterval, Gap, GapReason
from app.domain.messages.models import Message
from app.extensions import db
from tests.servers.sandbox import ALICE, SERVER_A, Sandbox

HOLDS_MESSAGES = (0, 2, 5, 10, 11, 12)


def rows(tenant_id: int, model: Any) -> list[Any]:
    """Every row of a tenant, as it is in the database now."""
    db.session.rollback()
    with tenant_scope(tenant_id):
        return list(db.session.scalars(select(model).execution_options(populate_existing=True)))


def gaps(tenant_id: int, *reasons: GapReason) -> list[Gap]:
    """The tenant's gaps, of these reasons where any are named."""
    return [gap for gap in rows(tenant_id, Gap) if not reasons or gap.reason in reasons]


def all_is_filled(tenant_id: int) -> bool:
    """True where the ledger has begun, and neither a gap nor a backfill is open."""
    return (
        bool(rows(tenant_id, CoverageInterval))
        and not any(one.is_running for one in rows(tenant_id, Backfill))
        and not any(gap.is_open for gap in gaps(tenant_id))
    )


def on_discord(discord: Sandbox, guild_id: int = SERVER_A) -> dict[int, str]:
    """Every message that is there now → its text."""
    found: dict[int, str] = {}
    guild = discord.get(f"/sandbox/state/{guild_id}")
    for channel in (*guild["channels"], *guild["threads"]):
        before: dict[str, str] = {}
        while channel["type"] in HOLDS_MESSAGES:
            page = discord.act(ALICE, "message.list", channel_id=channel["id"], limit="100", **before)
            found |= {int(one["id"]): one["content"] for one in page}
            if len(page) < 100:
                break
            before = {"before": page[-1]["id"]}
    return found


def kept(tenant_id: int) -> dict[int, str]:
    """What the archive holds for present → its newest text."""
    return {
        one.id: one.content for one in rows(tenant_id, Message) if one.deleted_at is None and one.author_id is not None
    }


def differences(discord: Sandbox, tenant_id: int, since: int = 0) -> dict[str, Any]:
    """What the archive lacks, has too much or has in another text, of messages with ids from `since`."""
    theirs = {one: text for one, text in on_discord(discord).items() if one >= since}
    ours = {one: text for one, text in kept(tenant_id).items() if one >= since}
    return {
        "lacking": sorted(theirs.keys() - ours.keys()),
        "too_many": sorted(ours.keys() - theirs.keys()),
        "other": {one: (theirs[one], ours[one]) for one in theirs.keys() & ours.keys() if theirs[one] != ours[one]},
    }


NO_DIFFERENCE = {"lacking": [], "too_many": [], "other": {}}
