"""Reads of tenants."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.tenants.models import Tenant
from app.extensions import db


def tenant_of_guild(guild_id: int) -> Tenant | None:
    """The tenant that this Discord server is, whatever its state."""
    return db.session.scalar(select(Tenant).where(Tenant.guild_id == guild_id))
