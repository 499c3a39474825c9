"""How an answer becomes a message: seen by all in the channel, or by the person alone."""

from __future__ import annotations

from typing import Any

from sandbox.discord.interactions.book import IS_EPHEMERAL, IS_LOADING, Interaction
from sandbox.discord.interactions.payloads import metadata
from sandbox.discord.models import Message
from sandbox.discord.world import Draft, World


def post(
    world: World, interaction: Interaction, draft: Draft, *, is_ephemeral: bool, is_followup: bool = False
) -> Message:
    """Post an answer. An ephemeral one is in no channel's history and in no event."""
    draft.type = interaction.message_type
    draft.interaction = metadata(world, interaction)
    draft.application_id = world.application.id
    answered = interaction.original if is_followup else interaction.source
    if answered is not None and not answered.flags & IS_EPHEMERAL and answered.deleted_at is None:
        draft.reply_to, draft.pings_replied, draft.type = answered, False, 19
    if is_ephemeral:
        return _whisper(world, interaction, draft)
    return world.create_message(interaction.channel_id, world.bot_user.id, draft)


def defer(world: World, interaction: Interaction, *, is_ephemeral: bool) -> Message:
    """The "thinking…" message that a later edit fills."""
    return post(world, interaction, Draft(flags=IS_LOADING), is_ephemeral=is_ephemeral)


def fill_deferred(world: World, interaction: Interaction, draft: Draft) -> None:
    """Put a follow-up's content into the deferred answer."""
    assert interaction.original is not None
    new: dict[str, Any] = {
        "content": draft.content,
        "embeds": draft.embeds,
        "components": draft.components,
        "attachments": draft.attachments,
        "flags": (interaction.original.flags | draft.flags) & ~IS_LOADING,
    }
    edit(world, interaction, interaction.original, new)
    interaction.is_pending_edit = False


def edit(world: World, interaction: Interaction, message: Message, new: dict[str, Any]) -> None:
    """Edit an answer. Filling a deferred one does not count as an edit: it keeps no revision."""
    if message.id in interaction.hidden_ids:
        for name, value in new.items():
            setattr(message, name, value)
        for item in message.attachments:
            world.attachments[item.id] = item
        return
    was_loading = bool(message.flags & IS_LOADING)
    if not was_loading:
        world.edit_message(message, **new)
        return
    flags = new.pop("flags")
    world.edit_message(message, is_silent=True, **new)
    message.edited_at = None
    message.revisions.clear()
    world.edit_message(message, flags=flags)


def delete(world: World, interaction: Interaction, message: Message) -> None:
    """Take an answer away."""
    if message.id in interaction.hidden_ids:
        message.deleted_at = world.clock.now()
    else:
        world.delete_message(message, world.bot_user.id)


def _whisper(world: World, interaction: Interaction, draft: Draft) -> Message:
    message = Message(
        id=world.snowflake(),
        channel_id=interaction.channel_id,
        guild_id=interaction.guild_id,
        author=world.bot_user,
        content=draft.content,
        timestamp=world.clock.now(),
        type=draft.type,
        flags=draft.flags | IS_EPHEMERAL,
        embeds=draft.embeds,
        attachments=draft.attachments,
        components=draft.components,
        application_id=world.application.id,
        interaction=draft.interaction,
    )
    for item in draft.attachments:
        world.attachments[item.id] = item
    interaction.hidden_ids.add(message.id)
    return message
