"""Which policies are worth their price: cost and memory of each, and who is better in both."""

from __future__ import annotations

from collections.abc import Mapping

TOLERANCE = 0.03
"""Where the linker puts data moves cycles per call by so much (docs/measuring.md)."""
SCHEDULES = 0.1
"""With several harts each policy has a schedule of wake-ups of its own, and
differences of less than this part of a call's cycles say nothing."""

Point = tuple[float, float]
"""Cycles per system call, and stack in KiB per thread."""


def resolution(harts: int) -> float:
    """The part of a call's cycles below which a difference of two policies says nothing."""
    return TOLERANCE if harts == 1 else SCHEDULES


def dominates(one: Point, other: Point, harts: int) -> bool:
    """Better in one by more than can be told, and in none worse by more."""
    tolerances = (resolution(harts), TOLERANCE)
    axes = list(zip(one, other, tolerances, strict=True))
    no_worse = all(a <= b * (1 + tolerance) for a, b, tolerance in axes)
    better = any(a < b * (1 - tolerance) for a, b, tolerance in axes)
    return no_worse and better


def front(points: Mapping[str, Point], harts: int) -> list[str]:
    """Policies that no other dominates, all run on so many harts, in the order given."""
    return [
        name
        for name, point in points.items()
        if not any(
            dominates(rival, point, harts) for other, rival in points.items() if other != name
        )
    ]
