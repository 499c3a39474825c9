"""What is done to a message without changing its words: reactions, pins; and the sign that someone types."""

from sandbox.discord import audit_actions, message_payloads, payloads
from sandbox.discord.changes.base import WorldState
from sandbox.discord.clock import iso
from sandbox.discord.models import Channel, Json, Message


class ReactionChanges(WorldState):
    def pin_message(
        self, message: Message, by: int | None, is_pinned: bool = True, *, reason: str | None = None
    ) -> None:
        """Pins or unpins; emits MESSAGE_UPDATE and CHANNEL_PINS_UPDATE."""
        if (message.pinned_at is not None) == is_pinned:
            return
        channel = self.channels[message.channel_id]
        message.pinned_at = self.clock.now() if is_pinned else None
        pins = [one.pinned_at for one in channel.messages if one.pinned_at is not None]
        channel.last_pin_at = max(pins, default=None)
        self._emit_message("MESSAGE_UPDATE", message)
        latest = iso(channel.last_pin_at) if channel.last_pin_at else None
        self._emit_in(channel, "CHANNEL_PINS_UPDATE", {"channel_id": str(channel.id), "last_pin_timestamp": latest})
        guild = self.guilds.get(channel.guild_id or 0)
        if guild is not None:
            action = audit_actions.MESSAGE_PIN if is_pinned else audit_actions.MESSAGE_UNPIN
            options = {"channel_id": str(channel.id), "message_id": str(message.id)}
            self.record(guild, action, by, message.author.id, reason=reason, options=options)

    def add_reaction(self, message: Message, user_id: int, emoji: str) -> None:
        """Adds one person's reaction, once; emits MESSAGE_REACTION_ADD."""
        people = message.reactions.setdefault(emoji, [])
        if user_id in people:
            return
        people.append(user_id)
        content = self._reaction(message, emoji) | {"user_id": str(user_id), "burst": False, "type": 0}
        content["message_author_id"] = str(message.author.id)
        guild = self.guilds.get(message.guild_id or 0)
        if guild is not None and user_id in guild.members:
            content["member"] = payloads.member(guild.members[user_id])
        self._emit_in(self.channels[message.channel_id], "MESSAGE_REACTION_ADD", content)

    def remove_reaction(self, message: Message, user_id: int, emoji: str) -> None:
        """Takes one person's reaction away; emits MESSAGE_REACTION_REMOVE."""
        people = message.reactions.get(emoji, [])
        if user_id not in people:
            return
        people.remove(user_id)
        if not people:
            del message.reactions[emoji]
        content = self._reaction(message, emoji) | {"user_id": str(user_id), "burst": False, "type": 0}
        self._emit_in(self.channels[message.channel_id], "MESSAGE_REACTION_REMOVE", content)

    def clear_reactions(self, message: Message, emoji: str | None = None) -> None:
        """Takes all reactions away, or all of one emoji."""
        channel = self.channels[message.channel_id]
        if emoji is None:
            message.reactions.clear()
            content = {"channel_id": str(channel.id), "message_id": str(message.id)}
            self._emit_in(channel, "MESSAGE_REACTION_REMOVE_ALL", content)
        elif message.reactions.pop(emoji, None) is not None:
            self._emit_in(channel, "MESSAGE_REACTION_REMOVE_EMOJI", self._reaction(message, emoji))

    def start_typing(self, channel: Channel, user_id: int) -> None:
        """Shows that someone writes."""
        content: Json = {
            "channel_id": str(channel.id),
            "user_id": str(user_id),
            "timestamp": int(self.clock.timestamp()),
        }
        guild = self.guilds.get(channel.guild_id or 0)
        if guild is not None and user_id in guild.members:
            content["member"] = payloads.member(guild.members[user_id])
        self._emit_in(channel, "TYPING_START", content)

    def _reaction(self, message: Message, emoji: str) -> Json:
        return {
            "channel_id": str(message.channel_id),
            "message_id": str(message.id),
            "emoji": message_payloads.emoji(emoji),
        }

    def _emit_message(self, name: str, message: Message) -> None:
        content = message_payloads.message_event(self, message)
        self.emit(name, message.guild_id, message.channel_id, content)

    def _emit_in(self, channel: Channel, name: str, content: Json) -> None:
        if channel.guild_id is not None:
            content["guild_id"] = str(channel.guild_id)
        self.emit(name, channel.guild_id, channel.id, content)
