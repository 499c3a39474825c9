"""Discord's JSON of each thing, for REST answers and gateway dispatches alike. Messages: `message_payloads`."""

from sandbox.discord.payloads.channels import channel, overwrite, thread, thread_member
from sandbox.discord.payloads.guilds import audit_log_entry, ban, guild, guild_create, role, webhook
from sandbox.discord.payloads.people import member, member_without_user, own_user, user

__all__ = [
    "audit_log_entry",
    "ban",
    "channel",
    "guild",
    "guild_create",
    "member",
    "member_without_user",
    "overwrite",
    "own_user",
    "role",
    "thread",
    "thread_member",
    "user",
    "webhook",
]
