"""How far the bot has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import update

from app.db.scope import all_tenants
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.coverage.models import CoverageWatermark
from app.extensions import db

TENANTS_A_STATEMENT = 500


@system_only
@retriable
def note_watermarks(_system: SystemActor, seen_until_ms: Mapping[int, Iterable[int]]) -> None:
    """Everything received until a moment (unix milliseconds) is in the database, for these tenants. Never goes back."""
    with all_tenants(reason="one process notes how far it has come for every community that it serves"), transaction():
        for moment, tenants in seen_until_ms.items():
            ids = sorted(tenants)
            for start in range(0, len(ids), TENANTS_A_STATEMENT):
                db.session.execute(
                    update(CoverageWatermark)
                    .where(
                        CoverageWatermark.tenant_id.in_(ids[start : start + TENANTS_A_STATEMENT]),
                        CoverageWatermark.seen_until_ms < moment,
                    )
                    .values(seen_until_ms=moment)
                    .execution_options(synchronize_session=False)
                )
