"""Writing the activity log."""

from __future__ import annotations

import secrets
from typing import Any

from app.db.transaction import TransactionError, in_transaction
from app.domain.access import Actor, SystemActor, system_only
from app.domain.audit.models import AuditEntry
from app.extensions import db

AUDIT = SystemActor("audit")


@system_only
def record(
    _system: SystemActor,
    actor: Actor | SystemActor,
    kind: str,
    object_id: object,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Note one change of product state, in the transaction that makes it. Raises `TransactionError` outside one."""
    if not in_transaction():
        raise TransactionError("an audit entry belongs into the transaction that makes the change")
    entry = AuditEntry(
        kind=kind,
        object_id=str(object_id),
        actor_id=actor.user_id if isinstance(actor, Actor) else None,
        actor_name=None if isinstance(actor, Actor) else actor.header,
        before=before,
        after=after,
        salt=secrets.token_hex(16),
    )
    db.session.add(entry)
    return entry
