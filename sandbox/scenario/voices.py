"""How a person writes: the same sentence from two people should not look the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

_KEEPS_ITS_CASE = re.compile(r"<[@#a-zA-Z:!&][^>]*>|https?://\S+|```.*?```|`[^`]*`|\b[A-Z][A-Z0-9.]+\b", re.DOTALL)
_WORD = re.compile(r"[a-z]{5,}")
_ALPHABETIC = frozenset(("en", "de", "fr", "es", "pt", "pl"))
_TAILS = {
    "en": (
        "lol",
        "haha",
        "tbh",
        "ngl",
        "imo",
        "xD",
        "hehe",
        ":)",
        ":D",
        "^^",
        "<3",
        "🙈",
        "😅",
        "❄️",
        "🙏",
        "✨",
        "👀",
        "🥲",
        "😭",
        "🫠",
    ),
    "de": ("haha", "xD", ":)", "^^", "😄", "🙈", "naja", "lg", "❄️", "😅", "😂"),
    "fr": ("mdr", "haha", ":)", "^^", "😄", "ptdr", "❄️", "🙈", "😅"),
    "es": ("jaja", "jajaja", ":)", "😄", "🙈", "❄️", "xD", "😂"),
    "pt": ("kkkk", "rs", ":)", "😄", "❄️", "kkk"),
    "ja": ("笑", "w", "www", "！", "😊", "❄️", "✨", "（笑）", "🙏", "〜"),
    "ar": ("ههه", "هههه", "😂", "🌹", "❄️", "🙏", "😅", "✨"),
    "uk": ("хах", ":)", "😄", "❄️", "🙈", "ахах", "🫠"),
    "pl": ("haha", "xD", ":)", "😄", "❄️"),
    "ko": ("ㅋㅋ", "ㅋㅋㅋ", "ㅎㅎ", "ㅠㅠ", "❄️", "😊"),
}


_OPENERS = {
    "en": (
        "oh,",
        "ah,",
        "okay,",
        "well,",
        "ha,",
        "hm,",
        "so,",
        "right,",
        "honestly,",
        "wait,",
        "um,",
        "yeah,",
        "ooh,",
        "eh,",
        "lol,",
        "tbh",
        "actually,",
        "alright,",
    ),
    "de": ("Hm…", "Oha!", "Ach!", "Na ja…", "So!", "Moment…", "Uff.", "Tja…", "Oh!", "Hach."),
    "fr": ("Hmm…", "Ah !", "Bon…", "Alors…", "Oh !", "Euh…", "Bah…"),
    "es": ("Mmm…", "¡Ah!", "Bueno…", "A ver…", "¡Uy!", "Pues…", "Oye…"),
    "ja": ("あ、", "えっと、", "うーん、", "おお、", "わ、", "ええと、", "あっ、", "ふむ、"),
    "ar": ("طيب، ", "والله، ", "آه، ", "حسنًا، ", "لحظة، ", "يا سلام، "),
    "uk": ("Хм…", "О!", "Ну…", "Ой.", "Так-так…", "До речі…"),
}
_CLOSERS = {
    "en": (
        ", just saying",
        ", anyway",
        ", I think",
        ", or so",
        ", at least here",
        ", as one does",
        ", for what it's worth",
        ", don't quote me",
        ", long story",
        ", no regrets",
        ", ask me how I know",
        ", somehow",
        ", apparently",
        ", believe me",
        ", not gonna lie",
        ", in my village at least",
        " and that's that",
        ", again",
        ", obviously",
        " (I checked)",
        " (not proud)",
        " (send tea)",
        ", as always",
        ", for once",
    ),
    "de": (
        ", glaube ich",
        ", irgendwie",
        ", wie immer",
        ", sag ich mal",
        ", zumindest hier",
        " (nicht stolz drauf)",
        ", ehrlich",
        ", oder so",
        ", wirklich",
    ),
    "fr": (", je crois", ", en tout cas", ", comme d'habitude", ", quoi", ", enfin bref", ", promis", ", voilà"),
    "es": (", creo", ", la verdad", ", como siempre", ", o algo así", ", en serio", ", digo yo"),
    "ar": ("، بصراحة", "، والله", "، صدقًا"),
    "uk": (", здається", ", чесно", ", як завжди", ", мабуть", ", якось так"),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Habits of writing, as rates from 0 to 1."""

    writes_small: bool
    begins_large: bool
    drops_full_stop: bool
    typos: float
    tails: float
    chattiness: float
    favourite: int

    @classmethod
    def careful(cls) -> Voice:
        """The habits of those who write for the studio."""
        return cls(
            writes_small=False,
            begins_large=True,
            drops_full_stop=False,
            typos=0.01,
            tails=0.03,
            chattiness=0.04,
            favourite=0,
        )

    @classmethod
    def drawn(cls, random: Random) -> Voice:
        """Somebody's habits, by lot."""
        hasty = random.random() < 0.5
        return cls(
            writes_small=hasty and random.random() < 0.8,
            begins_large=not hasty and random.random() < 0.75,
            drops_full_stop=hasty or random.random() < 0.4,
            typos=0.06 * random.random(),
            tails=0.22 * random.random() ** 2,
            chattiness=0.3 * random.random(),
            favourite=random.randrange(20),
        )

    def spoken(self, text: str, language: str, random: Random) -> str:
        """`text` as this person would put it."""
        if "```" in text or not text:
            return text
        text = self._with_airs(text, language, random)
        if language in _ALPHABETIC and self.writes_small:
            text = _small(text)
        elif language in _ALPHABETIC and self.begins_large and text[0].islower() and not text.startswith("http"):
            text = text[0].upper() + text[1:]
        if self.drops_full_stop and text.endswith(".") and not text.endswith(".."):
            text = text[:-1]
        if random.random() < self.tails and text[-1] not in "?:>":
            tails = _TAILS[language if language in _TAILS else "en"]
            usual = tails[self.favourite % len(tails)] if random.random() < 0.6 else random.choice(tails)
            text = f"{text}{'' if language == 'ja' else ' '}{usual}"
        return text

    def _with_airs(self, text: str, language: str, random: Random) -> str:
        """The little words before and after, which mean nothing and make a voice."""
        if language not in _OPENERS or "\n" in text or "**" in text:
            return text
        if random.random() < self.chattiness and text[0].isalpha():
            opener = random.choice(_OPENERS[language])
            text = opener + text if opener[-1] in "、 " else f"{opener} {text}"
        elif random.random() < self.chattiness and len(text) > 12 and text[-1].isalpha() and language in _CLOSERS:
            text += random.choice(_CLOSERS[language])
        return text

    def slip(self, text: str, language: str, random: Random) -> str | None:
        """`text` with a slip of the fingers in it, or None if the fingers behaved this time."""
        if language not in _ALPHABETIC or random.random() >= self.typos or "http" in text or "`" in text or "<" in text:
            return None
        words = [match for match in _WORD.finditer(text)]
        if not words:
            return None
        word = random.choice(words)
        place = word.start() + 1 + random.randrange(len(word.group()) - 2)
        return (
            text[:place] + text[place + 1] + text[place] + text[place + 2 :] if text[place] != text[place + 1] else None
        )


def _small(text: str) -> str:
    pieces, last = [], 0
    for match in _KEEPS_ITS_CASE.finditer(text):
        pieces += [text[last : match.start()].lower(), match.group()]
        last = match.end()
    return "".join([*pieces, text[last:].lower()])
