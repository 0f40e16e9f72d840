"""ACLINT: supervisor software interrupts (SSWI) of all harts.

Source: RISC-V Advanced Core Local Interruptor specification 1.0, chapter 4.
"""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .port import DevicePortSignature


class Sswi(wiring.Component):
    """SETSSIP, 4 bytes for each hart: a write with bit 0 set raises SSIP of the hart; reads zero.

    The interrupt is an edge: SSIP itself is in the hart, which clears it.

    Parameters
    ----------
    harts : int

    Members
    -------
    port : In(DevicePortSignature())
    set_ssip : Out(harts)
        High for one cycle, the one after the write.
    """

    port: Any
    set_ssip: Signal

    def __init__(self, harts: int):
        self._harts = harts
        super().__init__({"port": In(DevicePortSignature()), "set_ssip": Out(harts)})

    def elaborate(self, platform):
        m = Module()
        port = self.port
        selected = Signal(self._harts)
        for hart in range(self._harts):
            m.d.comb += selected[hart].eq((port.size == 2) & (port.offset == 4 * hart))
            m.d.sync += self.set_ssip[hart].eq(
                selected[hart] & port.valid & port.write & port.wdata[0]
            )
        m.d.comb += port.error.eq(~selected.any())
        return m
