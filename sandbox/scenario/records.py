"""Keeps what happened while a community's past is being made up, and hands it over in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.scenario.beats import Beat, File
from sandbox.scenario.model import (
    Attachment,
    Edit,
    Embed,
    Member,
    MembershipChange,
    MembershipEvent,
    Message,
    Reaction,
    Thread,
)
from sandbox.scenario.snowflakes import SnowflakeMint

REPLY = 19
JOIN_NOTICE = 7


@dataclass(slots=True)
class Draft:
    """A message of the past that later beats may still change."""

    id: int
    channel_id: int
    author_id: int
    at: datetime
    content: str
    attachments: tuple[Attachment, ...] = ()
    embeds: tuple[Embed, ...] = ()
    reply_to: int | None = None
    reactions: dict[str, tuple[int, ...]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    deleted_at: datetime | None = None
    deleted_by: int | None = None
    is_pinned: bool = False
    type: int = 0

    def finished(self) -> Message:
        """The message as it is handed over."""
        return Message(
            self.id,
            self.channel_id,
            self.author_id,
            self.at,
            self.content,
            self.attachments,
            self.embeds,
            self.reply_to,
            tuple(Reaction(emoji, users) for emoji, users in self.reactions.items()),
            tuple(self.edits),
            self.deleted_at,
            self.deleted_by,
            self.is_pinned,
            self.type,
        )


class Records:
    """Messages, threads, members and their comings and goings."""

    def __init__(self, mint: SnowflakeMint) -> None:
        self._mint = mint
        self.drafts: list[Draft] = []
        self.threads: list[Thread] = []
        self.members: list[Member] = []
        self.changes: list[MembershipEvent] = []

    @staticmethod
    def milliseconds(moment: datetime) -> datetime:
        """The moment without what an id cannot hold."""
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def arrive(self, member: Member) -> None:
        """Somebody joins."""
        self.members.append(member)
        self.changes.append(MembershipEvent(member.joined_at, member.id, MembershipChange.JOIN))

    def say(self, channel_id: int, at: datetime, beat: Beat, reply_to: Draft | None = None) -> Draft:
        """Somebody says something; a slip in it is mended some seconds later."""
        at = self.milliseconds(at)
        if beat.actor is None:
            raise ValueError("nobody says this")
        draft = Draft(
            id=self._mint.at(at),
            channel_id=channel_id,
            author_id=beat.actor.member.id,
            at=at,
            content=beat.text,
            attachments=tuple(attachment(file, self._mint.at(at)) for file in beat.files),
            embeds=beat.embeds,
            reply_to=reply_to.id if reply_to else None,
            type=REPLY if reply_to else 0,
        )
        if beat.first_draft is not None:
            draft.content = beat.first_draft
            draft.edits.append(Edit(at + timedelta(seconds=4 + len(beat.text) % 37), beat.text))
        self.drafts.append(draft)
        return draft

    def notice_join(self, channel_id: int, member: Member) -> None:
        """Discord's own line that somebody joined."""
        at = member.joined_at
        self.drafts.append(Draft(self._mint.at(at), channel_id, member.id, at, "", type=JOIN_NOTICE))

    def messages(self) -> Sequence[Message]:
        """All messages, oldest first."""
        return [draft.finished() for draft in sorted(self.drafts, key=lambda draft: draft.id)]


def attachment(file: File, new_id: int) -> Attachment:
    """The file with its id."""
    return Attachment(new_id, file.filename, file.content_type, file.content, file.width, file.height, file.description)
