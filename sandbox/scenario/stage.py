"""Plays a scene: people, words and pauses for each of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.beats import Beat, File
from sandbox.scenario.calendar import Calendar
from sandbox.scenario.grammar import Deed, Line, Scene, expand
from sandbox.scenario.lore import words_of
from sandbox.scenario.model import Embed
from sandbox.scenario.news import build_embed
from sandbox.scenario.papers import crash_report, player_log
from sandbox.scenario.people import Inhabitant
from sandbox.scenario.pictures import VARIATIONS, picture

_ALWAYS_FRESH = frozenset(("thanks", "agree", "laugh", "wow", "hello", "bye", "sorry", "hmm", "hope"))
_OPTIONAL_LINES = 0.55
_BEFORE_A_VOWEL = re.compile(r"\b([Aa]) (?=[aeiouAEIOU])(?!uni|use|one)")
_SILENT_PARTS = frozenset(("BOT",))


class Performance:
    """One playing of a scene by a cast, beginning at a moment."""

    def __init__(
        self,
        scene: Scene,
        cast: Mapping[str, Inhabitant],
        at: datetime,
        calendar: Calendar,
        channel_ids: Mapping[str, int],
        random: Random,
    ) -> None:
        self._scene = scene
        self._cast = cast
        self._at = at
        self._random = random
        self._channel_ids = channel_ids
        self._bound: dict[str, str] = dict(zip(("prev", "build", "next"), calendar.versions_at(at), strict=True))
        self._drawn: dict[str, list[int]] = {}
        self._files: list[File] = []
        self._embeds: list[Embed] = []
        self._last_of: dict[str, int] = {}
        self._spoken = 0
        self._moderator: Inhabitant | None = None

    def beats(self) -> Iterator[Beat]:
        """What happens, in order."""
        for line in self._scene.lines:
            if line.is_optional and self._random.random() > _OPTIONAL_LINES:
                continue
            beat = self._beat(line)
            if beat is not None:
                yield beat

    def _beat(self, line: Line) -> Beat | None:
        actor = self._cast.get(line.part)
        if line.part == "MOD":
            self._moderator = actor
        if line.deed is Deed.SAY:
            return self._say(line, self._cast[line.part])
        if line.deed is Deed.REACT:
            emojis = tuple(str(line.text[0]).split())
            return Beat(self._random.uniform(2, 20), Deed.REACT, None, emojis=emojis, number=self._spoken - 1)
        if line.deed is Deed.THREAD:
            return Beat(self._random.uniform(3, 30), Deed.THREAD, None, self._words(line), number=self._spoken - 1)
        if line.deed is Deed.BAN:
            target = self._cast[line.other or ""]
            return Beat(self._random.uniform(4, 40), Deed.BAN, self._moderator, self._words(line), target=target)
        number = self._last_of.get(line.other or line.part)
        if number is None:
            return None
        delay = self._random.uniform(6, 50)
        text = self._words(line) if line.deed is Deed.EDIT else ""
        return Beat(delay, line.deed, actor, text, number=number)

    def _say(self, line: Line, actor: Inhabitant) -> Beat:
        self._files, self._embeds = [], []
        words = self._words(line)
        text = words if line.part in _SILENT_PARTS else actor.voice.spoken(words, self._scene.language, self._random)
        number = self._spoken
        answers = self._last_of.get(line.other) if line.other else None
        # People rarely use the reply button when nothing stands between question and answer.
        if answers == number - 1 and self._random.random() < 0.45:
            answers = None
        self._spoken += 1
        self._last_of[line.part] = number
        return Beat(
            delay=self._pause(text),
            deed=Deed.SAY,
            actor=actor,
            text=text,
            first_draft=actor.voice.slip(text, self._scene.language, self._random),
            number=number,
            answers=answers,
            files=tuple(self._files),
            embeds=tuple(self._embeds),
        )

    def _pause(self, text: str) -> float:
        """Seconds to read, think and type."""
        random = self._random
        thinking = random.lognormvariate(1.6, 0.7)
        if random.random() < 0.06:
            thinking += random.uniform(40, 400)
        return thinking + min(len(text), 240) / random.uniform(6, 11)

    def _words(self, line: Line) -> str:
        words = expand(line.text, self._random, self._fill)
        if self._scene.language == "en":
            words = _BEFORE_A_VOWEL.sub(r"\1n ", words)
        return "\n".join(row.rstrip() for row in words.split("\n")).strip()

    def _fill(self, name: str) -> str:
        mark = name[0]
        if mark == "@":
            return f"<@{self._cast[name[1:]].member.id}>" if name[1:] in self._cast else name
        if mark == "#":
            channel_id = self._channel_ids.get(name[1:])
            return f"<#{channel_id}>" if channel_id else name
        if mark in "%$&":
            self._attach(mark, name[1:])
            return ""
        if name.startswith("n:"):
            low, _, high = name[2:].partition("-")
            return str(self._random.randint(int(low), int(high)))
        if name in self._cast:
            return self._cast[name].name
        if name in ("soon", "later"):
            moment = self._at + timedelta(minutes=90 if name == "soon" else 26 * 60)
            return str(int(moment.timestamp()) // 900 * 900)
        return self._bound.get(name) or self._drawn_word(name)

    def _drawn_word(self, name: str) -> str:
        base = name.rstrip("0123456789")
        options = words_of(self._scene.language, base)
        if options is None:
            raise ValueError(f"no words for {{{name}}}")
        if base in _ALWAYS_FRESH:
            return expand(self._random.choice(options), self._random, self._fill)
        used = self._drawn.setdefault(base, [])
        index = self._random.choice([i for i in range(len(options)) if i not in used] or [0])
        used.append(index)
        word = self._bound[name] = expand(options[index], self._random, self._fill)
        return word

    def _attach(self, mark: str, name: str) -> None:
        random = self._random
        if mark == "%":
            variation = random.randrange(VARIATIONS)
            painted = picture(name, variation)
            filename = random.choice(
                (f"{name}_{variation}.png", "image.png", f"lanternfall-{random.randrange(10**6)}.png")
            )
            self._files.append(
                File(
                    filename,
                    "image/png",
                    painted.content,
                    painted.width,
                    painted.height,
                    painted.description if variation % 2 else None,
                )
            )
        elif mark == "$":
            written = player_log if name == "log" else crash_report
            self._files.append(written(self._bound["build"], self._at, random))
        else:
            self._embeds.append(build_embed(self._bound["next"], self._at, random))
