"""From a harness to RTLIL, in a process of its own: `python -m sim.formal.elaborate NAME FILE`.

Run in a directory with a copy of `rtl/` that has a mutant in it, it elaborates the mutant.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path

from .harness import Bench
from .properties import harness

TOP = "formal"

# By name, because the type stubs do not know the module.
_rtlil = importlib.import_module("amaranth.back.rtlil")


def elaborate(name: str) -> tuple[str, dict[str, str]]:
    """RTLIL of a harness with module `TOP`, and what its input ports stand for inside."""
    bench = Bench()
    harness(name).build(bench)
    ports = [bench.clk, *bench.looks.values()]
    text = _rtlil.convert(bench.m, name=TOP, ports=ports, emit_src=False)
    return text, {signal.name: _in_netlist(text, path) for path, signal in bench.looks.items()}


def _in_netlist(text: str, path: str) -> str:
    """The path of a signal: a submodule that is called as a signal is has got a number there."""
    *submodules, name = path.split(".")
    module = TOP
    for submodule in submodules:
        cell = rf"^  cell \\({re.escape(module)}\.{re.escape(submodule)}(?:\$\d+)?) "
        found = re.search(cell, text, re.MULTILINE)
        if found is None:
            raise LookupError(f"{path}: {module} has no submodule {submodule}")
        module = found[1]
    return f"{module.removeprefix(f'{TOP}.')}.{name}"


def main(name: str, directory: Path) -> int:
    text, looks = elaborate(name)
    (directory / "design.il").write_text(text)
    (directory / "looks.json").write_text(json.dumps(looks))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
