"""Line and branch coverage of the RTL by Amaranth class, from the counters of many simulations.

Amaranth leaves no source lines on what becomes `if` and `case` in the Verilog, so a point is known
by its class and its place among the points of the module. Modules of one class whose points are of
the same kinds in the same order are the same module, in whatever machine or bench they stand; their
hits add up. What is reported of a class are its modules in the default machine, or, where it has
none, in the models that do.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import UserError

_SUFFIX = re.compile(r"\$\d+$")
"""What Amaranth adds to the name of a submodule that is taken already."""
_ARTEFACT = "$auto$verilog_backend"
"""An `if` that Yosys writes so that simulators evaluate a block at time zero."""
_PROJECT = "rtl."


@dataclass(frozen=True)
class Point:
    """One counter: `kind` is line or branch, `what` Verilator's name of the alternative."""

    module: str
    line: int
    column: int
    kind: str
    what: str
    hits: int


@dataclass
class Module:
    """The points of one class in one shape, with their hits over all simulations."""

    kinds: tuple[str, ...]
    hits: list[int]
    in_reference: bool
    source: list[str] = field(repr=False)
    """The line of Verilog of each point, from the model that was read first."""


@dataclass(frozen=True)
class Row:
    """Coverage of one class: numbers of points, and the Verilog of those that nothing reached."""

    name: str
    lines: int
    lines_hit: int
    branches: int
    branches_hit: int
    missed: tuple[str, ...]


def parse(text: str) -> Iterable[Point]:
    """Points of a file in Verilator's format: fields are key, \\x02, value, each after \\x01."""
    for line in text.splitlines():
        if not line.startswith("C '"):
            continue
        fields, _, count = line[3:].rpartition("' ")
        values = dict(part.split("\x02", 1) for part in fields.split("\x01") if part)
        yield Point(
            values["page"].partition("/")[2],
            int(values["l"]),
            int(values["n"]),
            values["t"],
            values["o"],
            int(count),
        )


def collect(directory: Path) -> dict[str, list[Module]]:
    """Modules by class, over everything in the directory; raises UserError if there is nothing."""
    found: dict[str, dict[tuple[str, ...], Module]] = defaultdict(dict)
    for description in sorted(directory.glob("*.modules.json")):
        model = json.loads(description.read_text())
        verilog = Path(model["verilog"]).read_text().splitlines()
        name = description.name.removesuffix(".modules.json")
        for file in sorted(directory.glob(f"{name}-*.dat")):
            _add(found, parse(file.read_text()), model, verilog)
    if not found:
        raise UserError(f"{directory} has no counters: no simulation ran with coverage")
    return {kind: list(shapes.values()) for kind, shapes in sorted(found.items())}


def _add(found, points: Iterable[Point], model: dict, verilog: Sequence[str]) -> None:
    by_module: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        if _ARTEFACT not in verilog[point.line - 1]:
            by_module[point.module].append(point)
    for path, own in by_module.items():
        plain = ".".join(_SUFFIX.sub("", part) for part in path.split("."))
        kind = model["modules"].get(plain, "")
        if not kind.startswith(_PROJECT):
            continue
        own.sort(key=lambda point: (point.line, point.column, point.kind, point.what))
        kinds = tuple(f"{point.kind} {point.what}" for point in own)
        module = found[kind].setdefault(
            kinds,
            Module(
                kinds, [0] * len(own), False, [verilog[point.line - 1].strip() for point in own]
            ),
        )
        module.in_reference |= model["reference"]
        module.hits = [a + b.hits for a, b in zip(module.hits, own, strict=True)]


def rows(modules: dict[str, list[Module]]) -> list[Row]:
    """One row for each class, by its name."""
    result = []
    for name, shapes in modules.items():
        chosen = [module for module in shapes if module.in_reference] or shapes
        points = [
            (kind.split()[0], kind, hits, source)
            for module in chosen
            for kind, hits, source in zip(module.kinds, module.hits, module.source, strict=True)
        ]
        count = {
            (which, reached): sum(
                1 for kind, _, hits, _ in points if kind == which and (hits > 0 or not reached)
            )
            for which in ("line", "branch")
            for reached in (False, True)
        }
        missed = tuple(f"{what}: {source}" for _, what, hits, source in points if not hits)
        result.append(
            Row(
                name,
                count["line", False],
                count["line", True],
                count["branch", False],
                count["branch", True],
                missed,
            )
        )
    return result
