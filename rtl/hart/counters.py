"""Zicntr: cycle and instret, and the registers that enable and inhibit all counters."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import CsrAddress
from rtl.isa.csr_layout import COUNTER_CY, COUNTER_IR, COUNTINHIBIT_MASK

from .csr_bus import CsrWriteSignature


class Counters(wiring.Component):
    """A write of a counter takes the place of its increment.

    Members
    -------
    csr : In(CsrWriteSignature())
    retired : In(1)
        An instruction retired in this cycle.
    mcycle, minstret : Out(64)
    mcounteren, scounteren, mcountinhibit : Out(32)
        Bit n for counter n; time cannot be inhibited.
    """

    csr: In(CsrWriteSignature())
    retired: In(1)
    mcycle: Out(64)
    minstret: Out(64)
    mcounteren: Out(32)
    scounteren: Out(32)
    mcountinhibit: Out(32)

    def elaborate(self, platform):
        m = Module()
        with m.If(~self.mcountinhibit[COUNTER_CY]):
            m.d.sync += self.mcycle.eq(self.mcycle + 1)
        with m.If(self.retired & ~self.mcountinhibit[COUNTER_IR]):
            m.d.sync += self.minstret.eq(self.minstret + 1)
        with m.If(self.csr.valid), m.Switch(self.csr.address):
            with m.Case(CsrAddress.MCYCLE):
                m.d.sync += self.mcycle.eq(self.csr.data)
            with m.Case(CsrAddress.MINSTRET):
                m.d.sync += self.minstret.eq(self.csr.data)
            with m.Case(CsrAddress.MCOUNTEREN):
                m.d.sync += self.mcounteren.eq(self.csr.data)
            with m.Case(CsrAddress.SCOUNTEREN):
                m.d.sync += self.scounteren.eq(self.csr.data)
            with m.Case(CsrAddress.MCOUNTINHIBIT):
                m.d.sync += self.mcountinhibit.eq(self.csr.data & COUNTINHIBIT_MASK)
        return m
