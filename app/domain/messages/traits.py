"""What a message is and has, as bits of one number; each bit is also a token of the search index."""

from __future__ import annotations

from enum import IntFlag


class Trait(IntFlag):
    """Bits of `messages.traits`. Append only: the numbers are stored."""

    IMAGE = 1 << 0
    VIDEO = 1 << 1
    SOUND = 1 << 2
    FILE = 1 << 3
    LINK = 1 << 4
    EMBED = 1 << 5
    STICKER = 1 << 6
    POLL = 1 << 7
    FORWARD = 1 << 8
    REPLY = 1 << 9
    BOT = 1 << 10
    EDITED = 1 << 11
    PINNED = 1 << 12
    EVERYONE = 1 << 13
    BLOCKED = 1 << 14
    """AutoMod kept it from being posted."""
    VOICE = 1 << 15
    WEBHOOK = 1 << 16
    COMMAND = 1 << 17
    """A bot's answer to somebody's command, button or form."""


DELETED_TOKEN = "is:deleted"

TRAIT_TOKENS: dict[Trait, str] = {
    Trait.IMAGE: "has:image",
    Trait.VIDEO: "has:video",
    Trait.SOUND: "has:sound",
    Trait.FILE: "has:file",
    Trait.LINK: "has:link",
    Trait.EMBED: "has:embed",
    Trait.STICKER: "has:sticker",
    Trait.POLL: "has:poll",
    Trait.FORWARD: "has:forward",
    Trait.REPLY: "is:reply",
    Trait.BOT: "is:bot",
    Trait.EDITED: "is:edited",
    Trait.PINNED: "is:pinned",
    Trait.EVERYONE: "@everyone",
    Trait.BLOCKED: "is:blocked",
    Trait.VOICE: "has:voice",
    Trait.WEBHOOK: "is:webhook",
    Trait.COMMAND: "is:command",
}

_remembered: dict[int, tuple[str, ...]] = {}


def trait_tokens(traits: int) -> tuple[str, ...]:
    """The tokens of the bits set in `traits`."""
    found = _remembered.get(traits)
    if found is None:
        found = tuple(token for trait, token in TRAIT_TOKENS.items() if traits & trait)
        _remembered[traits] = found
    return found
