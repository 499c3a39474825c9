"""What a scene comes down to when it is played: one beat after the other."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.scenario.grammar import Deed
from sandbox.scenario.model import Embed
from sandbox.scenario.people import Inhabitant


@dataclass(frozen=True, slots=True)
class File:
    """What will become an attachment once it has an id."""

    filename: str
    content_type: str
    content: bytes
    width: int | None = None
    height: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that happens, `delay` seconds after the beat before.

    Messages of a scene are numbered from 0: `number` is the one that a SAY introduces and the one that EDIT, DELETE
    and REACT concern; `answers` is the one replied to. `first_draft` is what a message said before its slip was mended.
    """

    delay: float
    deed: Deed
    actor: Inhabitant | None
    text: str = ""
    first_draft: str | None = None
    number: int = -1
    answers: int | None = None
    target: Inhabitant | None = None
    emojis: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    embeds: tuple[Embed, ...] = ()
