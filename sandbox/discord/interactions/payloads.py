"""INTERACTION_CREATE: what the bot is told about an act, and by whom it was done."""

from __future__ import annotations

from sandbox.discord import payloads, permissions
from sandbox.discord.interactions.book import Interaction
from sandbox.discord.models import Channel, Guild, Json, Member
from sandbox.discord.world import World

ATTACHMENT_LIMIT = 10 * 1024 * 1024


def member_bits(world: World, guild: Guild, member: Member, channel: Channel) -> int:
    """What the member may do in the channel at this moment, timeouts considered."""
    bits = permissions.channel_permissions(guild, member, channel)
    until = member.timed_out_until
    if until is None or until <= world.clock.now() or bits & permissions.ADMINISTRATOR:
        return bits
    return bits & permissions.WHILE_TIMED_OUT


def interaction_create(world: World, interaction: Interaction, guild: Guild, data: Json) -> Json:
    """The event's data for an interaction in a guild's channel."""
    channel = world.channels[interaction.channel_id]
    member = guild.members[interaction.user.id]
    bot = guild.members[world.bot_user.id]
    bits = member_bits(world, guild, member, channel)
    kept = {key: value for key, value in payloads.channel(channel).items() if key != "permission_overwrites"}
    return {
        "id": str(interaction.id),
        "application_id": str(world.application.id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": guild.preferred_locale, "features": ["COMMUNITY", "NEWS"]},
        "guild_locale": guild.preferred_locale,
        "channel_id": str(channel.id),
        "channel": kept | {"permissions": str(bits)},
        "member": payloads.member(member) | {"permissions": str(bits)},
        "locale": interaction.user.locale,
        "app_permissions": str(permissions.channel_permissions(guild, bot, channel)),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": str(guild.id)},
        "context": 0,
        "attachment_size_limit": ATTACHMENT_LIMIT,
        "data": data,
    }


def metadata(world: World, interaction: Interaction) -> Json:
    """What a message that answers an interaction tells about it."""
    guild_id = interaction.guild_id
    about: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": payloads.user(interaction.user),
        "authorizing_integration_owners": {"0": str(guild_id) if guild_id else "0"},
        **interaction.metadata,
    }
    told: Json = {"interaction_metadata": about, "webhook_id": str(world.application.id)}
    if interaction.name:
        told["interaction"] = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "name": interaction.name,
            "user": payloads.user(interaction.user),
        }
    return told
