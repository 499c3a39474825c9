"""Templates as the lint reads them: HTML with Jinja's own words blanked out, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

from tests.architecture.source import REPOSITORY

TEMPLATES = REPOSITORY / "app/web/templates"
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
IN_A_TAG = re.compile(r"\{%-?\s*block \w+_(?:class|attributes)\s*-?%\}.*?\{%-?\s*endblock\s*-?%\}", re.DOTALL)
"""Blocks that a layout puts into a tag: what fills them is no text."""
ATTRIBUTE = re.compile(r"[\w-]+=\"[^\"]*\"")
BLANK = "\x02"
"""Stands where an expression or a tag of Jinja stood, so that lines and columns stay true."""

SPOKEN_ATTRIBUTES = frozenset({"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"})
NOT_SPOKEN = frozenset({"code", "kbd", "script", "style"})
"""Elements whose text is no sentence: names of keys and things to copy."""

PROPER_NAMES = frozenset({"Mika", "Oksana", "Bob"})
"""People of the samples: the same in every language."""

TRANSLATORS = frozenset({"_", "gettext", "ngettext", "pgettext", "lazy_gettext"})


@dataclass(frozen=True)
class Found:
    """Something in a template that the lint looks at."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(REPOSITORY)}:{self.line}: {self.what}"


def templates() -> list[Path]:
    """Every template but those of the development-only pages, which show samples."""
    return sorted(path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] != "dev")


def elements(path: Path) -> list[Element]:
    """Every start tag of the template."""
    return _read(path).elements


def bare_words(path: Path) -> Iterator[Found]:
    """Text and spoken attributes that stand in the template as they are, past gettext."""
    reading = _read(path)
    for line, text in reading.texts:
        if _has_word(text):
            yield Found(path, line, f"the words {text.strip()!r}")
    for element in reading.elements:
        for name, value in element.attributes.items():
            if name in SPOKEN_ATTRIBUTES and _has_word(value):
                yield Found(path, element.line, f"{name}={value!r}")


def bare_sentences(path: Path, environment: Environment) -> Iterator[Found]:
    """String literals of Jinja's expressions that are sentences and reach the page past gettext."""
    yield from _sentences_below(path, environment.parse(path.read_text()))


def _sentences_below(path: Path, node: nodes.Node) -> Iterator[Found]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATORS:
        return
    if isinstance(node, nodes.Compare | nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport):
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and _is_sentence(node.value):
        yield Found(path, node.lineno, f"the sentence {node.value!r}")
    for child in node.iter_child_nodes():
        yield from _sentences_below(path, child)


@dataclass(frozen=True)
class Element:
    line: int
    name: str
    attributes: dict[str, str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.texts: list[tuple[int, str]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(self.getpos()[0], tag, {name: value or "" for name, value in attrs}))
        if tag in NOT_SPOKEN:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.texts.append((self.getpos()[0], data.replace(BLANK, "")))


def _read(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(without_jinja(path.read_text()))
    reader.close()
    return reader


def without_jinja(source: str) -> str:
    """The template with every tag and expression of Jinja blanked out; line breaks stay."""
    return JINJA.sub(_blanked, IN_A_TAG.sub(_blanked, source))


def _blanked(found: re.Match[str]) -> str:
    # `<{{ tag }} class=…>` must stay a tag.
    names_a_tag = found.string[: found.start()].endswith(("<", "</"))
    return re.sub(r"[^\n]", "x" if names_a_tag else BLANK, found.group())


def _has_word(text: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", ATTRIBUTE.sub(" ", text.replace(BLANK, " ")))
    return any(word not in PROPER_NAMES for word in words)


def _is_sentence(text: str) -> bool:
    if text in PROPER_NAMES:
        return False
    return bool(re.match(r"\s*[A-Z][a-z]+(\s|[.!?…]|$)", text) or re.match(r"[a-z]+ [a-z]+ [a-z]+", text))
