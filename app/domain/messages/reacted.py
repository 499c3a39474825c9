"""Which stored reactions somebody means who types one after `reacted:`."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.messages.models import ReactionCount
from app.domain.messages.tokens import fold
from app.extensions import db

_TONES = [chr(code) for code in range(0x1F3FB, 0x1F400)]
_AS_PICTURE = "\ufe0f"


def stored_as(typed: str) -> frozenset[str]:
    """The stored emoji that somebody means who types one, `:name:`, or a custom one as Discord copies it.

    Skin tones and the sign that asks for a picture make no difference.
    """
    inner = typed.strip()
    if inner.startswith("<") and inner.endswith(">"):
        return frozenset({inner[1:-1].rpartition(":")[2]})
    name = inner.strip(":")
    plain = fold(name)
    variants = {name, plain, plain + _AS_PICTURE, *(plain + tone for tone in _TONES)}
    named = select(ReactionCount.emoji, ReactionCount.name).where(ReactionCount.name != "").distinct()
    if name.isascii():
        variants |= {emoji for emoji, own in db.session.execute(named) if fold(own) == plain}
    return frozenset(variants)
