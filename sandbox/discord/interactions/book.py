"""Interactions under way: who began them, what was answered, and whoever waits for that."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from time import monotonic
from typing import TYPE_CHECKING

from sandbox.discord.attached import Attached
from sandbox.discord.models import Json, Message, User

if TYPE_CHECKING:
    from sandbox.discord.world import World

ANSWER_SECONDS = 3.0
TOKEN_MINUTES = 15
IS_LOADING = 1 << 7
IS_EPHEMERAL = 1 << 6


class Kind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class CallbackKind(IntEnum):
    """Discord's interaction callback types."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE_MESSAGE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False)
class Interaction:
    """One act of one person. `source` is the message whose component was used; `original` is the answer."""

    id: int
    token: str
    kind: Kind
    user: User
    guild_id: int | None
    channel_id: int
    name: str
    message_type: int
    metadata: Json
    begun_at: datetime
    begun: float
    source: Message | None = None
    callback: CallbackKind | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    hidden_ids: set[int] = field(default_factory=set)
    modal: Json | None = None
    choices: list[Json] | None = None
    is_pending_edit: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_settled(self) -> bool:
        """True when there is an answer and it is not only a promise of one."""
        return self.callback is not None and not self.is_pending_edit

    def note(self) -> None:
        """Wake whoever waits."""
        self.changed.set()

    def message(self, message_id: int | None) -> Message | None:
        """One of its messages: the original answer for None, else by id."""
        own = [one for one in (self.original, *self.followups) if one is not None and one.deleted_at is None]
        if message_id is None:
            return self.original if self.original in own else None
        return next((one for one in own if one.id == message_id), None)


class InteractionBook:
    """All interactions, by id with token. The first answer has to come within three seconds, as at Discord."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._interactions: dict[int, Interaction] = {}
        self.answer_seconds = ANSWER_SECONDS

    def begin(
        self,
        kind: Kind,
        user: User,
        guild_id: int | None,
        channel_id: int,
        *,
        name: str = "",
        message_type: int = 0,
        metadata: Json | None = None,
        source: Message | None = None,
    ) -> Interaction:
        """Register a new interaction; the caller sends it to the bot."""
        interaction = Interaction(
            id=self._world.snowflake(),
            token=secrets.token_urlsafe(90),
            kind=kind,
            user=user,
            guild_id=guild_id,
            channel_id=channel_id,
            name=name,
            message_type=message_type,
            metadata=metadata or {},
            begun_at=self._world.clock.now(),
            begun=monotonic(),
            source=source,
        )
        self._interactions[interaction.id] = interaction
        self._forget_old()
        return interaction

    def get(self, interaction_id: int) -> Interaction | None:
        """An interaction by id."""
        return self._interactions.get(interaction_id)

    def to_answer(self, interaction_id: int, token: str) -> Interaction | None:
        """The interaction of a callback, if it is known, and answered before or not yet too old to be."""
        interaction = self._interactions.get(interaction_id)
        if interaction is None or not secrets.compare_digest(interaction.token.encode(), token.encode()):
            return None
        is_late = interaction.callback is None and monotonic() - interaction.begun > self.answer_seconds
        return None if is_late else interaction

    def by_token(self, token: str) -> Interaction | None:
        """The answered interaction of a token that is still good (15 minutes)."""
        oldest = self._world.clock.now() - timedelta(minutes=TOKEN_MINUTES)
        for interaction in self._interactions.values():
            if interaction.token == token and interaction.begun_at >= oldest:
                return interaction if interaction.callback is not None else None
        return None

    def with_modal(self, user_id: int) -> Interaction | None:
        """The newest interaction that showed this person a form."""
        shown = [one for one in self._interactions.values() if one.user.id == user_id and one.modal is not None]
        return shown[-1] if shown else None

    def whispered(self, user_id: int, message_id: int) -> Message | None:
        """An ephemeral answer that only this person sees."""
        for interaction in self._interactions.values():
            if interaction.user.id == user_id and message_id in interaction.hidden_ids:
                return interaction.message(message_id)
        return None

    async def settled(self, interaction: Interaction, seconds: float) -> bool:
        """Wait until the bot's answer stands, at most `seconds`; False if only a promise, or nothing, came."""
        deadline = monotonic() + seconds
        while not interaction.is_settled:
            is_unanswered = interaction.callback is None
            end = min(deadline, interaction.begun + self.answer_seconds) if is_unanswered else deadline
            if monotonic() >= end:
                return False
            interaction.changed.clear()
            try:
                await asyncio.wait_for(interaction.changed.wait(), max(end - monotonic(), 0))
            except TimeoutError:
                continue
        return True

    def _forget_old(self) -> None:
        oldest = self._world.clock.now() - timedelta(minutes=TOKEN_MINUTES)
        for interaction_id, interaction in list(self._interactions.items()):
            if interaction.begun_at >= oldest:
                break
            del self._interactions[interaction_id]


interactions_of: Attached[InteractionBook] = Attached(InteractionBook)
