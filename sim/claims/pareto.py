"""Which policies are worth their price: cost and memory of each, and who is better in both."""

from __future__ import annotations

from collections.abc import Mapping

TOLERANCE = 0.03
"""Where the linker puts data moves cycles per call by so much (docs/measuring.md)."""

Point = tuple[float, float]
"""Cycles per system call, and stack in KiB per thread."""


def dominates(one: Point, other: Point, tolerance: float = TOLERANCE) -> bool:
    """Better in one by more than the tolerance, and in none worse by more."""
    no_worse = all(a <= b * (1 + tolerance) for a, b in zip(one, other, strict=True))
    better = any(a < b * (1 - tolerance) for a, b in zip(one, other, strict=True))
    return no_worse and better


def front(points: Mapping[str, Point], tolerance: float = TOLERANCE) -> list[str]:
    """Policies that no other dominates, in the order given."""
    return [
        name
        for name, point in points.items()
        if not any(
            dominates(rival, point, tolerance) for other, rival in points.items() if other != name
        )
    ]
