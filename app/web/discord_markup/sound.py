"""How a voice message looks: its waveform as one path, and how long it is."""

from __future__ import annotations

import binascii
from base64 import b64decode

BARS = 64
HEIGHT = 32


def wave_path(waveform: str) -> str:
    """An SVG path, four units a bar and 32 high, of Discord's waveform (base64, a byte a sample); empty where it is none."""
    try:
        samples = b64decode(waveform[:1024], validate=True)
    except (binascii.Error, ValueError):
        return ""
    if not samples:
        return ""
    step = max(1, -(-len(samples) // BARS))
    tops = [max(samples[at : at + step]) for at in range(0, len(samples), step)]
    bars = []
    for place, top in enumerate(tops):
        height = max(2, round(top * HEIGHT / 255))
        bars.append(f"M{place * 4 + 1} {(HEIGHT - height) // 2}v{height}")
    return "".join(bars)


def readable_duration(seconds: object) -> str:
    """`0:07`, `2:31`; empty where it is none."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds < 86_400:
        return ""
    whole = max(1, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"
