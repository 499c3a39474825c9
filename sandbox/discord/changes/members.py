"""People and bots who join, change, leave, and are shown out."""

from datetime import datetime, timedelta

from sandbox.discord import audit_actions, payloads
from sandbox.discord.changes.base import changed
from sandbox.discord.changes.messages import MessageChanges
from sandbox.discord.clock import iso
from sandbox.discord.models import Ban, Guild, Json, Member, Role, User


class MemberChanges(MessageChanges):
    def join(self, guild: Guild, user: User, *, at: datetime | None = None, is_silent: bool = False) -> Member:
        """Makes a user a member. Emits GUILD_MEMBER_ADD. Roles of an earlier stay are not given back."""
        existing = guild.members.get(user.id)
        if existing is not None:
            return existing
        membership = Member(guild.id, user, at or self.clock.now())
        self.users.setdefault(user.id, user)
        guild.members[user.id] = membership
        guild.former_members.pop(user.id, None)
        if not is_silent:
            content = payloads.member(membership) | {"guild_id": str(guild.id)}
            self.chronicle(guild, "GUILD_MEMBER_ADD", content)
        return membership

    def leave(self, guild: Guild, user_id: int) -> None:
        """Ends a membership. Emits GUILD_MEMBER_REMOVE; the installed bot gets GUILD_DELETE instead."""
        membership = guild.members.pop(user_id, None)
        if membership is None:
            return
        membership.left_at = self.clock.now()
        guild.former_members[user_id] = membership
        for thread in guild.threads.values():
            thread.thread_members.pop(user_id, None)
        content = {"guild_id": str(guild.id), "user": payloads.user(membership.user)}
        self.chronicle(guild, "GUILD_MEMBER_REMOVE", content)
        if user_id == self.bot_user.id:
            self._forget_bot(guild)

    def kick(self, guild: Guild, user_id: int, by: int | None, *, reason: str | None = None) -> None:
        """Shows someone out; written to the audit log."""
        self.leave(guild, user_id)
        self.record(guild, audit_actions.MEMBER_KICK, by, user_id, reason=reason)

    def ban(
        self, guild: Guild, user_id: int, by: int | None, *, reason: str | None = None, delete_seconds: int = 0
    ) -> Ban:
        """Bans a user, member or not, and deletes what they wrote in the last seconds. Repeating changes nothing."""
        existing = guild.bans.get(user_id)
        if existing is not None:
            return existing
        user = self.users[user_id]
        ban = guild.bans[user_id] = Ban(user, reason)
        self.chronicle(guild, "GUILD_BAN_ADD", {"guild_id": str(guild.id), "user": payloads.user(user)})
        self.leave(guild, user_id)
        self.record(guild, audit_actions.MEMBER_BAN_ADD, by, user_id, reason=reason)
        if delete_seconds:
            self._delete_recent(guild, user_id, self.clock.now() - timedelta(seconds=delete_seconds))
        return ban

    def unban(self, guild: Guild, user_id: int, by: int | None, *, reason: str | None = None) -> None:
        """Lifts a ban. Emits GUILD_BAN_REMOVE."""
        ban = guild.bans.pop(user_id)
        self.chronicle(guild, "GUILD_BAN_REMOVE", {"guild_id": str(guild.id), "user": payloads.user(ban.user)})
        self.record(guild, audit_actions.MEMBER_BAN_REMOVE, by, user_id, reason=reason)

    def edit_member(
        self, guild: Guild, membership: Member, by: int | None, *, reason: str | None = None, **new: object
    ) -> Member:
        """Changes `nick`, `role_ids` or `timed_out_until`. Emits GUILD_MEMBER_UPDATE, and an audit entry of each kind."""
        changes = self._plain_changes(membership, new)
        role_changes = self._role_changes(guild, membership, new)
        for name, value in new.items():
            setattr(membership, name, value)
        if not changes and not role_changes:
            return membership
        content = payloads.member(membership) | {"guild_id": str(guild.id)}
        self.chronicle(guild, "GUILD_MEMBER_UPDATE", content)
        target = membership.user.id
        if changes:
            self.record(guild, audit_actions.MEMBER_UPDATE, by, target, reason=reason, changes=changes)
        if role_changes:
            self.record(guild, audit_actions.MEMBER_ROLE_UPDATE, by, target, reason=reason, changes=role_changes)
        return membership

    def remember_membership(
        self, guild: Guild, at: datetime, user_id: int, change: str, by: int | None, reason: str | None
    ) -> None:
        """Writes a join, leave, kick or ban of the past into the guild's chronicle and audit log, in silence."""
        membership = guild.members.get(user_id) or guild.former_members.get(user_id)
        if membership is None:
            return
        content: Json = {"guild_id": str(guild.id), "user": payloads.user(membership.user)}
        if change == "join":
            joined = payloads.member(membership) | {"guild_id": str(guild.id), "roles": [], "joined_at": iso(at)}
            guild.chronicle.append((at, "GUILD_MEMBER_ADD", joined))
            return
        if change == "ban":
            guild.chronicle.append((at, "GUILD_BAN_ADD", content))
        guild.chronicle.append((at, "GUILD_MEMBER_REMOVE", content))
        action = {"kick": audit_actions.MEMBER_KICK, "ban": audit_actions.MEMBER_BAN_ADD}.get(change)
        if action is not None:
            self.remember_record(guild, at, action, by, user_id, reason=reason)

    def edit_user(self, user: User, **new: object) -> User:
        """Changes `username`, `global_name` or `avatar_hue` everywhere. Emits GUILD_MEMBER_UPDATE per guild."""
        for name, value in new.items():
            setattr(user, name, value)
        for guild in self.guilds.values():
            membership = guild.members.get(user.id)
            if membership is not None:
                content = payloads.member(membership) | {"guild_id": str(guild.id)}
                self.chronicle(guild, "GUILD_MEMBER_UPDATE", content)
        return user

    def install_bot(self, guild_id: int, permissions: int, by: int | None = None) -> Member:
        """Adds the application's bot with a role of its own. Its sessions get GUILD_CREATE."""
        guild = self.guilds[guild_id]
        already = guild.members.get(self.bot_user.id)
        if already is not None:
            return already
        membership = self.join(guild, self.bot_user)
        if permissions:
            place = min(guild.bot_role_position, len(guild.roles))
            role = Role(self.snowflake(), self.bot_user.username, permissions, place, managed=True)
            role.bot_id = self.bot_user.id
            if any(other.position == place for other in guild.roles.values()):
                for other in guild.roles.values():
                    other.position += other.position >= place
            guild.roles[role.id] = role
            membership.role_ids.append(role.id)
            self.chronicle(guild, "GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": payloads.role(role)})
        content = payloads.guild_create(self, guild, self.bot_user.id)
        self.emit("GUILD_CREATE", guild.id, None, content, self.bot_user.id)
        self.record(guild, audit_actions.BOT_ADD, by or guild.owner_id, self.bot_user.id)
        return membership

    def remove_bot(self, guild_id: int) -> None:
        """Takes the bot out of a guild. Its sessions get GUILD_DELETE without `unavailable`."""
        self.leave(self.guilds[guild_id], self.bot_user.id)

    def _forget_bot(self, guild: Guild) -> None:
        for role in [one for one in guild.roles.values() if one.bot_id == self.bot_user.id]:
            del guild.roles[role.id]
            content = {"guild_id": str(guild.id), "role_id": str(role.id)}
            self.chronicle(guild, "GUILD_ROLE_DELETE", content)
        self.emit("GUILD_DELETE", guild.id, None, {"id": str(guild.id)}, self.bot_user.id)

    def _delete_recent(self, guild: Guild, user_id: int, since: datetime) -> None:
        for channel in (*guild.channels.values(), *guild.threads.values()):
            own = (one for one in channel.messages if one.author.id == user_id and one.webhook_id is None)
            recent = [one for one in own if one.timestamp >= since]
            for start in range(0, len(recent), 100):
                self.bulk_delete_messages(channel, recent[start : start + 100])

    def _plain_changes(self, membership: Member, new: dict[str, object]) -> list[Json]:
        changes: list[Json] = []
        if "nick" in new:
            changes += changed("nick", membership.nick, new["nick"])
        if "timed_out_until" in new:
            old, until = membership.timed_out_until, new["timed_out_until"]
            written = iso(until) if isinstance(until, datetime) else None
            changes += changed("communication_disabled_until", iso(old) if old else None, written)
        return changes

    def _role_changes(self, guild: Guild, membership: Member, new: dict[str, object]) -> list[Json]:
        wanted = new.get("role_ids")
        if not isinstance(wanted, list):
            return []
        added = [one for one in wanted if one not in membership.role_ids]
        removed = [one for one in membership.role_ids if one not in wanted]
        changes: list[Json] = []
        for key, role_ids in (("$add", added), ("$remove", removed)):
            if role_ids:
                named = [{"id": str(one), "name": guild.roles[one].name} for one in role_ids if one in guild.roles]
                changes.append({"key": key, "new_value": named})
        return changes
