"""The audit log, with its filters."""

from datetime import timedelta

from sandbox.discord import payloads, permissions
from sandbox.discord.clock import snowflake_at
from sandbox.discord.models import AuditLogEntry, Guild, Json
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.rest.validation import Form

KEPT_DAYS = 45


@route("GET", "/guilds/{guild_id}/audit-logs", limit=(10, 10.0))
async def get_audit_log(call: Call) -> Json:
    """Entries of the last 45 days, newest first (with `after` oldest first), and whoever they mention."""
    guild, _ = access.guild_of(call, permissions.VIEW_AUDIT_LOG)
    form = Form(dict(call.query))
    limit = form.integer("limit", least=1, most=100) or 50
    wanted: dict[str, int | None] = {"user_id": form.snowflake("user_id"), "target_id": form.snowflake("target_id")}
    wanted["action"] = form.integer("action_type")
    before = form.snowflake("before")
    after = form.snowflake("after")
    form.check()
    oldest = snowflake_at(call.world.clock.now() - timedelta(days=KEPT_DAYS))
    found = [
        one
        for one in sorted(guild.audit_log, key=lambda one: one.id, reverse=True)
        if one.id >= oldest
        and (before is None or one.id < before)
        and (after is None or one.id > after)
        and all(value is None or getattr(one, name) == value for name, value in wanted.items())
    ]
    if after is not None and before is None:
        found.reverse()
    return _page(call, guild, found[:limit])


def _page(call: Call, guild: Guild, entries: list[AuditLogEntry]) -> Json:
    mentioned = {one for entry in entries for one in (entry.user_id, entry.target_id) if one}
    users = call.world.users
    base_url = call.world.public_url
    webhooks = [hook for hook in call.world.webhooks.values() if hook.id in mentioned]
    return {
        "audit_log_entries": [payloads.audit_log_entry(one) for one in entries],
        "users": [payloads.user(users[one]) for one in sorted(mentioned) if one in users],
        "webhooks": [payloads.webhook(one, base_url) for one in webhooks],
        "threads": [payloads.thread(one) for one in guild.threads.values() if one.id in mentioned],
        "integrations": [],
        "guild_scheduled_events": [],
        "application_commands": [],
        "auto_moderation_rules": [],
    }
