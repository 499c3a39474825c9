"""The archive's tokeniser: one function that indexes, queries and verifies.

Words are NFKC-normalised and case-folded. Scripts written without spaces (Han, kana, Hangul, Thai, …) become
bigrams. Emoji, mentions and custom emoji are tokens of their own; a link also yields the names of its host.
A token that is no word (``@…``, ``:name:``, ``host:…``, ``has:…``, ``in:…``) holds a sign that no word can hold,
so the two kinds never meet.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

SEGMENT = "\x1e"
"""Stands between two texts of one message (content, an embed's title …): no phrase reaches across it."""

LONGEST_TOKEN = 64
"""Characters; a longer run of letters is cut into tokens of this length, in texts and queries alike."""

_SPACELESS = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # iteration marks, kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u1100-\u11ff\uac00-\ud7af"  # Hangul
)
_EMOJI = "\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
_FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
_IGNORED = (
    "\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # soft hyphen, joiners, direction marks
    "\ufe00-\ufe0f\U000e0000-\U000e01ef"  # variation selectors and tags
    "\U0001f3fb-\U0001f3ff"  # skin tones
)


def _word_signs() -> str:
    """A character class of the letters, digits and combining marks of all scripts written with spaces.

    Spelled out because ``\\w`` knows no marks (it would cut Hindi words apart), and because one class is matched
    three times as fast as an alternation of two.
    """
    spaceless = re.compile(f"[{_SPACELESS}]").match
    ranges: list[str] = []
    start: int | None = None
    for code in range(0x30, 0x10000):
        sign = chr(code)
        belongs = (sign.isalnum() or unicodedata.category(sign)[0] == "M") and not spaceless(sign)
        if belongs and start is None:
            start = code
        elif not belongs and start is not None:
            ranges.append(f"{chr(start)}-{chr(code - 1)}")
            start = None
    ranges.append("\U00010000-\U0001efff")  # one range: many beyond the BMP would be compared one by one
    return "".join(ranges)


_ANY_SPACELESS = re.compile(f"[{_SPACELESS}]")
_IGNORABLE = re.compile(f"[{_IGNORED}]")
_ASCII_TOKENS = re.compile(rf"[a-z0-9]{{1,{LONGEST_TOKEN}}}|{SEGMENT}")
_PLAIN_SIGNS = bytes(ord(chr(sign).lower()) if sign < 128 and chr(sign).isalnum() else 32 for sign in range(256))
"""ASCII letters in lower case, digits, and a space for everything else (also for `SEGMENT`)."""
_WORD = rf"[{_word_signs()}]{{1,{LONGEST_TOKEN}}}"
_UNICODE_WORDS = re.compile(rf"{_WORD}|{SEGMENT}")
_UNICODE_TOKENS = re.compile(rf"{_WORD}|[{_SPACELESS}]+|[{_FLAG_LETTERS}]{{2}}|[{_EMOJI}]|{SEGMENT}")
_ANY_OTHER_SIGN = re.compile(f"[{_SPACELESS}{_FLAG_LETTERS}{_EMOJI}]")
_MARKUP = re.compile(
    r"<(?:@!?(?P<user>\d{15,20})|@&(?P<role>\d{15,20})|\#(?P<channel>\d{15,20})"
    r"|a?:(?P<emoji>\w{2,32}):\d{15,20}|t:-?\d{1,17}(?::[a-zA-Z])?|/(?P<command>[^:<>]{1,100}):\d{15,20})>"
    r"|https?://(?=(?:[^\s/?#@<>]*@)?(?P<host>[^\s/?#@<>:)\]]+))",
    re.IGNORECASE,
)


class Tokens(NamedTuple):
    """The tokens of a text: ``sequence`` in reading order (phrases), ``extras`` without a place in it."""

    sequence: list[str]
    extras: list[str]

    def distinct(self) -> set[str]:
        """Every token once, segment marks left out."""
        found = set(self.sequence)
        found.discard(SEGMENT)
        found.update(self.extras)
        return found


def tokenise(text: str) -> Tokens:
    """The tokens of ``text`` (which may hold ``SEGMENT`` marks). Never raises, whatever the text; O(n)."""
    if "<" in text or "://" in text:
        return _with_markup(text)
    if text.isascii():
        return Tokens(_ASCII_TOKENS.findall(text.lower()), [])
    sequence: list[str] = []
    extras: list[str] = []
    _plain(text, sequence, extras)
    return Tokens(sequence, extras)


def distinct_tokens(text: str) -> set[str]:
    """What `tokenise(text).distinct()` is, in half the time for plain English: this is what a batch spends most on."""
    if text.isascii() and "<" not in text and "://" not in text:
        found = set(text.encode().translate(_PLAIN_SIGNS).decode().split())
        if len(text) <= LONGEST_TOKEN or max(map(len, found), default=0) <= LONGEST_TOKEN:
            return found
    return tokenise(text).distinct()


def _with_markup(text: str) -> Tokens:
    sequence: list[str] = []
    extras: list[str] = []
    done = 0
    for match in _MARKUP.finditer(text):
        if match.start() > done:
            _plain(text[done : match.start()], sequence, extras)
        done = match.end()
        _markup_token(match, sequence, extras)
    if done < len(text):
        _plain(text[done:], sequence, extras)
    return Tokens(sequence, extras)


def _markup_token(match: re.Match[str], sequence: list[str], extras: list[str]) -> None:
    kind = match.lastgroup
    if kind is None:  # a timestamp: its digits are no words that a person sees
        return
    value = match[kind]
    if kind == "host":
        extras.extend(host_tokens(value))
    elif kind == "emoji":
        sequence.append(emoji_token(value))
    elif kind == "command":
        _plain(value, sequence, extras)
    else:
        sequence.append({"user": "@", "role": "@&", "channel": "#"}[kind] + value)


