"""Roles and the guild's own settings."""

from sandbox.discord import audit_actions, payloads
from sandbox.discord.changes.base import WorldState, changed
from sandbox.discord.models import Guild, Json, Role


class RoleChanges(WorldState):
    def create_role(
        self,
        guild: Guild,
        name: str = "new role",
        permissions: int = 0,
        by: int | None = None,
        *,
        position: int | None = None,
        reason: str | None = None,
        **settings: object,
    ) -> Role:
        """Adds a role, just above @everyone unless said otherwise. Emits GUILD_ROLE_CREATE."""
        place = 1 if position is None else position
        for role in guild.roles.values():
            if role.position >= place and role.id != guild.id:
                role.position += 1
        role = Role(self.snowflake(), name, permissions, place)
        for setting, value in settings.items():
            setattr(role, setting, value)
        guild.roles[role.id] = role
        self.chronicle(guild, "GUILD_ROLE_CREATE", _content(guild, role))
        changes = changed("name", None, name) + changed("permissions", None, str(permissions))
        self.record(guild, audit_actions.ROLE_CREATE, by, role.id, reason=reason, changes=changes)
        return role

    def edit_role(
        self, guild: Guild, role: Role, by: int | None = None, *, reason: str | None = None, **new: object
    ) -> Role:
        """Changes `name`, `permissions`, `color`, `hoist`, `mentionable`. Emits GUILD_ROLE_UPDATE."""
        changes: list[Json] = []
        for name, value in new.items():
            former = getattr(role, name)
            is_bits = name == "permissions"
            changes += changed(name, str(former) if is_bits else former, str(value) if is_bits else value)
            setattr(role, name, value)
        if changes:
            self.chronicle(guild, "GUILD_ROLE_UPDATE", _content(guild, role))
            self.record(guild, audit_actions.ROLE_UPDATE, by, role.id, reason=reason, changes=changes)
        return role

    def move_roles(self, guild: Guild, places: dict[int, int]) -> None:
        """Gives roles new places, then numbers all of them without gaps."""
        wanted = sorted(
            (role for role in guild.roles.values() if role.id != guild.id),
            key=lambda role: (places.get(role.id, role.position), role.id not in places, -role.id),
        )
        for place, role in enumerate(wanted, start=1):
            if role.position != place:
                role.position = place
                self.chronicle(guild, "GUILD_ROLE_UPDATE", _content(guild, role))

    def delete_role(self, guild: Guild, role: Role, by: int | None = None, *, reason: str | None = None) -> None:
        """Deletes a role and takes it from everyone. Emits GUILD_ROLE_DELETE."""
        del guild.roles[role.id]
        for other in guild.roles.values():
            if other.position > role.position:
                other.position -= 1
        for membership in guild.members.values():
            if role.id in membership.role_ids:
                membership.role_ids.remove(role.id)
        for channel in guild.channels.values():
            channel.overwrites.pop(role.id, None)
        self.chronicle(guild, "GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)})
        changes = changed("name", role.name, None)
        self.record(guild, audit_actions.ROLE_DELETE, by, role.id, reason=reason, changes=changes)

    def edit_guild(self, guild: Guild, by: int | None = None, *, reason: str | None = None, **new: object) -> Guild:
        """Changes `name`, `description`, `owner_id`, … of a guild. Emits GUILD_UPDATE."""
        changes: list[Json] = []
        for name, value in new.items():
            former = getattr(guild, name)
            is_id = name.endswith("_id")
            changes += changed(
                name, str(former) if is_id and former else former, str(value) if is_id and value else value
            )
            setattr(guild, name, value)
        if changes:
            self.chronicle(guild, "GUILD_UPDATE", payloads.guild(guild))
            self.record(guild, audit_actions.GUILD_UPDATE, by, guild.id, reason=reason, changes=changes)
        return guild


def _content(guild: Guild, role: Role) -> Json:
    return {"guild_id": str(guild.id), "role": payloads.role(role)}
