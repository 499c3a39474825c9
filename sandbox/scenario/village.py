"""How the big community is laid out: its roles and channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.scenario.cast import (
    ADMINISTRATOR,
    EVERYONE,
    GUILD_A,
    MENTION_EVERYONE,
    MODERATOR,
    SEND_MESSAGES,
    VIEW_CHANNEL,
)
from sandbox.scenario.model import ANNOUNCEMENT, CATEGORY, FORUM, TEXT, VOICE, Channel, Overwrite, Role

BOT_ROLE_POSITION = 7

_ROLES = (
    ("bug_hunter", "Bug Hunter", 0x8BC34A, 1, EVERYONE, False),
    ("sled_team", "Sled Team", 0xE67E22, 2, EVERYONE, False),
    ("artist", "Artist", 0xE91E63, 3, EVERYONE, False),
    ("translator", "Translator", 0x9B59B6, 4, EVERYONE, False),
    ("developer", "Developer", 0x3498DB, 5, EVERYONE | MENTION_EVERYONE, True),
    ("moderator", "Moderator", 0x3BA7A0, 6, EVERYONE | MODERATOR, True),
    ("robot", "Machines", 0x95A5A6, 8, EVERYONE, False),
    ("founder", "Founder", 0xD4AF37, 9, EVERYONE | ADMINISTRATOR, True),
)
_CATEGORIES = (
    ("welcome", "❄️ Welcome"),
    ("square", "Village Square"),
    ("works", "The Workshop"),
    ("tongues", "Languages"),
)
_CHANNELS = (
    # key, name, type, category, topic
    (
        "announcements",
        "announcements",
        ANNOUNCEMENT,
        "welcome",
        "News from Snowflake Studios. Read-only, but please do react.",
    ),
    ("staff", "staff-room", TEXT, "welcome", "Those who shovel the snow"),
    (
        "general",
        "general",
        TEXT,
        "square",
        "All about Lanternfall and the village. Spoilers behind bars ||like this||.",
    ),
    ("offtopic", "off-topic", TEXT, "square", "Pets, food, music, weather, life"),
    ("screenshots", "screenshots", TEXT, "square", "Pictures and fan art 📷"),
    ("fireside", "Fireside", VOICE, "square", None),
    ("help", "help", TEXT, "works", "Stuck? Ask here. Say which build you play."),
    ("bugs", "bug-reports", TEXT, "works", "Build, system, steps. A log helps more than a swear word."),
    ("ideas", "ideas", FORUM, "works", "One wish a post. Vote with 👍."),
    ("german", "deutsch", TEXT, "tongues", "Moin, Servus, Grüezi"),
    ("japanese", "日本語", TEXT, "tongues", "日本語でどうぞ ❄️"),
    ("arabic", "العربية", TEXT, "tongues", "أهلًا وسهلًا بالجميع"),
    ("international", "international", TEXT, "tongues", "Français, español, українська, português, polski, 한국어…"),
)

PLACE_OF_CHANNEL = {name: key for key, name, *_ in _CHANNELS} | {"random": "offtopic"}
"""The scenario's short name of a channel, by the channel's name."""

OFFICE_OF_ROLE = {name: key for key, name, *_ in _ROLES if key in ("founder", "developer", "moderator", "robot")}
"""The scenario's short name of a post, by the role's name."""


@dataclass(frozen=True, slots=True)
class Village:
    """The roles and channels of the big community, with the short names by which the scenario calls them."""

    roles: tuple[Role, ...]
    channels: tuple[Channel, ...]
    role_ids: dict[str, int]
    channel_ids: dict[str, int]


def lay_out(new_id: Callable[[], int]) -> Village:
    """The village; `new_id` gives an id of the days when it was founded."""
    role_ids = {key: new_id() for key, *_ in _ROLES}
    roles = [Role(GUILD_A, "@everyone", 0, 0, EVERYONE, False)]
    for key, name, color, position, permissions, hoist in _ROLES:
        roles.append(Role(role_ids[key], name, color, position, permissions, hoist))
    category_ids = {key: new_id() for key, _ in _CATEGORIES}
    channels = [
        Channel(category_ids[key], name, CATEGORY, None, position, None)
        for position, (key, name) in enumerate(_CATEGORIES)
    ]
    channel_ids = {}
    for position, (key, name, kind, category, topic) in enumerate(_CHANNELS):
        channel_ids[key] = new_id()
        overwrites = _overwrites(key, role_ids)
        channels.append(Channel(channel_ids[key], name, kind, category_ids[category], position, topic, overwrites))
    return Village(tuple(roles), tuple(channels), role_ids, channel_ids)


def _overwrites(key: str, role_ids: dict[str, int]) -> tuple[Overwrite, ...]:
    if key == "staff":
        insiders = tuple(
            Overwrite(role_ids[role], True, VIEW_CHANNEL | SEND_MESSAGES, 0)
            for role in ("developer", "moderator", "robot")
        )
        return (Overwrite(GUILD_A, True, 0, VIEW_CHANNEL), *insiders)
    if key == "announcements":
        heralds = tuple(Overwrite(role_ids[role], True, SEND_MESSAGES, 0) for role in ("developer", "robot"))
        return (Overwrite(GUILD_A, True, 0, SEND_MESSAGES), *heralds)
    return ()
