"""Channels, their overwrites, and direct messages."""

from sandbox.discord import audit_actions, payloads
from sandbox.discord.changes.base import WorldState, changed
from sandbox.discord.models import Channel, ChannelType, Guild, Json, Overwrite

SETTINGS = {"slowmode": "rate_limit_per_user"}


class ChannelChanges(WorldState):
    def create_channel(
        self,
        guild: Guild,
        name: str,
        *,
        kind: int = ChannelType.TEXT,
        by: int | None = None,
        channel_id: int | None = None,
        is_silent: bool = False,
        reason: str | None = None,
        **settings: object,
    ) -> Channel:
        """Adds a channel at the end of the list. Emits CHANNEL_CREATE."""
        channel = Channel(channel_id or self.snowflake(), guild.id, kind, name, position=len(guild.channels))
        for setting, value in settings.items():
            setattr(channel, setting, value)
        guild.channels[channel.id] = self.channels[channel.id] = channel
        if not is_silent:
            self.chronicle(guild, "CHANNEL_CREATE", payloads.channel(channel))
            changes = changed("name", None, name) + changed("type", None, kind)
            self.record(guild, audit_actions.CHANNEL_CREATE, by, channel.id, reason=reason, changes=changes)
        return channel

    def edit_channel(
        self, channel: Channel, by: int | None = None, *, reason: str | None = None, **new: object
    ) -> Channel:
        """Changes `name`, `topic`, `nsfw`, `slowmode`, `position`, `parent_id`. Emits CHANNEL_UPDATE."""
        guild = self.guilds[channel.guild_id or 0]
        changes: list[Json] = []
        for name, value in new.items():
            changes += changed(SETTINGS.get(name, name), getattr(channel, name), value)
            setattr(channel, name, value)
        if changes:
            self._emit_update(guild, channel)
            self.record(guild, audit_actions.CHANNEL_UPDATE, by, channel.id, reason=reason, changes=changes)
        return channel

    def delete_channel(self, channel: Channel, by: int | None = None, *, reason: str | None = None) -> None:
        """Deletes a channel with its messages, threads and webhooks. Emits CHANNEL_DELETE."""
        guild = self.guilds[channel.guild_id or 0]
        payload = payloads.channel(channel)
        for thread in [one for one in guild.threads.values() if one.parent_id == channel.id]:
            del guild.threads[thread.id]
            del self.channels[thread.id]
        for webhook in [one for one in self.webhooks.values() if one.channel_id == channel.id]:
            del self.webhooks[webhook.id]
        del guild.channels[channel.id]
        del self.channels[channel.id]
        self.chronicle(guild, "CHANNEL_DELETE", payload)
        changes = changed("name", channel.name, None)
        self.record(guild, audit_actions.CHANNEL_DELETE, by, channel.id, reason=reason, changes=changes)

    def set_overwrite(
        self, channel: Channel, overwrite: Overwrite, by: int | None = None, *, reason: str | None = None
    ) -> None:
        """Sets what a role or member may do in one channel. Emits CHANNEL_UPDATE."""
        guild = self.guilds[channel.guild_id or 0]
        former = channel.overwrites.get(overwrite.target_id)
        channel.overwrites[overwrite.target_id] = overwrite
        self._emit_update(guild, channel)
        action = audit_actions.OVERWRITE_UPDATE if former else audit_actions.OVERWRITE_CREATE
        changes = changed("allow", str(former.allow) if former else None, str(overwrite.allow))
        changes += changed("deny", str(former.deny) if former else None, str(overwrite.deny))
        options = self._overwrite_options(guild, overwrite)
        self.record(guild, action, by, channel.id, reason=reason, changes=changes, options=options)

    def delete_overwrite(
        self, channel: Channel, target_id: int, by: int | None = None, *, reason: str | None = None
    ) -> None:
        """Takes an overwrite away, where there is one."""
        guild = self.guilds[channel.guild_id or 0]
        former = channel.overwrites.pop(target_id, None)
        if former is None:
            return
        self._emit_update(guild, channel)
        changes = changed("allow", str(former.allow), None) + changed("deny", str(former.deny), None)
        options = self._overwrite_options(guild, former)
        self.record(
            guild, audit_actions.OVERWRITE_DELETE, by, channel.id, reason=reason, changes=changes, options=options
        )

    def open_direct_message(self, from_id: int, to_id: int) -> Channel:
        """The one channel between two users, made when first asked for."""
        for channel in self.channels.values():
            if channel.type == ChannelType.DM and {one.id for one in channel.recipients} == {from_id, to_id}:
                return channel
        channel = Channel(self.snowflake(), None, ChannelType.DM, "")
        channel.recipients = [self.users[to_id], self.users[from_id]]
        self.channels[channel.id] = channel
        return channel

    def _emit_update(self, guild: Guild, channel: Channel) -> None:
        self.chronicle(guild, "CHANNEL_UPDATE", payloads.channel(channel))

    def _overwrite_options(self, guild: Guild, overwrite: Overwrite) -> Json:
        options: Json = {"id": str(overwrite.target_id), "type": "0" if overwrite.is_role else "1"}
        role = guild.roles.get(overwrite.target_id)
        if role is not None:
            options["role_name"] = role.name
        return options
