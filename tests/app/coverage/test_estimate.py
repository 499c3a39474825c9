"""The guess at a backfill's end, held against simulated backfills of communities of every shape."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass

import pytest

from app.domain.coverage.estimating import PAGE, Piecework, seconds_left

CALLS_A_SECOND = 20.0
"""What gaps and history may use of the budget together."""
AT_ONCE = 8
CHANNEL_CALLS_A_SECOND = 10.0
FROM_SECOND = 120.0
A_QUARTER = 0.25
LAST_MOMENTS = 20.0
"""Of the last seconds nobody asks for a quarter."""


@dataclass
class Channel:
    messages: int
    pages: int = 0
    found: int = 0
    is_open: bool = True
    free_at: float = 0.0
    call_seconds: float = 0.0

    @property
    def left(self) -> int:
        return self.messages - self.found

    def piece(self, sure: bool) -> Piecework:
        """As the ledger has it: the guess at what is left is off where days differ."""
        expected = self.left if sure else round(self.left * 1.15)
        return Piecework(self.is_open, self.pages, self.found, expected if self.pages else None, self.call_seconds)


def backfill_of(
    sizes: list[int], latency: float, dice: random.Random, *, is_counted: bool
) -> tuple[float, list[tuple[float, float]]]:
    """(how long it took, what was said at each second): as the bot works, the first page of each, then the busiest first."""
    channels = [Channel(size) for size in sizes]
    total = sum(sizes) if is_counted else None
    now, budget_free, said, next_look = 0.0, 0.0, [], 5.0
    running: list[tuple[float, int]] = []
    waiting = [(False, 0, place) for place in range(len(channels))]
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            place = heapq.heappop(waiting)[-1]
            turn = max(now, budget_free)
            budget_free = turn + 1 / CALLS_A_SECOND
            begins = max(turn, channels[place].free_at)  # Discord's own limit for each channel
            channels[place].free_at = begins + 1 / CHANNEL_CALLS_A_SECOND
            ends = begins + latency * dice.uniform(0.7, 1.5)
            channels[place].call_seconds += ends - turn
            heapq.heappush(running, (ends, place))
        now, place = heapq.heappop(running)
        channel = channels[place]
        brought = min(PAGE, channel.left)
        channel.pages, channel.found = channel.pages + 1, channel.found + brought
        channel.is_open = brought == PAGE
        if channel.is_open:
            heapq.heappush(waiting, (True, -channel.left, place))
        while next_look <= now:
            left = seconds_left([one.piece(is_counted) for one in channels], total, now)
            if left is not None:
                said.append((now, left))
            next_look += 5.0
    return now, said


SHAPES = {
    "a few large channels": [150_000, 90_000, 60_000, 40_000, 9_000, 400, 20, 0],
    "many of one size": [6_000] * 90,
    "one giant among dwarfs": [200_000, *[150] * 40],
    "hundreds of small threads": [50_000, 20_000, *[30] * 3_000],
    "a long tail": [round(80_000 / (place + 1)) for place in range(300)],
}


@pytest.mark.parametrize("latency", [0.08, 0.35])
@pytest.mark.parametrize("shape", SHAPES)
def test_from_the_second_minute_the_guess_is_within_a_quarter(shape: str, latency: float) -> None:
    took, said = backfill_of(SHAPES[shape], latency, random.Random(7), is_counted=True)

    assert took > FROM_SECOND + LAST_MOMENTS, "it is long enough to be asked"
    for at, left in said:
        truth = took - at
        if at >= FROM_SECOND and truth > LAST_MOMENTS:
            assert abs(left - truth) <= A_QUARTER * truth, (
                f"{shape}: at {at:.0f} s {left:.0f} s were said, {truth:.0f} s it took"
            )


def test_without_a_count_the_guess_is_made_from_how_dense_the_pages_were() -> None:
    took, said = backfill_of(SHAPES["many of one size"], 0.1, random.Random(7), is_counted=False)

    for at, left in said:
        truth = took - at
        if at >= FROM_SECOND and truth > LAST_MOMENTS:
            assert abs(left - truth) <= A_QUARTER * truth


def test_before_the_first_page_nothing_is_guessed() -> None:
    assert seconds_left([Piecework(True, 0, 0, None)], 100, 5.0) is None
