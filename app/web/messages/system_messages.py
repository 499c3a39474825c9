"""What Discord itself writes into a channel has a type and no text; here are the words for it.

Source: Discord's "Message Types".
"""

from __future__ import annotations

from flask_babel import gettext as _

_SAYS_MORE = frozenset({4, 8, 9, 10, 11, 12, 18, 27, 28, 31})
"""Types whose content is no text of anybody: a new name, a channel, a thread's title, how many boosts, what a stage is about."""
_BOOSTS = frozenset({8, 9, 10, 11})


def words_of(kind: int, content: str) -> str:
    """What stands in a message of this type: its text, or a sentence in Discord's marks with what the content adds."""
    if content and kind not in _SAYS_MORE:
        return content
    sentence = _sentences().get(kind)
    if not sentence:
        return content
    if not content or (kind in _BOOSTS and content == "1"):
        return f"*{sentence}*"
    if kind in _BOOSTS:
        return f"*{sentence}* ({_('%(count)s boosts', count=content)})"
    return f"*{sentence}:* {content}"


def _sentences() -> dict[int, str]:
    return {
        1: _("added somebody to the conversation"),
        2: _("removed somebody from the conversation"),
        4: _("changed the name"),
        5: _("changed the icon"),
        6: _("pinned a message"),
        7: _("joined the server"),
        8: _("boosted the server"),
        9: _("boosted the server to level 1"),
        10: _("boosted the server to level 2"),
        11: _("boosted the server to level 3"),
        12: _("followed an announcement channel here"),
        18: _("started a thread"),
        21: _("began this thread"),
        22: _("reminded everybody to invite friends"),
        24: _("AutoMod stopped a message"),
        25: _("subscribed to a role"),
        27: _("began a stage"),
        28: _("ended a stage"),
        29: _("spoke on the stage"),
        31: _("changed the stage's topic"),
        36: _("turned the server's safety measures on"),
        37: _("turned the server's safety measures off"),
        38: _("reported a raid"),
        39: _("reported a false alarm"),
        44: _("bought something in the server's shop"),
        46: _("closed a poll"),
    }
