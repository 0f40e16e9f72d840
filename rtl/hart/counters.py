"""Zicntr: cycle, time and instret, and who may read them."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import CsrAddress
from rtl.isa.csr_layout import COUNTER_CY, COUNTER_IR

from .csr_bus import CsrWriteSignature

_INHIBITABLE = 1 << COUNTER_CY | 1 << COUNTER_IR


class Counters(wiring.Component):
    """A write of a counter takes the place of its increment.

    Members
    -------
    csr : In(CsrWriteSignature())
    retired : In(1)
        An instruction retired in this cycle.
    mcycle, minstret : Out(64)
    mcounteren, scounteren, mcountinhibit : Out(3)
        Bits CY, TM, IR; the bits of the event counters and inhibition of time read zero.
    """

    csr: In(CsrWriteSignature())
    retired: In(1)
    mcycle: Out(64)
    minstret: Out(64)
    mcounteren: Out(3)
    scounteren: Out(3)
    mcountinhibit: Out(3)

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
                m.d.sync += self.mcountinhibit.eq(self.csr.data & _INHIBITABLE)
        return m
