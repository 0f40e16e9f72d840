"""SiFive's test finisher, as on QEMU's virt machine: a write to its register ends the run."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .port import DevicePortSignature


class Finisher(wiring.Component):
    """One register at offset 0, written with 2 or 4 bytes; it reads as zero.

    Members
    -------
    port : In(DevicePortSignature())
    valid : Out(1), value : Out(32)
        High for one cycle when the register is written. Bits 15:0 of the value: 0x5555 pass,
        0x3333 fail with a code in bits 31:16, 0x7777 reset.
    """

    port: Any
    valid: Signal
    value: Signal

    def __init__(self):
        super().__init__(
            {"port": In(DevicePortSignature()), "valid": Out(1), "value": Out(32)},
        )

    def elaborate(self, platform):
        m = Module()
        port = self.port
        m.d.comb += [
            port.error.eq((port.offset != 0) | ((port.size != 1) & (port.size != 2))),
            self.valid.eq(port.valid & port.write & ~port.error),
            self.value[:16].eq(port.wdata[:16]),
        ]
        with m.If(port.size == 2):
            m.d.comb += self.value[16:].eq(port.wdata[16:32])
        return m