def _plain(text: str, sequence: list[str], extras: list[str]) -> None:
    if text.isascii():
        sequence.extend(_ASCII_TOKENS.findall(text.lower()))
        return
    folded = fold(text)
    if not _ANY_OTHER_SIGN.search(folded):
        sequence.extend(_UNICODE_WORDS.findall(folded))
        return
    found = _UNICODE_TOKENS.findall(folded)
    if not _ANY_SPACELESS.search(folded):
        sequence.extend(found)
        return
    for token in found:
        if _ANY_SPACELESS.match(token):
            _bigrams(token, sequence, extras)
        else:
            sequence.append(token)


def _bigrams(run: str, sequence: list[str], extras: list[str]) -> None:
    """Cut a run of spaceless script; each of its signs is findable alone, too (an extra)."""
    if len(run) == 1:
        sequence.append(run)
        return
    sequence.extend(map("".join, pairwise(run)))
    extras.extend(run)


def fold(text: str) -> str:
    """``text`` as it is compared: NFKC, case-folded, without invisible signs, skin tones and variation marks."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", _IGNORABLE.sub("", text)).casefold()
    if not unicodedata.is_normalized("NFKC", folded):
        folded = unicodedata.normalize("NFKC", folded)
    return folded.replace("i\u0307", "i")  # what case folding leaves of the Turkish capital İ


def host_tokens(host: str) -> list[str]:
    """``host:`` tokens of a link's host and of the domains above it: docs.example.org, example.org."""
    labels = [label for label in fold(host).split(".") if label]
    if labels and labels[0] == "www":
        labels = labels[1:]
    first = max(0, len(labels) - 4)
    return [cut("host:" + ".".join(labels[start:])) for start in range(first, max(first + 1, len(labels) - 1))]


def emoji_token(name: str) -> str:
    """The token of a custom emoji, by name: the same name in another community is the same to a reader."""
    return f":{fold(name)}:"


def user_token(user_id: int) -> str:
    """The token of a mention of a person."""
    return f"@{user_id}"


def channel_token(channel_id: int) -> str:
    """The token that every message of a channel (or thread) carries."""
    return f"in:{channel_id}"


def is_spaceless(sign: str) -> bool:
    """True for a sign of a script written without spaces."""
    return _ANY_SPACELESS.match(sign) is not None


def cut(token: str) -> str:
    """``token`` no longer than the ``words`` table holds."""
    return token[:LONGEST_TOKEN]


TermHash = Callable[[str], int]
"""Token → the 32-bit number that stands for it in the posting tables. Collisions are allowed: hits are verified."""


def crc_term(token: str) -> int:
    """The number under which ``token`` is indexed."""
    return crc32(token.encode("utf-8", "surrogatepass"))


class TermCache:
    """Remembers the numbers of frequent tokens; thread-safe because each step is one dictionary operation."""

    def __init__(self, term_hash: TermHash = crc_term, capacity: int = 200_000) -> None:
        self._term_hash = term_hash
        self._capacity = capacity
        self._known: dict[str, int] = {}

    def term(self, token: str) -> int:
        """The number of one token."""
        found = self._known.get(token)
        if found is None:
            if len(self._known) >= self._capacity:
                self._known = {}
            found = self._term_hash(token)
            self._known[sys.intern(token)] = found
        return found

    def terms(self, tokens: Collection[str]) -> set[int]:
        """The set of numbers of `tokens`: smaller than theirs where two tokens share one."""
        found = set(map(self._known.get, tokens))
        if None in found:
            return set(map(self.term, tokens))
        return found  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a token stands in the text as it was written: ``text[start:end]``."""

    token: str
    start: int
    end: int


def spans(text: str) -> list[Span]:
    """The tokens of ``text`` in order with their places in it, for highlighting; agrees with ``tokenise``.

    Folding changes lengths, so each sign of the folded text remembers the sign that it came from.
    """
    found: list[Span] = []
    done = 0
    for match in _MARKUP.finditer(text):
        _plain_spans(text, done, match.start(), found)
        done = match.end()
        sequence: list[str] = []
        _markup_token(match, sequence, [])
        found.extend(Span(token, match.start(), match.end()) for token in sequence)
    _plain_spans(text, done, len(text), found)
    return found


def _plain_spans(text: str, start: int, end: int, found: list[Span]) -> None:
    folded, origins = _folded_with_origins(text, start, end)
    for match in _UNICODE_TOKENS.finditer(folded):
        at, run = match.start(), match[0]
        if run == SEGMENT:
            continue
        width = 2 if len(run) > 1 and _ANY_SPACELESS.match(run) else len(run)
        for offset in range(len(run) - width + 1):
            token = run[offset : offset + width]
            found.append(Span(token, origins[at + offset], origins[at + offset + width - 1] + 1))


def _folded_with_origins(text: str, start: int, end: int) -> tuple[str, list[int]]:
    pieces: list[str] = []
    origins: list[int] = []
    at = start
    while at < end:
        after = at + 1
        while after < end and _joins_the_sign_before(text[after]):
            after += 1
        folded = fold(text[at:after])
        pieces.append(folded)
        # Every sign but the last points at the first of its cluster, the last at its end: spans cover it whole.
        origins.extend([at] * (len(folded) - 1) + [after - 1] if folded else [])
        at = after
    return "".join(pieces), origins


def _joins_the_sign_before(sign: str) -> bool:
    return sign > "\u02ff" and (unicodedata.combining(sign) != 0 or "\u1160" <= sign <= "\u11ff")
