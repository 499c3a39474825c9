"""A message's text as Discord lays it out: headings, subtext, quotes, lists and code blocks, each line's marks inside.

The text is outside input: any string gives balanced markup in which every character of it is escaped, in time that
grows with its length alone. Marks may not reach over the edges of a heading, quote or list item.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.web.discord_markup.inline import Inline, Span
from app.web.discord_markup.look import Look

_HEADING = re.compile(r"(#{1,3}) +(?=\S)")
_SUBTEXT = re.compile(r"-# +(?=\S)")
_ITEM = re.compile(r"( {0,20})(?:([-*])|(\d{1,9})\.) +(?=\S)")
_QUOTE = "> "
_QUOTE_REST = ">>> "
_DEEPEST_LIST = 5
_EMOJI_ONLY = re.compile(
    r"(?:<a?:\w{2,32}:\d{15,20}>|[\U0001F000-\U0001FAFF\u2190-\u21FF\u2300-\u27BF\u2B00-\u2BFF\uFE0F\u200D\u20E3\U0001F1E6-\U0001F1FF]|\s)+"
)
_JUMBO_LIMIT = 600

_NO_LOOK = Look()


def render_text(
    text: str, look: Look = _NO_LOOK, hits: Iterable[Span] = (), *, blocks: bool = True, jumbo: bool = True
) -> Markup:
    """`text` as safe markup. `hits` are (start, end) positions in `text` to highlight, in any order.

    `blocks=False` leaves out headings, quotes and lists, as Discord does in embed titles and field names.
    """
    found = _tidy([*hits, *(look.marks(text) if look.marks else ())], len(text))
    if not blocks:
        return Markup(Inline(text, look, found).render())
    size = " dc-text--jumbo" if jumbo and _is_jumbo(text) else ""
    body = _Blocks(_View(text, ((0, 0),)), look, found).render()
    return Markup(f'<div class="dc-text{size}" hx-ignore>{body}</div>')


def plain_text(text: str, look: Look = _NO_LOOK, longest: int = 200) -> str:
    """One line for a reply's preview or a title: names for ids, no marks, cut to `longest` characters."""
    markup = Inline(text[: longest * 4].replace("\n", " "), look, holds_links=False).render()
    flat = " ".join(Markup(re.sub(r"<span class=\"dc-spoiler\".*?</span>", " ▇▇▇ ", markup)).striptags().split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


def _tidy(hits: Iterable[Span], length: int) -> list[Span]:
    """Sorted, within the text, overlapping ones joined."""
    tidy: list[Span] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in hits):
        if start >= end:
            continue
        if tidy and start <= tidy[-1][1]:
            tidy[-1] = (tidy[-1][0], max(end, tidy[-1][1]))
        else:
            tidy.append((start, end))
    return tidy


def _is_jumbo(text: str) -> bool:
    return len(text) <= _JUMBO_LIMIT and bool(text.strip()) and _EMOJI_ONLY.fullmatch(text) is not None


@dataclass(frozen=True)
class _View:
    """A text cut out of the source; `pieces` are (position here, position in the source) where each cut begins."""

    text: str
    pieces: Sequence[tuple[int, int]]

    def hits(self, hits: Sequence[Span], start: int, end: int) -> list[Span]:
        """The source's hits in terms of this view's `start:end`."""
        if not hits:
            return []
        found: list[Span] = []
        bounds = [here for here, _source in self.pieces]
        first = max(0, bisect_right(bounds, start) - 1)
        for index in range(first, len(self.pieces)):
            here, source = self.pieces[index]
            if here >= end:
                break
            limit = min(self.pieces[index + 1][0] if index + 1 < len(self.pieces) else len(self.text), end)
            begin = max(here, start)
            offset = source - here
            place = bisect_right(hits, begin + offset, key=lambda hit: hit[1])
            while place < len(hits) and hits[place][0] < limit + offset:
                low, high = hits[place]
                found.append((max(low - offset, begin) - start, min(high - offset, limit) - start))
                place += 1
        return [(low, high) for low, high in found if low < high]


