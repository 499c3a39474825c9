"""Discord channel webhooks that the panel created. Their tokens are readable by the bot alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.encrypted import Encrypted
from app.db.personal import impersonal
from app.domain.clock import utcnow


class WebhookPurpose(StrEnum):
    ALERTS = "alerts"
    PUBLISH = "publish"


class DiscordWebhook(TenantScoped, Model):
    """One managed webhook per purpose. It posts nothing before the owner has confirmed the channel."""

    __tablename__ = "discord_webhooks"
    __table_args__ = (UniqueConstraint("tenant_id", "purpose"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(16), info=impersonal())
    channel_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    name: Mapped[str] = mapped_column(String(80), info=impersonal())
    token: Mapped[str] = mapped_column(Encrypted("discord"), deferred=True, info=impersonal())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
