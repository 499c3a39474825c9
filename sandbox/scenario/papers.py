"""Text files that players send along: logs and crash reports of the game."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sandbox.scenario.beats import File

_PARTS = (
    "SnowField",
    "LampPool",
    "GooseBrain",
    "LetterBox",
    "FerryClock",
    "SledTrack",
    "WeatherDial",
    "StoveFire",
    "ModLoader",
    "SaveShelf",
)
_NOTES = (
    "loaded {n} textures in {m} ms",
    "frame took {m} ms",
    "pool holds {n} items",
    "goose {n} chose path {m}",
    "letter {n} delivered",
    "wind set to {m}",
    "no lamp at ({n}, {m}), skipped",
    "autosave {n} written in {m} ms",
    "loader: api 3 expected, found 2",
    "retry {n} after {m} ms",
)
_FAULTS = (
    "NullLampException",
    "IndexOutOfSnowException",
    "GooseNotFoundException",
    "LetterTooLongException",
    "InvalidSledState",
)


def player_log(build: str, at: datetime, random: Random) -> File:
    """A `player.log` of some tens of lines that end at about `at`."""
    moment = at - timedelta(minutes=random.randrange(8, 90))
    lines = [
        f"Lanternfall {build} (build {random.randrange(2100, 2900)})",
        "renderer: " + random.choice(("Vulkan", "D3D12", "Metal")),
    ]
    for _ in range(random.randrange(24, 70)):
        moment += timedelta(seconds=random.uniform(0.1, 40))
        level = random.choices(("INFO", "WARN", "ERROR"), weights=(12, 4, 1))[0]
        lines.append(f"{moment:%H:%M:%S} {level:<5} {random.choice(_PARTS)}: {_note(random)}")
    return _text_file("player.log", lines)


def crash_report(build: str, at: datetime, random: Random) -> File:
    """A crash report with its stack."""
    lines = [
        f"Lanternfall {build} stopped at {at:%Y-%m-%d %H:%M:%S}",
        "",
        random.choice(_FAULTS) + ": " + _note(random),
    ]
    for _ in range(random.randrange(6, 16)):
        verb = random.choice(("Update", "Draw", "Release", "Load", "Tick", "OnSnow"))
        lines.append(
            f"  at Lanternfall.{random.choice(_PARTS)}.{verb}() in {random.choice(_PARTS)}.cs:line {random.randrange(20, 900)}"
        )
    return _text_file(f"crash-{at:%Y%m%d-%H%M}.txt", lines)


def _note(random: Random) -> str:
    return random.choice(_NOTES).format(n=random.randrange(1, 900), m=random.randrange(2, 400))


def _text_file(name: str, lines: list[str]) -> File:
    return File(name, "text/plain; charset=utf-8", "\n".join([*lines, ""]).encode())
