"""Small winter pictures, painted as they are asked for and then kept: at most ninety different ones."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageOps

WIDTH, HEIGHT = 320, 180
VARIATIONS = 10

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with its size and what it shows."""

    content: bytes
    width: int
    height: int
    description: str


@dataclass(frozen=True, slots=True)
class _Motif:
    """What a kind of picture is made of."""

    description: str
    skies: tuple[tuple[Colour, Colour], ...]
    ground: Colour
    has_aurora: bool = False
    has_stars: bool = False
    has_sun: bool = False
    has_lake: bool = False
    houses: int = 0
    trees: int = 0
    snowfall: int = 0


_DUSK: tuple[tuple[Colour, Colour], ...] = (((22, 28, 66), (96, 92, 140)), ((18, 40, 80), (120, 140, 170)))
_NIGHT: tuple[tuple[Colour, Colour], ...] = (((6, 10, 28), (28, 46, 82)), ((10, 8, 34), (44, 40, 86)))
_DAY: tuple[tuple[Colour, Colour], ...] = (((120, 170, 214), (222, 234, 244)), ((150, 176, 200), (236, 236, 240)))
_EVENING: tuple[tuple[Colour, Colour], ...] = (((64, 52, 110), (250, 160, 110)), ((90, 60, 96), (255, 190, 120)))

_MOTIFS = {
    "aurora": _Motif(
        "Northern lights over snowy hills", _NIGHT, (58, 74, 112), has_aurora=True, has_stars=True, trees=14
    ),
    "night": _Motif("A quiet night with a lit window", _NIGHT, (50, 62, 98), has_stars=True, houses=1, trees=8),
    "village": _Motif("A village with lanterns in the snow", _DUSK, (170, 182, 210), houses=7, trees=5, snowfall=50),
    "lake": _Motif("A frozen lake between hills", _DAY, (226, 234, 242), has_lake=True, trees=10),
    "sunset": _Motif("Evening sun behind the hills", _EVENING, (120, 96, 130), has_sun=True, trees=9),
    "forest": _Motif("A path lost in a winter forest", _DAY, (214, 224, 234), trees=40, snowfall=40),
    "snow": _Motif("Heavy snow in the afternoon", _DAY, (232, 238, 244), houses=2, trees=7, snowfall=190),
    "warm": _Motif("Warm light in a small house", _EVENING, (150, 120, 130), houses=2, trees=3, snowfall=20),
    "pixel": _Motif("A cottage in pixels", _DUSK, (140, 156, 196), has_stars=True, houses=2, trees=5),
}

KINDS = tuple(_MOTIFS)


