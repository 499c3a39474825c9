"""Telling the live stream what changed."""

from __future__ import annotations

from app.clients import clients
from app.contracts.live import Signal
from app.db.scope import current_tenant_id
from app.db.transaction import on_commit
from app.domain.access import SystemActor, system_only

LIVE = SystemActor("live")


@system_only
def announce(_system: SystemActor, *signals: Signal, tenant_id: int | None = None) -> None:
    """Tell everybody who watches this tenant, once the open transaction is committed.

    `tenant_id` is needed under `all_tenants` alone. A signal is a hint: it may be lost, the change is not.
    """
    tenant = current_tenant_id() if tenant_id is None else tenant_id
    on_commit(lambda: clients().live_bus.publish(tenant, signals))
