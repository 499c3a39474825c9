"""Server A with its people, channels and messages, as the message pages have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update

from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import transaction
from app.domain.access import Actor, Role
from app.domain.clock import utcnow
from app.domain.privacy.models import RetentionSweep
from app.domain.tenants.models import RetentionChange
from app.extensions import db
from tests.app.messages_web.conftest import A, village
from tests.servers.sandbox import ALICE, SERVER_A

__all__ = ["village"]

OWNER = Actor(ALICE, A, SERVER_A, Role.OWNER)


def time_passes(*models: Any) -> None:
    """Whatever waits is due now."""
    with all_tenants(reason="the test moves every clock on"), transaction():
        for model in models or (RetentionSweep, RetentionChange):
            past = utcnow().replace(year=2020)
            db.session.execute(update(model).values(due_at=past, lease_until=past))


def counted(model: Any, tenant: int = A, **where: Any) -> int:
    """How many rows there are."""
    db.session.rollback()
    with tenant_scope(tenant):
        return db.session.scalar(select(func.count()).select_from(model).filter_by(**where)) or 0


def form(**fields: Any) -> Mapping[str, str]:
    return {name: str(value) for name, value in fields.items()}
