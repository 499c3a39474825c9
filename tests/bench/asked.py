"""What the search benchmark asks: fourteen classes of queries, made from the corpus' own words."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.domain.clock import snowflake_time
from tests.bench.corpus import Shape, Talk, author_of, channel_of

QUERIES_A_CLASS = 12
DAWN, DUSK = "dawnword", "duskword"
"""Two common words that never stand in one message."""


class Asked:
    """Query texts by class, for one tenant; the same from the same seed."""

    def __init__(self, talk: Talk, shape: Shape, tenant_id: int, last_id: int, said: list[str]) -> None:
        self._talk = talk
        self._tenant_id = tenant_id
        self._said = [text for text in said if text.count(" ") > 3]
        self._last = snowflake_time(last_id)
        self._first = datetime.fromtimestamp(0, UTC)
        self._random = random.Random(tenant_id)
        self._shape = shape
        self.classes: dict[str, Callable[[], str]] = {
            "common": lambda: self._word(0, 20),
            "middle": lambda: self._word(200, 2_000),
            "rare": lambda: self._word(5_000, 40_000),
            "two_common": lambda: f"{self._word(0, 20)} {self._word(0, 20)}",
            "common_rare": lambda: f"{self._word(0, 20)} {self._word(3_000, 20_000)}",
            "phrase": self._phrase,
            "either": lambda: f"{self._word(200, 2_000)} OR {self._word(200, 2_000)}",
            "without": lambda: f"{self._word(20, 200)} NOT {self._word(0, 20)}",
            "beginning": lambda: f"{self._word(8_000, 40_000)[:6]}*",
            "author": lambda: f"from:{self._author()}",
            "author_word": lambda: f"from:{self._author()} {self._word(0, 50)}",
            "channel_word": lambda: (
                f"in:{channel_of(self._tenant_id, self._random.randrange(8))} {self._word(20, 300)}"
            ),
            "dates_word": lambda: f"{self._word(0, 100)} {self._dates()}",
            "disjoint": lambda: f"{DAWN} {DUSK}",
        }

    def texts(self, name: str) -> list[str]:
        """The queries of a class."""
        return list(dict.fromkeys(self.classes[name]() for _ in range(QUERIES_A_CLASS)))

    def _word(self, most_frequent: int, least_frequent: int) -> str:
        return self._talk.word_of_rank(self._random.randrange(most_frequent, least_frequent))

    def _phrase(self) -> str:
        words = self._random.choice(self._said).split(" ")
        start = self._random.randrange(len(words) - 2)
        return '"' + " ".join(words[start : start + 2]) + '"'

    def _author(self) -> int:
        return author_of(self._tenant_id, self._random.randrange(60))

    def _dates(self) -> str:
        day = self._last - timedelta(hours=self._random.randrange(1, max(2, self._shape.messages // 12_000)))
        return f"before:{day:%Y-%m-%dT%H:%M}"
