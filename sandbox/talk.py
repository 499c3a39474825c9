"""Keeps a community talking: carries out the scenario's steps at a chosen pace."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress

from aiohttp import web

from sandbox.discord.changes.messages import Draft
from sandbox.discord.load import attachment_of, embed_of, load_user
from sandbox.discord.models import Message
from sandbox.discord.permissions import SEND_MESSAGES, channel_permissions
from sandbox.discord.world import World
from sandbox.scenario.model import Community, Step, StepKind

REMEMBERED_STEPS = 5000
USUAL_SECONDS = 6.0
"""How far apart the scenario's own messages are on average; `--talk` stretches or squeezes it."""


def register(app: web.Application, world: World, community: Community, seconds_per_message: float) -> None:
    """Talks for as long as the application runs."""
    talker = Talker(world, community)
    pace = seconds_per_message / USUAL_SECONDS

    async def talking(_: web.Application) -> AsyncIterator[None]:
        from sandbox.scenario import chatter

        task = asyncio.create_task(_talk(talker, chatter(world.seed, community), pace))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    app.cleanup_ctx.append(talking)


class Talker:
    """Does steps in the world. A step that is no longer possible (a channel gone, a person banned) is left out."""

    def __init__(self, world: World, community: Community) -> None:
        self._world = world
        self._guild = world.guilds[community.guild_id]
        self._said: dict[int, int] = {}
        self._does: dict[StepKind, Callable[[Step], None]] = {
            StepKind.MESSAGE: self._say,
            StepKind.EDIT: self._edit,
            StepKind.DELETE: self._delete,
            StepKind.REACT: self._react,
            StepKind.JOIN: self._join,
            StepKind.LEAVE: self._leave,
            StepKind.TYPING: self._type,
        }

    def do(self, step: Step) -> None:
        """Carries out one step now."""
        self._does[step.kind](step)

    def _say(self, step: Step) -> None:
        if not self._may_speak(step):
            return
        draft = Draft(step.content, [embed_of(one) for one in step.embeds])
        draft.attachments = [attachment_of(one) for one in step.attachments]
        for item in draft.attachments:
            item.id = self._world.snowflake()
        draft.reply_to = self._message(step, step.reply_to)
        message = self._world.create_message(step.channel_id or 0, step.actor_id, draft)
        if step.ref is not None:
            self._said[step.ref] = message.id
            self._said.pop(step.ref - REMEMBERED_STEPS, None)

    def _edit(self, step: Step) -> None:
        message = self._message(step, step.ref)
        if message is not None and self._may_speak(step):
            self._world.edit_message(message, content=step.content)

    def _delete(self, step: Step) -> None:
        message = self._message(step, step.ref)
        if message is not None:
            self._world.delete_message(message, step.actor_id)

    def _react(self, step: Step) -> None:
        message = self._message(step, step.ref)
        if message is not None and step.emoji and step.actor_id in self._guild.members:
            self._world.add_reaction(message, step.actor_id, step.emoji)

    def _join(self, step: Step) -> None:
        if step.member is not None and step.member.id not in self._guild.bans:
            self._world.join(self._guild, load_user(self._world, step.member))

    def _leave(self, step: Step) -> None:
        self._world.leave(self._guild, step.actor_id)

    def _type(self, step: Step) -> None:
        if self._may_speak(step):
            self._world.start_typing(self._world.channels[step.channel_id or 0], step.actor_id)

    def _may_speak(self, step: Step) -> bool:
        membership = self._guild.members.get(step.actor_id)
        channel = self._world.channels.get(step.channel_id or 0)
        if membership is None or channel is None:
            return False
        until = membership.timed_out_until
        if until is not None and until > self._world.clock.now():
            return False
        return bool(channel_permissions(self._guild, membership, channel) & SEND_MESSAGES)

    def _message(self, step: Step, ref: int | None) -> Message | None:
        channel = self._world.channels.get(step.channel_id or 0)
        if ref is None or channel is None:
            return None
        return channel.messages.get(self._said.get(ref, ref))


async def _talk(talker: Talker, steps: Iterable[Step], pace: float) -> None:
    for step in steps:
        await asyncio.sleep(step.after_seconds * pace)
        talker.do(step)
