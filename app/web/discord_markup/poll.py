"""A poll with what was answered so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ANSWERS = 20


@dataclass(frozen=True)
class AnswerLook:
    """One answer. `votes` is None where no counts are known."""

    text: str
    emoji: str
    votes: int | None


@dataclass(frozen=True)
class PollLook:
    """A poll's question and its answers in order."""

    question: str
    answers: tuple[AnswerLook, ...]
    is_closed: bool = False

    @property
    def votes(self) -> int | None:
        """All votes; None where no counts are known."""
        counted = [one.votes for one in self.answers if one.votes is not None]
        return sum(counted) if counted else None

    def share_of(self, answer: AnswerLook) -> int:
        """In percent of all votes."""
        return round(100 * (answer.votes or 0) / self.votes) if self.votes else 0


def read_poll(raw: object) -> PollLook | None:
    """None where there is no question. Never raises."""
    entry = _mapping(raw)
    question = _text(_mapping(entry.get("question")).get("text"), 300)
    if not question:
        return None
    results = _mapping(entry.get("results"))
    return PollLook(
        question,
        tuple(_answers(_sequence(entry.get("answers")), _counts(results))),
        results.get("is_finalized") is True,
    )


def _answers(raw: Sequence[Any], counts: Mapping[int, int] | None) -> Iterator[AnswerLook]:
    for number, one in enumerate(raw[:MOST_ANSWERS], 1):
        entry = _mapping(one)
        media = _mapping(entry.get("poll_media"))
        emoji = _mapping(media.get("emoji"))
        text, sign = _text(media.get("text"), 100), _text(emoji.get("name"), 64)
        answer_id = entry.get("answer_id")
        known = answer_id if isinstance(answer_id, int) else number
        if text or sign:
            yield AnswerLook(
                text, f":{sign}:" if emoji.get("id") else sign, counts.get(known, 0) if counts is not None else None
            )


def _counts(results: Mapping[str, Any]) -> dict[int, int] | None:
    if not results:
        return None
    counted = (_mapping(one) for one in _sequence(results.get("answer_counts"))[:MOST_ANSWERS])
    return {
        one["id"]: one["count"]
        for one in counted
        if isinstance(one.get("id"), int) and isinstance(one.get("count"), int) and 0 <= one["count"] < 1 << 31
    }


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _text(value: object, longest: int) -> str:
    return str(value[:longest]).strip() if isinstance(value, str) else ""
