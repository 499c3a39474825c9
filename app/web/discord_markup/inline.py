"""Discord's marks inside a run of text: bold, italics, spoilers, links, code, mentions, emoji.

One pass from left to right with a stack of opened marks. Each of the six marks can be open once, so nesting is bounded;
each character is read a bounded number of times, whatever the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from markupsafe import escape

from app.web.discord_markup.atoms import (
    LONGEST_URL,
    URL_START,
    is_web_address,
    link,
    read_angle,
    read_everyone,
    trimmed_url_end,
)
from app.web.discord_markup.look import Look

Span = tuple[int, int]

_SPECIAL = re.compile(r"[\\`*_~|<@\[\]]|(?<![a-zA-Z])[hH][tT][tT][pP][sS]?://")
_URL_STOP = re.compile(r"[\s<>]")
_MASK_STOP = re.compile(r"[\s()<>]")
_LANGUAGE = re.compile(r"[a-zA-Z0-9_+\-.#]{1,30}\n")
_BACKTICKS = re.compile(r"`+")
_ESCAPABLE = frozenset("\\`*_~|<>[]()#-:@.!")

_TAGS: dict[str, tuple[str, str]] = {
    "**": ("<strong>", "</strong>"),
    "*": ("<em>", "</em>"),
    "__": ("<u>", "</u>"),
    "_": ("<em>", "</em>"),
    "~~": ("<s>", "</s>"),
    "||": ("", "</span>"),
}


def spoiler_tag() -> str:
    """Covered until it is chosen, by pointer or keyboard."""
    return f'<span class="dc-spoiler" role="button" tabindex="0" aria-label="{escape(_("Spoiler: show"))}">'


@dataclass
class _Open:
    mark: str
    piece: int
    at: int


@dataclass
class Inline:
    """Renders one text. `hits` are sorted, disjoint ranges to highlight; `nested` texts (labels of links) hold no links."""

    text: str
    look: Look
    hits: Sequence[Span] = ()
    holds_links: bool = True
    _pieces: list[str] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _brackets: list[tuple[int, int]] = field(default_factory=list)
    _url_stop: int = -1
    _mask_stop: int = -1
    _ticks: dict[int, list[int]] | None = None

    def render(self) -> str:
        """The markup of the whole text."""
        text = self.text
        position = 0
        while found := _SPECIAL.search(text, position):
            at = found.start()
            self._say(position, at)
            position = self._take(at)
        self._say(position, len(text))
        return "".join(self._pieces)

    def _take(self, at: int) -> int:
        """Reads the special character at `at` and returns where to go on."""
        match self.text[at]:
            case "\\":
                return self._take_escape(at)
            case "`":
                return self._take_code(at)
            case "<":
                return self._take_angle(at)
            case "@":
                atom = read_everyone(self.text, at)
                return self._take_atom(at, atom.end, atom.html) if atom else self._literal(at)
            case "[":
                self._brackets.append((len(self._pieces), at))
                return self._literal(at)
            case "]":
                return self._take_mask(at)
            case "h" | "H":
                return self._take_url(at)
            case mark:
                return self._take_marks(at, mark)

    def _take_escape(self, at: int) -> int:
        if at + 1 < len(self.text) and self.text[at + 1] in _ESCAPABLE:
            self._say(at + 1, at + 2)
            return at + 2
        return self._literal(at)

    def _take_angle(self, at: int) -> int:
        atom = read_angle(self.text, at, self.look)
        if atom:
            return self._take_atom(at, atom.end, atom.html)
        if self.holds_links and URL_START.match(self.text, at + 1):
            stop = self._next_url_stop(at + 1)
            url = self.text[at + 1 : stop] if stop - at <= LONGEST_URL else ""
            if stop < len(self.text) and self.text[stop] == ">" and is_web_address(url):
                return self._take_atom(at, stop + 1, link(url, str(escape(url))))
        return self._literal(at)

    def _take_url(self, at: int) -> int:
        start = URL_START.match(self.text, at)
        if start is None or not self.holds_links:
            end = start.end() if start else at + 1
            self._say(at, end)
            return end
        stop = self._next_url_stop(at)
        end = trimmed_url_end(self.text, at, min(stop, at + LONGEST_URL))
        url = self.text[at:end]
        if stop - at > LONGEST_URL or end <= start.end() or not is_web_address(url):
            self._say(at, start.end())
            return start.end()
        self._pieces.append(link(url, self._marked(at, end)))
        return end

    def _take_mask(self, at: int) -> int:
        """`](…)` closes the last `[`: a link under other words."""
        if not self._brackets:
            return self._literal(at)
        piece, opened = self._brackets.pop()
        address = self._mask_address(at + 1)
        label = self.text[opened + 1 : at]
        if address is None or not label.strip() or not self.holds_links or self._opened_since(piece):
            return self._literal(at)
        url, end = address
        inner = Inline(label, self.look, _moved(self.hits, opened + 1, at), holds_links=False).render()
        del self._pieces[piece:]
        self._pieces.append(link(url, inner))
        return end

    def _mask_address(self, at: int) -> tuple[str, int] | None:
        text = self.text
        if not text.startswith("(", at):
            return None
        start = at + 1
        is_quiet = text.startswith("<", start)
        start += is_quiet
        if not URL_START.match(text, start):
            return None
        stop = self._next_mask_stop(start)
        # One pair of parentheses inside an address is common ("…_(disambiguation)").
        if stop < len(text) and text[stop] == "(":
            inner = _MASK_STOP.search(text, stop + 1, stop + 200)
            if inner and inner[0] == ")":
                after = _MASK_STOP.search(text, inner.end(), inner.end() + 200)
                stop = after.start() if after else inner.start()
        url = text[start:stop] if stop - start <= LONGEST_URL else ""
        closing = ">)" if is_quiet else ")"
        if not text.startswith(closing, stop) or not is_web_address(url):
            return None
        return url, stop + len(closing)

    def _opened_since(self, piece: int) -> bool:
        return bool(self._open) and self._open[-1].piece >= piece

    def _take_code(self, at: int) -> int:
        text = self.text
        if text.startswith("```", at):
            end = self._next_tick_run(at + 3, 3, at_least=True)
            if end is not None and text[at + 3 : end].strip("\n"):
                return self._take_atom(at, end + 3, self._code_block(at + 3, end))
        found = _BACKTICKS.match(text, at)
        length = found.end() - at if found else 1
        end = self._next_tick_run(at + length, length)
        if end is None:
            self._say(at, at + length)
            return at + length
        start, stop = at + length, end
        if length > 1 and text[start : start + 1] == " " and text[stop - 1 : stop] == " " and stop - start > 2:
            start, stop = start + 1, stop - 1
        self._pieces.append(f'<code class="dc-inline">{self._marked(start, stop)}</code>')
        return end + length

    def _code_block(self, start: int, end: int) -> str:
        language = _LANGUAGE.match(self.text, start, end)
        name = ""
        if language:
            name = f' data-language="{escape(language[0].strip())}"'
            start = language.end()
        while start < end and self.text[start] == "\n":
            start += 1
        while end > start and self.text[end - 1] == "\n":
            end -= 1
        return f'<code class="dc-code"{name}>{self._marked(start, end)}</code>'

    def _next_tick_run(self, at: int, length: int, *, at_least: bool = False) -> int | None:
        """The first run of `length` backticks at or after `at`."""
        if self._ticks is None:
            self._ticks = {}
            for run in _BACKTICKS.finditer(self.text):
                size = run.end() - run.start()
                self._ticks.setdefault(size, []).append(run.start())
                if size >= 3:
                    self._ticks.setdefault(-3, []).append(run.start())
        starts = self._ticks.get(-length if at_least else length, [])
        place = bisect_left(starts, at)
        return starts[place] if place < len(starts) else None

    def _take_marks(self, at: int, character: str) -> int:
        """A run of one mark's character: closes what it can from the inside out, then opens."""
        text = self.text
        end = at + 1
        while end < len(text) and text[end] == character:
            end += 1
        position = at
        while position < end:
            mark = self._closing(position, end, character, at)
            if mark:
                self._close(mark)
                position += len(mark)
                continue
            mark = self._opening(position, end, character)
            if mark is None:
                self._say(position, position + 1)
                position += 1
                continue
            self._open.append(_Open(mark, len(self._pieces), position))
            self._pieces.append(str(escape(mark)))
            position += len(mark)
        return end

    def _closing(self, position: int, end: int, character: str, run_start: int) -> str | None:
        if end - position == 2:
            self._swap_tripled(character)
        for opened in reversed(self._open):
            mark = opened.mark
            if mark[0] != character:
                continue
            if opened.at >= run_start or end - position < len(mark):
                continue
            if opened.at + len(mark) >= position or not self._may_close(mark, position, end):
                continue
            return mark
        return None

    def _swap_tripled(self, character: str) -> None:
        """`***a** b*`: three marks opened together close in the order that the text asks for."""
        if len(self._open) < 2:
            return
        outer, inner = self._open[-2:]
        if outer.mark == character * 2 and inner.mark == character and inner.at == outer.at + 2:
            outer.mark, inner.mark = inner.mark, outer.mark
            inner.at = outer.at + 1
            self._pieces[outer.piece], self._pieces[inner.piece] = outer.mark, inner.mark

    def _may_close(self, mark: str, position: int, end: int) -> bool:
        if mark == "*":
            return not self.text[position - 1].isspace()
        if mark == "_":
            following = self.text[end : end + 1]
            return not self.text[position - 1].isspace() and not (following.isalnum() or following == "_")
        return True

    def _opening(self, position: int, end: int, character: str) -> str | None:
        is_open = {opened.mark for opened in self._open}
        double = character * 2
        if end - position >= 2 and double in _TAGS and double not in is_open:
            return double
        if character in _TAGS and character not in is_open:
            following = self.text[end : end + 1]
            if not following or following.isspace():
                return None
            if character == "_" and position > 0 and (self.text[position - 1].isalnum()):
                return None
            return character
        return None

    def _close(self, mark: str) -> None:
        while self._open:
            opened = self._open.pop()
            if opened.mark == mark:
                before, after = _TAGS[mark]
                self._pieces[opened.piece] = before or spoiler_tag()
                self._pieces.append(after)
                # A bracket opened inside can no longer become a link that reaches outside.
                while self._brackets and self._brackets[-1][0] > opened.piece:
                    self._brackets.pop()
                return

    def _take_atom(self, start: int, end: int, html: str) -> int:
        is_hit = any(first < end and last > start for first, last in self._hits_in(start, end))
        self._pieces.append(f"<mark>{html}</mark>" if is_hit else html)
        return end

    def _literal(self, at: int) -> int:
        self._say(at, at + 1)
        return at + 1

    def _say(self, start: int, end: int) -> None:
        if start < end:
            self._pieces.append(self._marked(start, end))

    def _marked(self, start: int, end: int) -> str:
        """The escaped text from `start` to `end`, hits highlighted."""
        hits = self._hits_in(start, end)
        if not hits:
            return str(escape(self.text[start:end]))
        parts: list[str] = []
        position = start
        for first, last in hits:
            first, last = max(first, start), min(last, end)
            parts.append(str(escape(self.text[position:first])))
            parts.append(f"<mark>{escape(self.text[first:last])}</mark>")
            position = last
        parts.append(str(escape(self.text[position:end])))
        return "".join(parts)

    def _hits_in(self, start: int, end: int) -> Sequence[Span]:
        if not self.hits:
            return ()
        first = bisect_left(self.hits, start, key=lambda hit: hit[1] - 1)
        last = bisect_left(self.hits, end, key=lambda hit: hit[0])
        return self.hits[first:last]

    def _next_url_stop(self, at: int) -> int:
        if self._url_stop < at:
            found = _URL_STOP.search(self.text, at)
            self._url_stop = found.start() if found else len(self.text)
        return self._url_stop

    def _next_mask_stop(self, at: int) -> int:
        if self._mask_stop < at:
            found = _MASK_STOP.search(self.text, at)
            self._mask_stop = found.start() if found else len(self.text)
        return self._mask_stop


def _moved(hits: Sequence[Span], start: int, end: int) -> list[Span]:
    return [(max(first, start) - start, min(last, end) - start) for first, last in hits if first < end and last > start]
