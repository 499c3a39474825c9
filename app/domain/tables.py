"""Imports every table once, so that the mappers are complete in every process."""

from __future__ import annotations

from app.domain.accounts import models as accounts
from app.domain.audit import models as audit
from app.domain.members import models as members
from app.domain.messages import models as messages
from app.domain.moderation import models as moderation
from app.domain.notifications import models as notifications
from app.domain.staff import models as staff
from app.domain.tenants import models as tenants
from app.domain.webhooks import models as webhooks

__all__ = ["accounts", "audit", "members", "messages", "moderation", "notifications", "staff", "tenants", "webhooks"]
