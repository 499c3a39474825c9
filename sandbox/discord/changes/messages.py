"""Messages: written, edited, deleted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.discord import audit_actions, message_payloads
from sandbox.discord.changes.reactions import ReactionChanges
from sandbox.discord.changes.threads import ThreadChanges
from sandbox.discord.clock import snowflake_at
from sandbox.discord.models import Attachment, Channel, Guild, Json, Message, Revision, User, Webhook

USER_MENTION = re.compile(r"<@!?(\d{15,20})>")
COUNTED_UP = timedelta(minutes=5)
"""For so long Discord counts a line on deleted messages up instead of writing another."""
ROLE_MENTION = re.compile(r"<@&(\d{15,20})>")


@dataclass(slots=True)
class Draft:
    """What a message is to say. `allowed_mentions` is Discord's object; None lets every mention count.

    A `webhook` gives the author's name and look; `webhook_id` with `application_id` and `interaction` (the message
    keys `interaction_metadata`, …) marks what a bot says in answer to an interaction.
    """

    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    sticker_items: list[Json] = field(default_factory=list)
    poll: Json | None = None
    flags: int = 0
    tts: bool = False
    type: int = 0
    nonce: str | int | None = None
    reply_to: Message | None = None
    pings_replied: bool = True
    forwarded: Message | None = None
    may_mention_everyone: bool = False
    allowed_mentions: Json | None = None
    interaction: Json | None = None
    application_id: int | None = None
    webhook_id: int | None = None
    webhook: Webhook | None = None
    webhook_name: str | None = None
    webhook_avatar: str | None = None


class MessageChanges(ThreadChanges, ReactionChanges):
    def create_message(
        self,
        channel_id: int,
        author_id: int,
        draft: Draft | str,
        *,
        message_id: int | None = None,
        at: datetime | None = None,
        is_silent: bool = False,
    ) -> Message:
        """Posts a message and emits MESSAGE_CREATE. Nobody's permissions are asked.

        `message_id`, `at` and `is_silent` are for loading the past.
        """
        if isinstance(draft, str):
            draft = Draft(draft)
        channel = self.channels[channel_id]
        author = self.users.get(author_id) or User(author_id, "Deleted User")
        message = self._written(channel, author, draft, message_id or self.snowflake(), at or self.clock.now())
        channel.messages.add(message)
        channel.total_sent += 1
        for item in draft.attachments:
            self.attachments[item.id] = item
        if not is_silent:
            if message.webhook_id is None:
                self._join_thread_by_writing(channel, author)
            content = message_payloads.message_event(self, message)
            self.emit("MESSAGE_CREATE", channel.guild_id, channel.id, content)
        message.nonce = None
        return message

    def edit_message(
        self, message: Message, *, at: datetime | None = None, is_silent: bool = False, **new: object
    ) -> Message:
        """Changes `content`, `embeds`, `components`, `attachments` or `flags`; emits MESSAGE_UPDATE."""
        moment = at or self.clock.now()
        if "content" in new or "embeds" in new or "components" in new:
            message.revisions.append(Revision(message.edited_at or message.timestamp, message.content, message.embeds))
            message.edited_at = moment
        for name, value in new.items():
            setattr(message, name, value)
        for item in message.attachments:
            self.attachments[item.id] = item
        if "content" in new:
            self._note_mentions(message, self.channels[message.channel_id], None, may_mention_everyone=False)
        if not is_silent:
            self._emit_message("MESSAGE_UPDATE", message)
        return message

    def delete_message(self, message: Message, by: int | None = None, *, reason: str | None = None) -> None:
        """Deletes a message; another's by a moderator is written to the audit log."""
        channel = self.channels[message.channel_id]
        channel.messages.remove(message, self.clock.now())
        content = {"id": str(message.id), "channel_id": str(channel.id)}
        self._emit_in(channel, "MESSAGE_DELETE", content)
        guild = self.guilds.get(channel.guild_id or 0)
        if guild is not None and by is not None and by != message.author.id and message.webhook_id is None:
            self._record_deletion(guild, channel, by, message.author.id, reason)

    def _record_deletion(self, guild: Guild, channel: Channel, by: int, author_id: int, reason: str | None) -> None:
        """A new line, or one of the last minutes counted up: of that the gateway says nothing."""
        since = snowflake_at(self.clock.now() - COUNTED_UP)
        for entry in reversed(guild.audit_log):
            if entry.id < since:
                break
            who = (entry.action, entry.user_id, entry.target_id)
            options = entry.options or {}
            if who == (audit_actions.MESSAGE_DELETE, by, author_id) and options.get("channel_id") == str(channel.id):
                entry.options = options | {"count": str(int(options["count"]) + 1)}
                return
        options = {"channel_id": str(channel.id), "count": "1"}
        self.record(guild, audit_actions.MESSAGE_DELETE, by, author_id, reason=reason, options=options)

    def bulk_delete_messages(
        self, channel: Channel, messages: Sequence[Message], by: int | None = None, *, reason: str | None = None
    ) -> None:
        """Deletes many at once: one MESSAGE_DELETE_BULK and one audit log entry."""
        for message in messages:
            channel.messages.remove(message, self.clock.now())
        if not messages:
            return
        content: Json = {"ids": [str(message.id) for message in messages], "channel_id": str(channel.id)}
        self._emit_in(channel, "MESSAGE_DELETE_BULK", content)
        guild = self.guilds.get(channel.guild_id or 0)
        if guild is not None and by is not None:
            options = {"count": str(len(messages))}
            self.record(guild, audit_actions.MESSAGE_BULK_DELETE, by, channel.id, reason=reason, options=options)

    def _written(self, channel: Channel, author: User, draft: Draft, message_id: int, at: datetime) -> Message:
        hook = draft.webhook
        message = Message(
            id=message_id,
            channel_id=channel.id,
            guild_id=channel.guild_id,
            author=author,
            content=draft.content,
            timestamp=at,
            type=draft.type,
            flags=draft.flags,
            tts=draft.tts,
            embeds=draft.embeds,
            attachments=draft.attachments,
            components=draft.components,
            sticker_items=draft.sticker_items,
            poll=draft.poll,
            nonce=draft.nonce,
            interaction=draft.interaction,
            application_id=draft.application_id or (hook.application_id if hook else None),
            webhook_id=hook.id if hook else draft.webhook_id,
            webhook_name=(draft.webhook_name or hook.name) if hook else None,
            webhook_avatar=(draft.webhook_avatar or hook.avatar) if hook else None,
        )
        self._note_mentions(message, channel, draft.allowed_mentions, may_mention_everyone=draft.may_mention_everyone)
        if draft.reply_to is not None:
            self._reply(message, draft)
        elif draft.forwarded is not None:
            self._forward(message, draft.forwarded)
        return message

    def _reply(self, message: Message, draft: Draft) -> None:
        answered = draft.reply_to
        assert answered is not None
        message.type = draft.type or 19
        message.reference = _reference(answered, 0)
        if draft.pings_replied and answered.webhook_id is None and answered.author.id not in message.mention_ids:
            message.mention_ids.append(answered.author.id)

    def _forward(self, message: Message, forwarded: Message) -> None:
        message.reference = _reference(forwarded, 1)
        message.flags |= 1 << 14
        kept = message_payloads.message(self, forwarded, with_reference=False)
        names = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "components")
        snapshot = {name: kept[name] for name in (*names, "mentions", "mention_roles")}
        message.snapshots = [{"message": snapshot}]

    def _note_mentions(
        self, message: Message, channel: Channel, allowed: Json | None, *, may_mention_everyone: bool
    ) -> None:
        content = message.content
        if "@" not in content:
            message.mention_ids, message.mention_role_ids, message.mention_everyone = [], [], False
            return
        guild = self.guilds.get(channel.guild_id or 0)
        people = [int(found) for found in dict.fromkeys(USER_MENTION.findall(content))]
        roles = [int(found) for found in dict.fromkeys(ROLE_MENTION.findall(content))]
        everyone = may_mention_everyone and ("@everyone" in content or "@here" in content)
        if allowed is not None:
            parse = allowed.get("parse") or []
            wanted = {int(one) for one in allowed.get("users") or []}
            wanted_roles = {int(one) for one in allowed.get("roles") or []}
            people = [one for one in people if "users" in parse or one in wanted]
            roles = [one for one in roles if "roles" in parse or one in wanted_roles]
            everyone = everyone and "everyone" in parse
        message.mention_ids = [one for one in people if one in self.users]
        message.mention_role_ids = [one for one in roles if guild is not None and one in guild.roles]
        message.mention_everyone = everyone

    def _join_thread_by_writing(self, channel: Channel, author: User) -> None:
        if channel.is_thread and author.id not in channel.thread_members and author.id in self.users:
            self.join_thread(channel, author.id)


def _reference(target: Message, kind: int) -> Json:
    reference: Json = {"type": kind, "channel_id": str(target.channel_id), "message_id": str(target.id)}
    if target.guild_id is not None:
        reference["guild_id"] = str(target.guild_id)
    return reference
