"""What the answer rests on: cycles and memory of every contender in every cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.claims.pareto import Point, front
from sim.firmware import by_number, policies
from sim.results import write_json
from sim.statistics import is_number
from sim.sweep.table import Row

from .cells import BASELINE, Cell, Contender


@dataclass(frozen=True)
class Figures:
    """Points by cell and name of the contender, and break-even points.

    Attributes
    ----------
    calls : system calls of the workers in each run.
    points : kernel cycles per system call, and KiB of stack per thread.
    stale : names of contenders that made stale accesses, with the number of cells.
    break_even : figures of the claims H7 and H29, by id.
    """

    calls: int
    points: Mapping[Cell, Mapping[str, Point]]
    stale: Mapping[str, int]
    break_even: Mapping[str, Mapping[str, Any]]

    @property
    def names(self) -> list[str]:
        """All contenders, by the numbers of their policies."""
        names = {name for points in self.points.values() for name in points}
        return sorted(names, key=by_number)

    def at(self, *, harts: int | None = None, sleepers: int | None = None) -> list[Cell]:
        """Cells on so many harts and with so many sleepers."""
        return [
            cell
            for cell in self.points
            if harts in (None, cell.harts) and sleepers in (None, cell.sleepers)
        ]

    def overhead(self, name: str, cell: Cell) -> float:
        """Cycles per system call over those of the baseline in the same cell."""
        points = self.points[cell]
        return points[name][0] - points[BASELINE][0]

    def kib(self, name: str, cell: Cell) -> float:
        """KiB of stack per thread."""
        return self.points[cell][name][1]

    def front(self, cell: Cell, but: str | None = None) -> list[str]:
        """Contenders that no other dominates, in the order of `names`; one may be left out."""
        points = {name: point for name, point in self.points[cell].items() if name != but}
        return sorted(front(points, cell.harts), key=by_number)


def harts_of(figures: Figures) -> list[int]:
    """Numbers of harts that were run, the first with all numbers of sleepers."""
    return list(dict.fromkeys(cell.harts for cell in figures.points))


def from_rows(rows: Sequence[Row], chosen: Sequence[Cell], calls: int) -> Figures:
    """Figures of the rows of `cells.points`; break-even points are not among them."""
    by_name = {(cell.name, cell.harts): cell for cell in chosen}
    points: dict[Cell, dict[str, Point]] = {cell: {} for cell in chosen}
    stale: dict[str, int] = {}
    for row in rows:
        cell = by_name[str(row["workload"]), _int(row["harts"])]
        name = Contender(str(row["variant"]), str(row["preset"])).name
        cycles, kib = row["cycles_per_syscall"], row["stack_kib_per_thread"]
        assert isinstance(cycles, float)
        assert isinstance(kib, float)
        points[cell][name] = (round(cycles, 1), round(kib, 2))
        if row["stale_accesses"]:
            stale[name] = stale.get(name, 0) + 1
    return Figures(calls, points, stale, {})


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def write_figures(figures: Figures, file: Path) -> None:
    """Write what `read_figures` reads."""
    cells = [
        {**vars(cell), "cycles_and_kib": {name: list(point) for name, point in points.items()}}
        for cell, points in figures.points.items()
    ]
    write_json(
        file,
        {
            "calls": figures.calls,
            "stale_cells": figures.stale,
            "break_even": figures.break_even,
            "cells": cells,
        },
    )


def read_figures(file: Path) -> Figures:
    """Read what `write_figures` wrote; ValueError, KeyError, TypeError or the like where it is not.

    What `break_even` holds is looked at by those who show it.
    """
    content = json.loads(file.read_text())
    points = {
        Cell(
            _text(entry["application"]), _whole(entry["sleepers"], 0), _whole(entry["harts"], 1)
        ): {
            _contender(name): (_number(cycles), _number(kib))
            for name, (cycles, kib) in entry["cycles_and_kib"].items()
        }
        for entry in content["cells"]
    }
    stale = {_contender(name): _whole(cells, 0) for name, cells in content["stale_cells"].items()}
    return Figures(_whole(content["calls"], 1), points, stale, dict(content["break_even"]))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"{value!r} is no text")


def _contender(name: str) -> str:
    if name.partition(" ")[0] in policies():
        return name
    raise ValueError(f"{name!r} is no policy")


def _whole(value: object, least: int) -> int:
    if type(value) is int and value >= least:
        return value
    raise ValueError(f"{value!r} is no whole number of {least} or more")


def _number(value: object) -> float:
    if is_number(value):
        return value
    raise ValueError(f"{value!r} is no number")