@cache
def picture(kind: str, variation: int) -> Picture:
    """The picture of that kind (one of `KINDS`) and variation (0 to `VARIATIONS` − 1), always the same."""
    motif = _MOTIFS[kind]
    random = Random(f"{kind}/{variation}")
    image = _sky(motif, random)
    horizon = _hills(image, motif, random)
    draw = ImageDraw.Draw(image)
    if motif.has_lake:
        _lake(draw, random)
    for _ in range(motif.trees):
        _tree(draw, random, horizon, motif.ground)
    for index in range(motif.houses):
        _house(draw, random, index, motif.houses)
    for _ in range(motif.snowfall):
        x, y, size = random.randrange(WIDTH), random.randrange(HEIGHT), random.choice((1, 1, 2))
        draw.ellipse((x, y, x + size, y + size), fill=(250, 252, 255))
    if kind == "pixel":
        small = image.resize((WIDTH // 5, HEIGHT // 5), Image.Resampling.BOX).quantize(16)
        image = small.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)
    content = io.BytesIO()
    image.quantize(96, dither=Image.Dither.NONE).save(content, "PNG", compress_level=6)
    return Picture(content.getvalue(), WIDTH, HEIGHT, motif.description)


def _sky(motif: _Motif, random: Random) -> Image.Image:
    top, bottom = random.choice(motif.skies)
    image = ImageOps.colorize(Image.linear_gradient("L").resize((WIDTH, HEIGHT)), top, bottom)
    draw = ImageDraw.Draw(image)
    if motif.has_stars:
        for _ in range(70):
            shine = random.randrange(120, 255)
            draw.point((random.randrange(WIDTH), random.randrange(HEIGHT * 2 // 3)), fill=(shine, shine, 255))
    if motif.has_sun:
        x, y, radius = random.randrange(60, 260), random.randrange(70, 105), random.randrange(10, 20)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 236, 190))
    return _with_aurora(image, random) if motif.has_aurora else image


def _with_aurora(image: Image.Image, random: Random) -> Image.Image:
    veil = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(veil)
    for _ in range(random.randrange(2, 5)):
        base, lean = random.randrange(50, 95), random.randrange(-25, 25)
        for x in range(0, WIDTH, 6):
            foot = base + lean * x / WIDTH + random.randrange(-6, 7)
            draw.line((x, foot, x + 4, foot - random.randrange(20, 60)), fill=random.randrange(90, 190), width=5)
    light: Colour = random.choice(((80, 235, 170), (120, 220, 235), (190, 130, 240)))
    return Image.composite(Image.new("RGB", (WIDTH, HEIGHT), light), image, veil.filter(ImageFilter.BoxBlur(5)))


def _hills(image: Image.Image, motif: _Motif, random: Random) -> int:
    """Paints two ranges of hills and the ground; says where the ground begins."""
    draw = ImageDraw.Draw(image)
    horizon = 118
    for depth, shade in ((34, 0.62), (14, 0.8)):
        ridge = [(x, horizon - random.randrange(depth // 3, depth)) for x in range(0, WIDTH + 40, 40)]
        draw.polygon([(0, HEIGHT), *ridge, (WIDTH, HEIGHT)], fill=_shaded(motif.ground, shade))
    edge = [(x, horizon + random.randrange(-3, 5)) for x in range(0, WIDTH + 80, 80)]
    draw.polygon([(0, HEIGHT), *edge, (WIDTH, HEIGHT)], fill=motif.ground)
    return horizon


def _lake(draw: ImageDraw.ImageDraw, random: Random) -> None:
    left, right = random.randrange(10, 80), random.randrange(230, 310)
    draw.ellipse((left, 126, right, 164), fill=(176, 206, 226))
    for _ in range(9):
        x, y = random.randrange(left + 40, right - 60), random.randrange(134, 156)
        draw.line((x, y, x + random.randrange(10, 34), y + random.randrange(-2, 3)), fill=(214, 232, 244))


def _tree(draw: ImageDraw.ImageDraw, random: Random, horizon: int, ground: Colour) -> None:
    x, foot = random.randrange(WIDTH), random.randrange(horizon, HEIGHT)
    height = 12 + (foot - horizon) * 0.7
    for layer in range(3):
        top, width = foot - height + layer * height * 0.24, height * (0.18 + 0.09 * layer)
        draw.polygon(
            [(x, top), (x - width, top + height * 0.46), (x + width, top + height * 0.46)],
            fill=_shaded(ground, 0.34 + 0.05 * layer),
        )


def _house(draw: ImageDraw.ImageDraw, random: Random, index: int, count: int) -> None:
    x = 20 + (WIDTH - 60) * (index + random.random() * 0.6) / count
    y, width, height = random.randrange(122, 150), random.randrange(26, 44), random.randrange(16, 26)
    wall = random.choice(((92, 60, 58), (70, 66, 84), (110, 80, 60)))
    draw.rectangle((x, y - height, x + width, y), fill=wall)
    draw.polygon(
        [(x - 4, y - height), (x + width / 2, y - height - 16), (x + width + 4, y - height)], fill=(236, 242, 250)
    )
    for window in range(random.randrange(1, 3)):
        left = x + 5 + window * 14
        draw.rectangle((left, y - height + 5, left + 7, y - height + 12), fill=(255, 214, 120))


def _shaded(colour: Colour, factor: float) -> Colour:
    red, green, blue = colour
    return int(red * factor), int(green * factor), int(blue * factor)
