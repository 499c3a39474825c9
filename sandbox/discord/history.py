"""A guild's whole past, told again as gateway dispatches."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sandbox.discord import message_payloads
from sandbox.discord.changes.base import WorldState
from sandbox.discord.models import Guild, Json, Message

Happening = tuple[datetime, str, Json]


def guild_history(world: WorldState, guild: Guild) -> Iterator[Happening]:
    """Everything by time: each message as first written, each edit, each deletion, and the guild's chronicle.

    Payloads are made while they are taken, so a long past costs no memory; what happens meanwhile is left out.
    """
    moments: list[tuple[datetime, int, int, str, Message | Json]] = []
    for channel in (*guild.channels.values(), *guild.threads.values()):
        for message in (*channel.messages, *channel.messages.deleted):
            moments.extend(_moments(message))
    for at, name, content in guild.chronicle:
        moments.append((at, -1, 0, name, content))
    moments.sort(key=lambda one: one[:3])
    for at, number, _, name, thing in moments:
        if isinstance(thing, Message):
            yield at, name, _told(world, guild, thing, name, number)
        else:
            yield at, name, thing


def _moments(message: Message) -> Iterator[tuple[datetime, int, int, str, Message]]:
    yield message.timestamp, 0, message.id, "MESSAGE_CREATE", message
    changes = [one.at for one in message.revisions[1:]]
    if message.edited_at is not None:
        changes.append(message.edited_at)
    for number, at in enumerate(changes, start=1):
        yield at, number, message.id, "MESSAGE_UPDATE", message
    if message.deleted_at is not None:
        yield message.deleted_at, len(changes) + 1, message.id, "MESSAGE_DELETE", message


def _told(world: WorldState, guild: Guild, message: Message, name: str, number: int) -> Json:
    if name == "MESSAGE_DELETE":
        return {"id": str(message.id), "channel_id": str(message.channel_id), "guild_id": str(guild.id)}
    told = message
    if number < len(message.revisions):
        then = message.revisions[number]
        edited_at = then.at if number else None
        told = replace(message, content=then.content, embeds=then.embeds, edited_at=edited_at)
    if name == "MESSAGE_CREATE":
        told = replace(told, edited_at=None, reactions={}, pinned_at=None)
    return message_payloads.message_event(world, told)
