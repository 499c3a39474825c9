"""`make screenshots`: every page in every state, light, dark and on a phone, into `build/screenshots`.

`python -m tests.browser.screenshots [--only WORD,…] [--looks light,phone] [--to DIR]`. When everything is drawn in light
and dark, the few pictures of the README are made anew in `docs/images`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.browser.chromium import chromium
from tests.browser.drawing import stage as stages
from tests.browser.drawing.camera import LOOKS, Camera, Look
from tests.browser.drawing.chosen import choose
from tests.browser.drawing.scenes import SCENES, Scene
from tests.browser.drawing.stage import Stage
from tests.servers.process import REPOSITORY

USUAL_FOLDER = REPOSITORY / "build" / "screenshots"
README_PICTURES = REPOSITORY / "docs" / "images"


def main() -> int:
    """Draw, and say what was wrong: a status other than the scene's, a page wider than its window, a console error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="scenes whose name has one of these words, comma-separated")
    parser.add_argument("--looks", default="light,dark,phone")
    parser.add_argument("--to", type=Path, default=USUAL_FOLDER)
    arguments = parser.parse_args()
    looks = [look for look in LOOKS if look.name in arguments.looks.split(",")]
    if not arguments.only:
        shutil.rmtree(arguments.to, ignore_errors=True)
    wrong = draw(arguments.to.resolve(), looks, [word for word in arguments.only.split(",") if word])
    if not arguments.only and {"light", "dark"} <= {look.name for look in looks}:
        choose(arguments.to, README_PICTURES)
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


def draw(folder: Path, looks: Sequence[Look], words: Sequence[str]) -> list[str]:
    """Every scene (or those with one of the words in their name) in every look; what was wrong comes back."""
    state = stages.throw_away_folder()
    stage = Stage(state)
    try:
        stage.open()
        with chromium() as browser:
            camera = Camera(browser, stage, folder)
            wrong = [line for scene in SCENES for line in _drawn(camera, scene, looks, words)]
            camera.close()
    finally:
        stage.close()
        stages.forget(state)
    return wrong


def _drawn(camera: Camera, scene: Scene, looks: Sequence[Look], words: Sequence[str]) -> list[str]:
    if scene.make is not None:
        scene.make(camera.stage)
    if words and not any(word in scene.name for word in words):
        return []
    return [f"{scene.name} ({look.name}): {line}" for look in looks for line in camera.draw(scene, look)]


if __name__ == "__main__":
    sys.exit(main())