class _Blocks:
    def __init__(self, view: _View, look: Look, hits: Sequence[Span], *, in_quote: bool = False) -> None:
        self._view = view
        self._text = view.text
        self._look = look
        self._hits = hits
        self._in_quote = in_quote
        self._fence: tuple[int, int] | None = None
        self._fences_searched_to = 0
        self._out: list[str] = []

    def render(self) -> str:
        position = plain_from = 0
        text = self._text
        while position < len(text):
            block_end = self._block(position, plain_from)
            if block_end is None:
                position = self._line_end(position) + 1
            else:
                position = plain_from = block_end
        self._plain(plain_from, len(text))
        return "".join(self._out)

    def _block(self, at: int, plain_from: int) -> int | None:
        """Writes the block that begins with the line at `at`, after the plain lines before it; where it ends."""
        text = self._text
        first = text[at]
        if first == ">" and not self._in_quote:
            if text.startswith(_QUOTE_REST, at):
                self._plain(plain_from, at)
                return self._quote([(at + len(_QUOTE_REST), len(text))])
            if text.startswith(_QUOTE, at):
                self._plain(plain_from, at)
                return self._quote(self._quoted_lines(at))
        elif first == "#" and (heading := _HEADING.match(text, at)):
            self._plain(plain_from, at)
            level = len(heading[1])
            return self._line_block(heading.end(), f'<strong class="dc-heading dc-heading--{level}">', "</strong>")
        elif first == "-" and (subtext := _SUBTEXT.match(text, at)):
            self._plain(plain_from, at)
            return self._line_block(subtext.end(), '<small class="dc-subtext">', "</small>")
        if (first in " -*" or first.isdecimal()) and _ITEM.match(text, at):
            self._plain(plain_from, at)
            return self._list(at)
        return None

    def _line_block(self, start: int, before: str, after: str) -> int:
        end = self._line_end(start)
        self._out += (before, self._inline(start, end), after)
        return min(end + 1, len(self._text))

    def _quoted_lines(self, at: int) -> list[tuple[int, int]]:
        lines: list[tuple[int, int]] = []
        while self._text.startswith(_QUOTE, at):
            end = self._text.find("\n", at)
            end = len(self._text) if end < 0 else end
            lines.append((at + len(_QUOTE), end))
            at = end + 1
        return lines

    def _quote(self, lines: list[tuple[int, int]]) -> int:
        parts: list[str] = []
        pieces: list[tuple[int, int]] = []
        here = 0
        for start, end in lines:
            pieces.append((here, self._source(start)))
            parts.append(self._text[start:end])
            here += end - start + 1
        inner = _Blocks(_View("\n".join(parts), pieces), self._look, self._hits, in_quote=True).render()
        self._out.append(f"<blockquote>{inner}</blockquote>")
        return min(lines[-1][1] + 1, len(self._text))

    def _source(self, here: int) -> int:
        bounds = [place for place, _source in self._view.pieces]
        place, source = self._view.pieces[max(0, bisect_right(bounds, here) - 1)]
        return source + here - place

    def _list(self, at: int) -> int:
        """Consecutive items, nested by their indentation, at most five deep."""
        opened: list[tuple[int, str]] = []
        end = at
        while at < len(self._text) and (item := _ITEM.match(self._text, at)):
            indent, tag = len(item[1]), "ul" if item[2] else "ol"
            while opened and indent < opened[-1][0]:
                self._out.append(f"</li></{opened.pop()[1]}>")
            if opened and indent <= opened[-1][0] + 1 and tag != opened[-1][1]:
                self._out.append(f"</li></{opened.pop()[1]}>")
            if not opened or (indent > opened[-1][0] + 1 and len(opened) < _DEEPEST_LIST):
                start = f' start="{int(item[3])}"' if item[3] and item[3] != "1" else ""
                self._out.append(f"<{tag}{start}><li>")
                opened.append((indent, tag))
            else:
                self._out.append("</li><li>")
            line_end = self._line_end(item.end())
            self._out.append(self._inline(item.end(), line_end))
            at = end = min(line_end + 1, len(self._text))
        while opened:
            self._out.append(f"</li></{opened.pop()[1]}>")
        return end

    def _plain(self, start: int, end: int) -> None:
        """Lines without a block of their own. The line break before a block is the block's own edge."""
        if end > start and end < len(self._text) and self._text[end - 1] == "\n":
            end -= 1
        if start < end:
            self._out.append(self._inline(start, end))

    def _inline(self, start: int, end: int) -> str:
        return Inline(self._text[start:end], self._look, self._view.hits(self._hits, start, end)).render()

    def _line_end(self, at: int) -> int:
        """The end of the line at `at`; line breaks inside a code block do not end it."""
        while True:
            end = self._text.find("\n", at)
            if end < 0:
                return len(self._text)
            fence = self._next_fence(at)
            if fence is None or fence[0] > end:
                return end
            at = fence[1]

    def _next_fence(self, at: int) -> tuple[int, int] | None:
        """The first whole code block at or after `at`. Looked for once per place in the text."""
        if self._fence and self._fence[0] >= at:
            return self._fence
        at = max(at, self._fences_searched_to)
        start = self._text.find("```", at)
        close = self._text.find("```", start + 3) if start >= 0 else -1
        if start < 0 or close < 0:
            self._fences_searched_to = len(self._text)
            self._fence = None
            return None
        self._fence = (start, close + 3)
        self._fences_searched_to = close + 3
        return self._fence
