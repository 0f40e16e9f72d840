"""mie and mip, and which interrupt is to be taken now."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.causes import INTERRUPT_PRIORITY, InterruptCode
from rtl.isa.csr_address import CsrAddress
from rtl.isa.csr_layout import MIE_MASK, MIP_WRITABLE_FROM_M, SIP_WRITABLE_FROM_S
from rtl.isa.privilege import Privilege

from .csr_bus import CsrWriteSignature


class InterruptControl(wiring.Component):
    """Interrupts of the privileged specification; a mode's own are ordered by its table.

    Members
    -------
    csr : In(CsrWriteSignature())
    msip, mtip : In(1)
        Lines of the ACLINT. Nothing drives external interrupts: MEIP is zero, and SEIP is what
        M-mode wrote.
    set_ssip : In(1)
        The ACLINT raises SSIP in this cycle, whatever a CSR instruction writes to it.
    stce, timer_pending : In(1)
        While menvcfg.STCE is set, STIP is `timer_pending`; else it is what M-mode wrote while
        STCE was clear.
    mideleg : In(16), privilege : In(Privilege), mstatus_mie, mstatus_sie : In(1)
    mie, mip : Out(16)
    pending : Out(1), code : Out(4)
        The interrupt that the next instruction gives way to.
    wake : Out(1)
        Something is pending and enabled in mie, globally enabled or not: wfi ends.
    """

    csr: In(CsrWriteSignature())
    msip: In(1)
    mtip: In(1)
    set_ssip: In(1)
    stce: In(1)
    timer_pending: In(1)
    mideleg: In(16)
    privilege: In(Privilege)
    mstatus_mie: In(1)
    mstatus_sie: In(1)
    mie: Out(16)
    mip: Out(16)
    pending: Out(1)
    code: Out(4)
    wake: Out(1)

    def elaborate(self, platform):
        m = Module()
        software = Signal(16)
        sti = InterruptCode.STI.value
        m.d.comb += [
            self.mip.eq(software),
            self.mip[InterruptCode.MSI.value].eq(self.msip),
            self.mip[InterruptCode.MTI.value].eq(self.mtip),
            self.mip[sti].eq(Mux(self.stce, self.timer_pending, software[sti])),
        ]
        sip_mask = self.mideleg & SIP_WRITABLE_FROM_S
        with m.If(self.csr.valid), m.Switch(self.csr.address):
            with m.Case(CsrAddress.MIE):
                m.d.sync += self.mie.eq(self.csr.data & MIE_MASK)
            with m.Case(CsrAddress.SIE):
                m.d.sync += self.mie.eq((self.mie & ~self.mideleg) | (self.csr.data & self.mideleg))
            with m.Case(CsrAddress.MIP):
                m.d.sync += software.eq(self.csr.data & MIP_WRITABLE_FROM_M)
                with m.If(self.stce):
                    m.d.sync += software[sti].eq(software[sti])
            with m.Case(CsrAddress.SIP):
                m.d.sync += software.eq((software & ~sip_mask) | (self.csr.data & sip_mask))
        with m.If(self.set_ssip):
            m.d.sync += software[InterruptCode.SSI.value].eq(1)

        ready = Signal(16)
        for_m = Signal(16)
        for_s = Signal(16)
        chosen = Signal(16)
        m_enabled = (self.privilege != Privilege.M) | self.mstatus_mie
        s_enabled = (self.privilege == Privilege.U) | (
            (self.privilege == Privilege.S) & self.mstatus_sie
        )
        m.d.comb += [
            ready.eq(self.mie & self.mip),
            self.wake.eq(ready.any()),
            for_m.eq(Mux(m_enabled, ready & ~self.mideleg, 0)),
            for_s.eq(Mux(s_enabled, ready & self.mideleg, 0)),
            chosen.eq(Mux(for_m.any(), for_m, for_s)),
            self.pending.eq(chosen.any()),
        ]
        with m.If(chosen[INTERRUPT_PRIORITY[0].value]):
            m.d.comb += self.code.eq(INTERRUPT_PRIORITY[0])
        for interrupt in INTERRUPT_PRIORITY[1:]:
            with m.Elif(chosen[interrupt.value]):
                m.d.comb += self.code.eq(interrupt)
        return m
