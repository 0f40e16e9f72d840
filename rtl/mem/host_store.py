"""The host's way into memory: coherent 8-byte stores through a hart's D$."""

from typing import Any

from amaranth.hdl import Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .ports import DCachePortSignature, MemoryCommand


class HostStore(wiring.Component):
    """Presents one store until the cache has performed it.

    Members
    -------
    valid : In(1), address : In(56), wdata : In(64)
        Store 8 bytes at `address`, a multiple of 8 in DRAM; hold until `done`.
    done : Out(1)
        One cycle.
    port : Out(DCachePortSignature())
    """

    valid: Signal
    address: Signal
    wdata: Signal
    done: Signal
    port: Any

    def __init__(self):
        super().__init__(
            {
                "valid": In(1),
                "address": In(56),
                "wdata": In(64),
                "done": Out(1),
                "port": Out(DCachePortSignature()),
            }
        )

    def elaborate(self, platform):
        m = Module()
        port = self.port
        in_s1 = Signal()
        m.d.sync += in_s1.eq(port.s0_valid & port.s0_ready)
        m.d.comb += [
            port.s0_valid.eq(self.valid & ~in_s1),
            port.s0_index.eq(self.address[:12]),
            port.s1_valid.eq(in_s1),
            port.s1_command.eq(MemoryCommand.STORE),
            port.s1_paddr.eq(self.address),
            port.s1_size.eq(Const(3, 2)),
            port.s1_wdata.eq(self.wdata),
            self.done.eq(port.s1_done),
        ]
        return m
