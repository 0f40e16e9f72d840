"""Several harts are instances of one module, and share the code that is made of it."""

import re
import subprocess
from dataclasses import replace

import pytest

from rtl.presets import preset
from sim import model, netlist, simulator

_TINY = preset("tiny").soc
_FUNCTION = re.compile(r"nba_sequent__TOP__testbench__DOT__soc__DOT__hart(\d)")


@pytest.mark.parametrize("harts", [1, 4])
def test_one_module(harts):
    verilog = netlist.convert(replace(_TINY, harts=harts)).verilog
    modules = re.findall(r"^module (\S+)\(", verilog, re.MULTILINE)
    assert len(modules) == len(set(modules))
    assert modules.count(netlist.HART) == 1
    instances = re.findall(rf"^  {netlist.HART} (\w+) \($", verilog, re.MULTILINE)
    assert instances == [f"hart{number}" for number in range(harts)]


def test_one_code():
    """Of what Verilator made for the harts, that of the first serves all."""
    executable = model.build(replace(_TINY, harts=2)) / simulator.EXECUTABLE
    listing = subprocess.run(["nm", str(executable)], check=True, capture_output=True, text=True)
    assert set(_FUNCTION.findall(listing.stdout)) == {"0"}
