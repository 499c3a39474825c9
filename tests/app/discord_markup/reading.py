"""Reads rendered markup back as a browser would, and refuses what is not whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

ALLOWED = {
    "div": {"class", "hx-ignore"},
    "span": {"class", "role", "tabindex", "aria-label", "data-color"},
    "strong": {"class"},
    "small": {"class"},
    "em": set(),
    "u": set(),
    "s": set(),
    "mark": set(),
    "blockquote": set(),
    "ul": set(),
    "ol": {"start"},
    "li": set(),
    "code": {"class", "data-language"},
    "time": {"class", "datetime", "data-time"},
    "a": {"class", "href", "title", "rel", "target"},
    "img": {"class", "src", "alt", "title", "width", "height", "loading", "decoding"},
}
EMPTY = {"img"}


@dataclass
class Markup(HTMLParser):
    """What a browser would build of `source`: `text`, `links`, `marked`, and `problems` where it is not whole."""

    source: str
    text: str = ""
    links: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    deepest: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.source)
        self.close()
        if self._open:
            self.problems.append(f"left open: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.problems.append(f"element {tag}")
            return
        for name, value in attrs:
            if name not in ALLOWED[tag]:
                self.problems.append(f"attribute {name} of {tag}")
            if name in ("href", "src"):
                self.links.append(value or "")
        if tag == "mark":
            self.marked.append("")
        if tag not in EMPTY:
            self._open.append(tag)
            self.deepest = max(self.deepest, len(self._open))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"closes {tag}, open {self._open}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self._open:
            self.marked[-1] += data

    def handle_comment(self, data: str) -> None:
        self.problems.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.problems.append("a declaration")
