"""Top of the Verilated model: the machine behind registered inputs."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockDomain, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.config import SocConfig
from rtl.hart.hart import Hart
from rtl.soc import HartFactory, Soc

TOP = "testbench"
"""Name of the Verilog module."""


class Testbench(wiring.Component):
    """Passes every port of the machine up, and adds the handshake between cocotb and C++.

    Every input, reset too, reaches the machine one cycle after it was driven. Verilator evaluates
    all logic that depends on a top-level input in each call of `eval()`, twice a cycle; behind a
    register nothing depends on one, and all outputs of a cycle are stable after its rising edge.
    The C++ side counts that cycle: DRAM of latency N drives its first beat N - 1 cycles after the
    request.

    Parameters
    ----------
    config : SocConfig
    hart : HartFactory
        As for `Soc`.

    Members
    -------
    clk, rst : In(1)
    run : In(1)
        Written by cocotb: the clock may run. C++ clears it when it raises `attention`.
    attention : In(1)
        Raised by C++ when the run has stopped, for cocotb to wait on; no logic reads either.
    """

    __test__ = False  # not a test case, whatever pytest makes of the name

    clk: In(1)
    rst: In(1)
    run: In(1)
    attention: In(1)

    def __init__(self, config: SocConfig, hart: HartFactory = Hart):
        self.soc = Soc(config, hart)
        own = dict.fromkeys(("clk", "rst", "run", "attention"), In(1))
        super().__init__({**self.soc.signature.members, **own})

    def elaborate(self, _platform):
        m = Module()
        # The inputs' registers have no reset: straps are there in the first cycle after it.
        inputs: Any = ClockDomain("inputs", reset_less=True)
        sync: Any = ClockDomain("sync")
        m.domains += [inputs, sync]
        inputs.clk = sync.clk = self.clk
        sync.rst = Signal(name="reset", init=1)
        m.d.inputs += sync.rst.eq(self.rst)

        m.submodules.soc = self.soc
        signature = self.soc.signature
        outer = {path: value for path, _, value in signature.flatten(self)}
        for path, member, inner in signature.flatten(self.soc):
            if member.flow == Out:
                m.d.comb += outer[path].eq(inner)
            else:
                register = Signal(inner.shape(), name="_".join(map(str, path)))
                m.d.inputs += register.eq(outer[path])
                m.d.comb += inner.eq(register)
        return m
