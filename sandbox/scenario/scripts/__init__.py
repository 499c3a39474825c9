"""Every conversation there is, by language."""

from __future__ import annotations

from functools import cache

from sandbox.scenario.grammar import Scene, parse_scenes
from sandbox.scenario.scripts import (
    arabic,
    english_evenings,
    english_gallery,
    english_hearth,
    english_release,
    english_staff,
    english_village,
    english_workshop,
    german,
    international,
    japanese,
    tongues,
)

_SCRIPTS = (
    ("en", english_village.SCRIPT),
    ("en", english_release.SCRIPT),
    ("en", english_hearth.SCRIPT),
    ("en", english_workshop.SCRIPT),
    ("en", english_gallery.SCRIPT),
    ("en", english_staff.SCRIPT),
    ("en", english_evenings.SCRIPT),
    ("de", german.SCRIPT),
    ("de", tongues.GERMAN),
    ("ja", japanese.SCRIPT),
    ("ar", arabic.SCRIPT),
    ("fr", international.FRENCH),
    ("es", international.SPANISH),
    ("uk", international.UKRAINIAN),
    ("pt", international.PORTUGUESE),
    ("pl", international.POLISH),
    ("ko", international.KOREAN),
    ("ja", tongues.JAPANESE),
    ("ar", tongues.ARABIC),
    ("fr", tongues.FRENCH),
    ("es", tongues.SPANISH),
    ("uk", tongues.UKRAINIAN),
    ("pt", tongues.PORTUGUESE),
    ("pl", tongues.POLISH),
    ("ko", tongues.KOREAN),
)


@cache
def scenes_by_place() -> dict[str, tuple[Scene, ...]]:
    """The scenes that can be played at each place or occasion."""
    scenes: dict[str, list[Scene]] = {}
    for language, script in _SCRIPTS:
        for scene in parse_scenes(language, script):
            for place in scene.places:
                scenes.setdefault(place, []).append(scene)
    return {place: tuple(found) for place, found in scenes.items()}
