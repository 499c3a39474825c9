"""Reads of the managed webhooks; never their tokens."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.webhooks.models import DiscordWebhook, WebhookPurpose
from app.extensions import db


def webhook_for(purpose: WebhookPurpose) -> DiscordWebhook | None:
    """This tenant's webhook of that purpose."""
    return db.session.scalar(select(DiscordWebhook).where(DiscordWebhook.purpose == purpose.value))
