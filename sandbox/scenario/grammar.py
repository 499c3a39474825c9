"""The little language in which scenes are written, and its parser.

A scene begins with ``=== where[,where…] [word=word…]`` and goes on line by line; ``\\n`` in a line is a new line.

=================== ===============================================================
``A: text``         A says text; capital words are the parts of the scene
``A>B: text``       A answers B's last message
``A~: text``        A's last message is edited to text
``A-`` ``A-B``      A takes back his own last message, or removes B's last one
``^ 😂 ❤️``          others react to the last message
``# title``         a thread begins, from the last message or, in a forum, with the next one
``!ban A reason``   the moderator who spoke last bans A
``?`` before a line it is left out half of the time
=================== ===============================================================

In a text ``[a|b|]`` is one of its choices, ``{place}`` a word of that list, the same all through the scene,
``{place2}`` another of the list, ``{n:3-9}`` a number, ``{@A}`` a mention of A, ``{A}`` A's name, ``{#help}`` a
channel, ``{%aurora}`` a picture attached, ``{$log}`` a text file attached.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from random import Random

Expression = tuple["str | Choice | Slot", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several wordings."""

    options: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that the scene's circumstances fill."""

    name: str


class Deed(Enum):
    """What a line of a scene does."""

    SAY = "say"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    THREAD = "thread"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a scene: `part` does it, `other` is whom it concerns."""

    deed: Deed
    part: str
    other: str | None
    text: Expression
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """A conversation to be played; `places` are channel keys or occasions, `language` who can take part."""

    places: tuple[str, ...]
    language: str
    parts: tuple[str, ...]
    lines: tuple[Line, ...]
    has_thread: bool

    @property
    def length(self) -> float:
        """How many messages it has, on average."""
        return sum(0.55 if line.is_optional else 1.0 for line in self.lines if line.deed is Deed.SAY)


_HEADER = re.compile(r"^=== *(?P<places>[\w,]+)$")
_SPEECH = re.compile(r"^(?P<part>[A-Z]+)(?:>(?P<other>[A-Z]+))?(?P<edit>~)?: ?(?P<text>.*)$")
_REMOVAL = re.compile(r"^(?P<part>[A-Z]+)-(?P<other>[A-Z]+)?$")
_TOKEN = re.compile(r"\{[^\s{}]+\}|\[|\]|\||[^\[\]|{]+|\{")


def parse_scenes(language: str, text: str) -> tuple[Scene, ...]:
    """The scenes of a script; a line that is none of the language raises `ValueError` and says which."""
    scenes: list[Scene] = []
    header: tuple[str, ...] | None = None
    lines: list[Line] = []
    for number, raw in enumerate([*text.splitlines(), "=== end"], start=1):
        row = raw.strip()
        if match := _HEADER.match(row):
            if header is not None:
                scenes.append(_scene(header, language, lines))
            header, lines = tuple(match["places"].split(",")), []
        elif row:
            lines.append(_line(row, number, language))
    return tuple(scenes)


def parse_expression(text: str) -> Expression:
    """A text with its choices and slots. Brackets without a bar are plain text."""
    tokens: list[str] = _TOKEN.findall(text)
    expression, used = _sequence(tokens, 0, inside=False)
    if used != len(tokens):
        raise ValueError(f"a bracket is not opened in: {text}")
    return expression


def expand(expression: Expression, random: Random, fill: Callable[[str], str]) -> str:
    """The expression as words; `fill` says what stands in a slot."""
    words = []
    for piece in expression:
        if isinstance(piece, str):
            words.append(piece)
        elif isinstance(piece, Choice):
            words.append(expand(piece.options[int(random.random() * len(piece.options))], random, fill))
        else:
            words.append(fill(piece.name))
    return "".join(words)


def _scene(places: tuple[str, ...], language: str, lines: list[Line]) -> Scene:
    parts = dict.fromkeys(line.part for line in lines if line.part)
    has_thread = any(line.deed is Deed.THREAD for line in lines)
    return Scene(places, language, tuple(parts), tuple(lines), has_thread)


def _line(row: str, number: int, language: str) -> Line:
    is_optional = row.startswith("?")
    row = row.lstrip("? ") if is_optional else row
    if row.startswith("^"):
        return Line(Deed.REACT, "", None, (row[1:].strip(),), is_optional)
    if row.startswith("# "):
        return Line(Deed.THREAD, "", None, parse_expression(row[2:]), is_optional)
    if row.startswith("!ban "):
        part, _, reason = row[5:].partition(" ")
        return Line(Deed.BAN, "", part, parse_expression(reason), is_optional)
    if match := _REMOVAL.match(row):
        return Line(Deed.DELETE, match["part"], match["other"], (), is_optional)
    if match := _SPEECH.match(row):
        deed = Deed.EDIT if match["edit"] else Deed.SAY
        text = match["text"].replace("\\n", "\n")
        return Line(deed, match["part"], match["other"], parse_expression(text), is_optional)
    raise ValueError(f"line {number} of the {language} script says nothing known: {row!r}")


def _sequence(tokens: list[str], start: int, inside: bool) -> tuple[Expression, int]:
    """Pieces from `start` up to the end or, inside a choice, its bar or closing bracket."""
    pieces: list[str | Choice | Slot] = []
    index = start
    while index < len(tokens):
        token = tokens[index]
        if token == "[":
            piece, index = _choice(tokens, index + 1)
            pieces.extend(piece)
            continue
        if token == "]" or (token == "|" and inside):
            break
        is_slot = len(token) > 2 and token[0] == "{" and token[-1] == "}"
        pieces.append(Slot(token[1:-1]) if is_slot else token)
        index += 1
    return tuple(pieces), index


def _choice(tokens: list[str], start: int) -> tuple[Expression, int]:
    options: list[Expression] = []
    index = start
    while True:
        option, index = _sequence(tokens, index, inside=True)
        options.append(option)
        if index == len(tokens):
            raise ValueError(f"a bracket is not closed in: {''.join(tokens)}")
        closes = tokens[index] == "]"
        index += 1
        if closes:
            break
    if len(options) == 1:
        return ("[", *options[0], "]"), index
    return (Choice(tuple(options)),), index
