"""Where in a text the words that were searched for stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.messages.matching import TextMatch, places_of
from app.domain.messages.tokens import spans


@dataclass(frozen=True)
class Highlighter:
    """Finds the looked-for texts in any text of a hit: its content, an embed's title …"""

    texts: Sequence[TextMatch]

    def places(self, text: str) -> list[tuple[int, int]]:
        """`(start, end)` of each stretch to mark, in order, none overlapping."""
        if not self.texts or not text:
            return []
        found = spans(text)
        sequence = [span.token for span in found]
        marked: list[tuple[int, int]] = []
        for wanted in self.texts:
            for start in places_of(wanted, sequence):
                last = start + len(wanted.sequence) - 1
                marked.append((found[start].start, found[last].end))
        return _joined(sorted(marked))


def _joined(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in places:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
