"""What Discord itself writes into a channel has a type and no text; here are the words for it.

Source: Discord's "Message Types".
"""

from __future__ import annotations

from flask_babel import gettext as _


def sentence_of(kind: int) -> str:
    """A sentence for a message without text, in Discord's marks; empty where its type says nothing."""
    words = {
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
        27: _("began a stage"),
        28: _("ended a stage"),
        46: _("closed a poll"),
    }.get(kind)
    return f"*{words}*" if words else ""
