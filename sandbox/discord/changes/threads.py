"""Threads and who takes part in them."""

from datetime import datetime

from sandbox.discord import audit_actions, message_payloads, payloads
from sandbox.discord.changes.base import WorldState, changed
from sandbox.discord.models import Channel, ChannelType, Guild, Json, Message


class ThreadChanges(WorldState):
    def create_thread(
        self,
        parent: Channel,
        owner_id: int,
        name: str,
        *,
        kind: int = ChannelType.PUBLIC_THREAD,
        starter: Message | None = None,
        thread_id: int | None = None,
        at: datetime | None = None,
        is_silent: bool = False,
        **settings: object,
    ) -> Channel:
        """Opens a thread, on a message or by itself; its owner joins it. Emits THREAD_CREATE."""
        guild = self.guilds[parent.guild_id or 0]
        moment = at or self.clock.now()
        identity = thread_id or (starter.id if starter else self.snowflake())
        thread = Channel(identity, guild.id, kind, name, parent_id=parent.id, owner_id=owner_id, created_at=moment)
        for setting, value in settings.items():
            setattr(thread, setting, value)
        thread.thread_members[owner_id] = moment
        guild.threads[thread.id] = self.channels[thread.id] = thread
        if starter is not None:
            starter.thread_id = thread.id
            starter.flags |= 1 << 5
        if is_silent:
            return thread
        content = payloads.thread(thread, self.bot_user.id) | {"newly_created": True}
        self.emit("THREAD_CREATE", guild.id, thread.id, content)
        if starter is not None:
            self.emit("MESSAGE_UPDATE", guild.id, parent.id, message_payloads.message_event(self, starter))
        self.record(guild, audit_actions.THREAD_CREATE, owner_id, thread.id, changes=changed("name", None, name))
        return thread

    def edit_thread(
        self, thread: Channel, by: int | None = None, *, reason: str | None = None, **new: object
    ) -> Channel:
        """Changes `name`, `is_archived`, `is_locked`, `auto_archive_minutes`, `slowmode`, `invitable`."""
        guild = self.guilds[thread.guild_id or 0]
        words = {"is_archived": "archived", "is_locked": "locked", "auto_archive_minutes": "auto_archive_duration"}
        words["slowmode"] = "rate_limit_per_user"
        changes: list[Json] = []
        for name, value in new.items():
            changes += changed(words.get(name, name), getattr(thread, name), value)
            setattr(thread, name, value)
        if "is_archived" in new:
            thread.archived_at = self.clock.now()
        if changes:
            self.emit("THREAD_UPDATE", guild.id, thread.id, payloads.thread(thread, self.bot_user.id))
            self.record(guild, audit_actions.THREAD_UPDATE, by, thread.id, reason=reason, changes=changes)
        return thread

    def delete_thread(self, thread: Channel, by: int | None = None, *, reason: str | None = None) -> None:
        """Deletes a thread with its messages."""
        guild = self.guilds[thread.guild_id or 0]
        del guild.threads[thread.id]
        del self.channels[thread.id]
        content = {
            "id": str(thread.id),
            "guild_id": str(guild.id),
            "parent_id": str(thread.parent_id),
            "type": thread.type,
        }
        self.emit("THREAD_DELETE", guild.id, thread.parent_id, content)
        changes = changed("name", thread.name, None)
        self.record(guild, audit_actions.THREAD_DELETE, by, thread.id, reason=reason, changes=changes)

    def join_thread(self, thread: Channel, user_id: int) -> None:
        """Adds someone to a thread."""
        if user_id in thread.thread_members:
            return
        thread.thread_members[user_id] = self.clock.now()
        self._emit_thread_members(self.guilds[thread.guild_id or 0], thread, [user_id], [])

    def leave_thread(self, thread: Channel, user_id: int) -> None:
        """Takes someone out of a thread."""
        if thread.thread_members.pop(user_id, None) is not None:
            self._emit_thread_members(self.guilds[thread.guild_id or 0], thread, [], [user_id])

    def _emit_thread_members(self, guild: Guild, thread: Channel, added: list[int], removed: list[int]) -> None:
        content: Json = {
            "id": str(thread.id),
            "guild_id": str(guild.id),
            "member_count": min(len(thread.thread_members), 50),
        }
        if added:
            content["added_members"] = [
                payloads.thread_member(thread, one) | {"member": payloads.member(guild.members[one]), "presence": None}
                for one in added
                if one in guild.members
            ]
        if removed:
            content["removed_member_ids"] = [str(one) for one in removed]
        self.emit("THREAD_MEMBERS_UPDATE", guild.id, thread.id, content)
