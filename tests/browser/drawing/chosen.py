"""The few pictures that README shows: cut to a screen, with few colours, so that a clone stays small."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

CHOSEN = {
    "overview": "overview--usual--light",
    "messages": "messages--search--light",
    "context": "messages--beside-edited--dark",
    "member": "ban--asked--light",
    "cases": "cases--usual--dark",
    "set-up": "set-up--chosen--light",
}
"""README's picture → the drawing it is made of."""
SIZE = (1280, 800)
COLOURS = 256


def choose(drawn: Path, target: Path) -> None:
    """Make README's pictures anew of those that were drawn."""
    target.mkdir(parents=True, exist_ok=True)
    for name, source in CHOSEN.items():
        with Image.open(drawn / f"{source}.png") as picture:
            cut = picture.convert("RGB").crop((0, 0, *SIZE))
        few = cut.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(target / f"{name}.png", optimize=True)
