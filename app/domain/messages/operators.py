"""The operators of the search grammar, declared once: parsing, errors, help and autocomplete read this table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flask_babel import lazy_gettext as _l

from app.domain.messages.traits import DELETED_TOKEN, TRAIT_TOKENS, Trait


class ValueKind(Enum):
    """What may stand after the colon."""

    PERSON = "person"
    CHANNEL = "channel"
    ROLE = "role"
    CASE = "case"
    EMOJI = "emoji"
    HOST = "host"
    CHOICE = "choice"
    DATE = "date"
    MESSAGE_ID = "message_id"
    TEXT = "text"


@dataclass(frozen=True)
class Choice:
    """One word that may stand after an operator with fixed choices, and the token of the index that it means."""

    word: str
    token: str
    summary: str


@dataclass(frozen=True)
class Operator:
    """One `name:value` of the grammar."""

    name: str
    kind: ValueKind
    summary: str
    example: str
    choices: tuple[Choice, ...] = ()

    def choice(self, word: str) -> Choice | None:
        """The choice that `word` names."""
        return next((choice for choice in self.choices if choice.word == word), None)


def _trait(word: str, trait: Trait, summary: str) -> Choice:
    return Choice(word, TRAIT_TOKENS[trait], summary)


_HAS = (
    _trait("image", Trait.IMAGE, _l("a picture, attached or linked")),
    _trait("video", Trait.VIDEO, _l("a video, attached or linked")),
    _trait("sound", Trait.SOUND, _l("a sound file")),
    _trait("file", Trait.FILE, _l("an attached file of any kind")),
    _trait("link", Trait.LINK, _l("a link")),
    _trait("embed", Trait.EMBED, _l("an embed")),
    _trait("sticker", Trait.STICKER, _l("a sticker")),
    _trait("poll", Trait.POLL, _l("a poll")),
    _trait("forward", Trait.FORWARD, _l("a forwarded message")),
    _trait("voice", Trait.VOICE, _l("a voice message")),
)
_IS = (
    Choice("deleted", DELETED_TOKEN, _l("deleted on Discord, kept here")),
    _trait("edited", Trait.EDITED, _l("edited at least once")),
    _trait("pinned", Trait.PINNED, _l("pinned in its channel")),
    _trait("reply", Trait.REPLY, _l("an answer to another message")),
    _trait("bot", Trait.BOT, _l("written by a bot or webhook")),
    _trait("webhook", Trait.WEBHOOK, _l("written through a webhook")),
    _trait("command", Trait.COMMAND, _l("a bot's answer to a command or button")),
    _trait("blocked", Trait.BLOCKED, _l("kept from being posted by AutoMod")),
)
_LANGUAGES = tuple(
    Choice(code, code, name)
    for code, name in (
        ("ar", _l("Arabic")),
        ("cs", _l("Czech")),
        ("da", _l("Danish")),
        ("de", _l("German")),
        ("el", _l("Greek")),
        ("en", _l("English")),
        ("es", _l("Spanish")),
        ("fi", _l("Finnish")),
        ("fr", _l("French")),
        ("he", _l("Hebrew")),
        ("hi", _l("Hindi")),
        ("hu", _l("Hungarian")),
        ("id", _l("Indonesian")),
        ("it", _l("Italian")),
        ("ja", _l("Japanese")),
        ("ko", _l("Korean")),
        ("nb", _l("Norwegian")),
        ("nl", _l("Dutch")),
        ("pl", _l("Polish")),
        ("pt", _l("Portuguese")),
        ("ro", _l("Romanian")),
        ("ru", _l("Russian")),
        ("sv", _l("Swedish")),
        ("th", _l("Thai")),
        ("tr", _l("Turkish")),
        ("uk", _l("Ukrainian")),
        ("vi", _l("Vietnamese")),
        ("zh", _l("Chinese")),
    )
)

OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator("from", ValueKind.PERSON, _l("written by this person; me is you"), "from:vera"),
        Operator("in", ValueKind.CHANNEL, _l("in this channel or its threads"), "in:general"),
        Operator("mentions", ValueKind.PERSON, _l("mentions this person; everyone is @everyone"), "mentions:me"),
        Operator("has", ValueKind.CHOICE, _l("has something besides text"), "has:image", _HAS),
        Operator("is", ValueKind.CHOICE, _l("what became of it, or what it is"), "is:deleted", _IS),
        Operator("before", ValueKind.DATE, _l("before this day, month or time"), "before:2026-11-01"),
        Operator("after", ValueKind.DATE, _l("after this day, month or time, or in the last days: 7d"), "after:7d"),
        Operator("on", ValueKind.DATE, _l("on this day, or in this month or year"), "on:2026-11-01"),
        Operator("was", ValueKind.TEXT, _l("a word that an edit removed"), "was:password"),
        Operator("role", ValueKind.ROLE, _l("written by somebody who has this role now"), "role:@Moderators"),
        Operator(
            "deleted-by", ValueKind.PERSON, _l("deleted by this person, as the audit log says"), "deleted-by:vera"
        ),
        Operator("reacted", ValueKind.EMOJI, _l("carries this reaction now"), "reacted:👍"),
        Operator("filename", ValueKind.TEXT, _l("has or had a file with these words in its name"), "filename:invoice"),
        Operator("host", ValueKind.HOST, _l("links to this host or one below it"), "host:example.org"),
        Operator("case", ValueKind.CASE, _l("messages that a case names in its reason"), "case:41"),
        Operator("lang", ValueKind.CHOICE, _l("in this language, as its small words tell"), "lang:de", _LANGUAGES),
        Operator("id", ValueKind.MESSAGE_ID, _l("one message, by its id or link"), "id:1300000000000000000"),
    )
}
