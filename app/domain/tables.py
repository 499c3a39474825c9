"""Imports every table once, so that the mappers are complete in every process."""

from __future__ import annotations

from app.domain.accounts import models as accounts
from app.domain.audit import models as audit
from app.domain.coverage import models as coverage
from app.domain.exports import models as exports
from app.domain.files import models as files
from app.domain.holds import models as holds
from app.domain.members import models as members
from app.domain.messages import models as messages
from app.domain.moderation import models as moderation
from app.domain.notifications import models as notifications
from app.domain.privacy import models as privacy
from app.domain.searches import models as searches
from app.domain.staff import models as staff
from app.domain.tenants import models as tenants
from app.domain.viewings import models as viewings
from app.domain.webhooks import models as webhooks

__all__ = [
    "accounts",
    "audit",
    "coverage",
    "exports",
    "files",
    "holds",
    "members",
    "messages",
    "moderation",
    "notifications",
    "privacy",
    "searches",
    "staff",
    "tenants",
    "viewings",
    "webhooks",
]
