"""Creating and moving the managed webhooks. It runs in the bot, which alone ever holds a webhook's token."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.clients import errors as client_errors
from app.clients.discord_guild.port import CreatedWebhook
from app.db.transaction import release_connection, retriable, transaction
from app.domain import errors
from app.domain.access import SystemActor, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.discord import acts_on_discord, discord_guild
from app.domain.members.models import GuildChannel
from app.domain.webhooks.models import DiscordWebhook, WebhookPurpose
from app.domain.webhooks.queries import webhook_for
from app.extensions import db

NAMES = {WebhookPurpose.ALERTS: "Snowflake alerts", WebhookPurpose.PUBLISH: "Snowflake updates"}
"""What people see in Discord; Discord refuses names with its own in them."""
REASON = "Snowflake Panel: one webhook for each purpose"


@dataclass(frozen=True)
class PostedMessage:
    """A message that the panel posted."""

    id: int
    channel_id: int


@system_only
@acts_on_discord
def ensure_webhook(system: SystemActor, guild_id: int, purpose: WebhookPurpose, channel_id: int) -> DiscordWebhook:
    """The tenant's webhook of that purpose, in that channel: kept, moved there, or created. May run twice without harm.

    Raises `NotFound` for a channel that is not the community's, `Refused` with Discord's code, `Unavailable`.
    """
    channel = db.session.scalar(
        select(GuildChannel).where(GuildChannel.id == channel_id, GuildChannel.deleted_at.is_(None))
    )
    if channel is None:
        raise errors.NotFound(_("There is no such channel in this community."), code="unknown_channel")
    known = webhook_for(purpose)
    known_id = known.id if known is not None else None
    release_connection()
    try:
        found = _on_discord(guild_id, purpose, channel_id, known_id)
    except client_errors.Unavailable as error:
        raise errors.Unavailable(
            _("Discord cannot be reached now."), code=error.code, retry_after=error.retry_after
        ) from error
    except client_errors.Refused as error:
        raise errors.Refused(_("Discord refused to create the webhook."), code=error.code) from error
    return _remembered(system, purpose, found)


@system_only
@acts_on_discord
def post_message(
    _system: SystemActor, guild_id: int, purpose: WebhookPurpose, channel_id: int, content: str
) -> PostedMessage:
    """Post through the tenant's webhook of that purpose, if it stands in the channel that is meant; nobody is pinged.

    Not to be repeated after `Unavailable`: it may have been posted. Raises `NotFound` where the webhook is missing,
    `Conflict` where it stands elsewhere, `Refused` with Discord's code.
    """
    row = webhook_for(purpose)
    if row is None:
        raise errors.NotFound(_("There is no webhook for that."), code="no_webhook")
    if row.channel_id != channel_id:
        raise errors.Conflict(_("The webhook stands in another channel."), code="webhook_elsewhere")
    webhook_id, token = row.id, row.token
    release_connection()
    try:
        return PostedMessage(discord_guild().execute_webhook(guild_id, webhook_id, token, content), channel_id)
    except client_errors.Unavailable as error:
        raise errors.Unavailable(
            _("Discord cannot be reached now."), code=error.code, retry_after=error.retry_after
        ) from error
    except client_errors.Refused as error:
        raise errors.Refused(_("Discord refused the message."), code=error.code) from error


def _on_discord(guild_id: int, purpose: WebhookPurpose, channel_id: int, known_id: int | None) -> CreatedWebhook:
    """Look before creating: an earlier attempt's answer may have been lost."""
    discord = discord_guild()
    own = discord.webhooks(guild_id)
    ours = [each for each in own if each.id == known_id] or [each for each in own if each.name == NAMES[purpose]]
    if not ours:
        return discord.create_webhook(guild_id, channel_id, name=NAMES[purpose], reason=REASON)
    if ours[0].channel_id == channel_id:
        return ours[0]
    return discord.move_webhook(guild_id, ours[0].id, channel_id, reason=REASON)


@retriable
def _remembered(system: SystemActor, purpose: WebhookPurpose, found: CreatedWebhook) -> DiscordWebhook:
    with transaction():
        row = webhook_for(purpose)
        if row is not None and row.id == found.id and row.channel_id == found.channel_id:
            return row
        before = {"channel_id": str(row.channel_id)} if row is not None else None
        if row is not None and row.id != found.id:
            db.session.delete(row)
            db.session.flush()
            row = None
        if row is None:
            row = DiscordWebhook(id=found.id, purpose=purpose.value, name=found.name, token=found.token)
            db.session.add(row)
        row.channel_id = found.channel_id
        record(
            AUDIT, system, "webhook.placed", purpose.value, before=before, after={"channel_id": str(found.channel_id)}
        )
    return row
