"""Verilator's lint over the machine of every preset: `python -m sim.lint`, part of `make lint`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rtl.presets import PRESETS

from . import toolchain
from .cache import PROJECT_ROOT
from .errors import UserError
from .netlist import convert
from .testbench import TOP

_WAIVERS = PROJECT_ROOT / "rtl" / "lint.vlt"


def main() -> int:
    linted = set()
    for name, preset in PRESETS.items():
        if preset.soc in linted:
            continue
        linted.add(preset.soc)
        text = convert(preset.soc).verilog
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch) / f"{TOP}.v"
            source.write_text(text)
            command = ["verilator", "--lint-only", "-Wall", "--top-module", TOP]
            command += [str(_WAIVERS), str(source)]
            try:
                toolchain.run(command, cwd=Path(scratch), what=f"Verilator's lint of '{name}'")
            except UserError as error:
                print(error, file=sys.stderr)
                return 1
        print(f"lint: the Verilog of preset '{name}' is clean")
    return 0


if __name__ == "__main__":
    sys.exit(main())
