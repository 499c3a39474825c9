"""Channel webhooks."""

from sandbox.discord import audit_actions
from sandbox.discord.changes.base import WorldState, changed
from sandbox.discord.models import Channel, Json, User, Webhook


class WebhookChanges(WorldState):
    def create_webhook(
        self, channel: Channel, name: str, creator: User, *, avatar: str | None = None, reason: str | None = None
    ) -> Webhook:
        """Adds a webhook to a channel. Emits WEBHOOKS_UPDATE."""
        guild = self.guilds[channel.guild_id or 0]
        owner = self.application.id if creator.id == self.bot_user.id else None
        hook = Webhook(self.snowflake(), guild.id, channel.id, name, self.token(), creator, avatar, owner)
        self.webhooks[hook.id] = hook
        self._emit_webhooks(hook.guild_id, hook.channel_id)
        changes = changed("name", None, name) + changed("channel_id", None, str(channel.id))
        self.record(guild, audit_actions.WEBHOOK_CREATE, creator.id, hook.id, reason=reason, changes=changes)
        return hook

    def edit_webhook(
        self, hook: Webhook, by: int | None = None, *, reason: str | None = None, **new: object
    ) -> Webhook:
        """Changes `name`, `avatar` or `channel_id`."""
        changes: list[Json] = []
        former_channel = hook.channel_id
        for name, value in new.items():
            old = getattr(hook, name)
            if name != "avatar":
                changes += changed(name, str(old), str(value))
            setattr(hook, name, value)
        for channel_id in {former_channel, hook.channel_id}:
            self._emit_webhooks(hook.guild_id, channel_id)
        guild = self.guilds[hook.guild_id]
        self.record(guild, audit_actions.WEBHOOK_UPDATE, by, hook.id, reason=reason, changes=changes)
        return hook

    def delete_webhook(self, hook: Webhook, by: int | None = None, *, reason: str | None = None) -> None:
        """Revokes a webhook: its address answers 404 from now on."""
        del self.webhooks[hook.id]
        self._emit_webhooks(hook.guild_id, hook.channel_id)
        changes = changed("name", hook.name, None)
        guild = self.guilds[hook.guild_id]
        self.record(guild, audit_actions.WEBHOOK_DELETE, by, hook.id, reason=reason, changes=changes)

    def _emit_webhooks(self, guild_id: int, channel_id: int) -> None:
        content = {"guild_id": str(guild_id), "channel_id": str(channel_id)}
        self.emit("WEBHOOKS_UPDATE", guild_id, channel_id, content)
