"""What the benchmarks say: a table for people, `build/bench.json` for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "build" / "bench.json"


@dataclass(frozen=True)
class Figure:
    """One measured ratio. `better` says which way the goal points."""

    name: str
    ours: float
    reference: float
    goal: float | None
    better: str
    unit: str
    against: str

    @property
    def ratio(self) -> float:
        return self.ours / self.reference if self.reference else float("inf")

    @property
    def is_met(self) -> bool:
        if self.goal is None:
            return True
        return self.ratio >= self.goal if self.better == "higher" else self.ratio <= self.goal


def rate(
    name: str, ours: Iterable[float], reference: Iterable[float], goal: float | None, unit: str, against: str
) -> Figure:
    """A figure of medians where more is better."""
    return Figure(name, median(ours), median(reference), goal, "higher", unit, against)


def print_table(figures: Iterable[Figure]) -> None:
    """One line a figure."""
    print(f"{'bench':<44}{'ours':>14}{'reference':>14}{'ratio':>9}{'goal':>10}  against")
    for one in figures:
        sign = "≥" if one.better == "higher" else "≤"
        goal = "" if one.goal is None else f"{sign} {one.goal:g}"
        verdict = "" if one.is_met else "  ← missed"
        print(
            f"{one.name:<44}{one.ours:>14,.2f}{one.reference:>14,.2f}{one.ratio:>9.3f}{goal:>10}  {one.against}, {one.unit}{verdict}"
        )


def write_json(figures: Iterable[Figure]) -> None:
    """Merge the figures into `build/bench.json`; benches that did not run keep their last ones."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    for one in figures:
        known[one.name] = {
            "ours": round(one.ours, 4),
            "reference": round(one.reference, 4),
            "ratio": round(one.ratio, 4),
            "goal": one.goal,
            "better": one.better,
            "unit": one.unit,
        }
    FILE.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
