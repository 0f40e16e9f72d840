"""Verilog of a machine: the hart once, as a module of its own, and what joins the harts.

Amaranth writes a module for every component that it meets, so that a machine of eight harts would
have eight copies of everything in a hart, each with the constants around it folded in. Converted by
itself, a hart is one module with as many instances as there are harts.

Verilator makes code for each instance all the same, and merges what comes out identical. It does
where nothing about an instance can be folded into its code: see `rtl.soc` for what tells the harts
apart, and `SHARING_FLAGS`. Then any number of harts has the code of one, which is built in the time
of one and fits the host's caches.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple
from unittest import mock

import amaranth.back.verilog
from amaranth.hdl import ClockSignal, Instance, ResetSignal
from amaranth.lib.wiring import In, Out

from rtl.config import SocConfig
from rtl.hart.hart import Hart

from .testbench import TOP, Testbench

HART = "hart"
"""Name of the Verilog module of all harts."""

SHARING_FLAGS = (
    # Both number what they make, and the numbers differ from instance to instance.
    "-fno-table",
    "-fno-dfg-scoped",
)
"""For Verilator, where there are several harts."""


class HartInstance(Hart):
    """Instead of all that is in a hart, an instance of the module `HART`."""

    def elaborate(self, platform) -> Any:
        ports: list[Any] = [("i", "clk", ClockSignal()), ("i", "rst", ResetSignal())]
        for path, member, value in self.signature.flatten(self):
            direction = "o" if member.flow == Out else "i"
            ports.append((direction, "__".join(map(str, path)), value))
        return Instance(HART, *ports)


class Netlist(NamedTuple):
    """A machine behind its test bench."""

    verilog: str
    control: str
    """Lines for a Verilator control file: several harts stay instances, their inputs variables."""
    components: dict[str, Any]
    """What the Verilog was made from: the test bench as `TOP`, and the hart as `HART`."""


def convert(soc: SocConfig) -> Netlist:
    """Return the Verilog of this machine."""
    hart = Hart(soc)
    components = {HART: hart, TOP: Testbench(soc, hart=HartInstance)}
    with mock.patch.dict(os.environ, {"AMARANTH_USE_YOSYS": "builtin"}):
        verilog = "".join(
            amaranth.back.verilog.convert(component, name=name, emit_src=False)
            for name, component in components.items()
        )
    if soc.harts == 1:
        return Netlist(verilog, "", components)
    inputs = (path for path, member, _ in hart.signature.flatten(hart) if member.flow == In)
    names = ("__".join(map(str, path)) for path in inputs)
    lines = [f'public_flat_rd -module "{HART}" -var "{name}"' for name in names]
    control = "\n".join((f'no_inline -module "{HART}"', *lines, ""))
    return Netlist(verilog, control, components)
