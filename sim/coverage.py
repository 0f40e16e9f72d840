"""Verilator's coverage counters in what is built and run, while `$DYNSTACK_COVERAGE` names a place.

That directory then receives the counters of every simulation (`*.dat`), and for every model the
Amaranth class of each Verilog module (`*.modules.json`): `sim.coverage_report` puts them together.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from amaranth.hdl import Fragment

from rtl.config import SocConfig

VARIABLE = "DYNSTACK_COVERAGE"
COUNTED_CYCLES = 200_000
"""Of each simulation of a whole machine: with counters it is seven times as slow."""


def directory() -> Path | None:
    """Where counters go; None: they are not wanted."""
    name = os.environ.get(VARIABLE)
    return Path(name) if name else None


def counts(soc: SocConfig) -> bool:
    """Whether simulations of this machine are counted: several harts are the same code with other
    values, which one hart and the benches count."""
    return directory() is not None and soc.harts == 1


def verilator_flags() -> tuple[str, ...]:
    """Lines and branches: what `if`, `case` and conditional expressions in the Verilog chose."""
    return ("--coverage-line",) if directory() else ()


def plusargs(model: Path) -> list[str]:
    """Arguments that make a simulation of this model write its counters to a file of its own."""
    place = directory()
    if place is None:
        return []
    return [f"+verilator+coverage+file+{place / f'{model.name}-{uuid.uuid4().hex}.dat'}"]


def is_described(model: Path) -> bool:
    """Whether `describe` was called for this model, which takes as long as converting a machine."""
    place = directory()
    return place is None or _description(place, model).exists()


def describe(
    model: Path, verilog: Path, components: Mapping[str, Any], *, reference: bool = False
) -> None:
    """Record which class each module of a model is; `reference`: it is the default machine.

    `components` has what was converted, by the name of its Verilog module.
    """
    place = directory()
    if place is None:
        return
    modules: dict[str, str] = {}

    def visit(fragment: Any, path: str) -> None:
        origins = getattr(fragment, "origins", None)
        if origins:
            kind = type(origins[0])
            modules[path] = f"{kind.__module__}.{kind.__qualname__}"
        for inner, name, _ in fragment.subfragments:
            visit(inner, f"{path}.{name}")

    for name, component in components.items():
        visit(Fragment.get(component, None), name)
    description = {"reference": reference, "verilog": str(verilog), "modules": modules}
    _description(place, model).write_text(json.dumps(description))


def _description(place: Path, model: Path) -> Path:
    return place / f"{model.name}.modules.json"
