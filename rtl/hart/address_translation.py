"""satp, and what translations are made with."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import CsrAddress
from rtl.isa.csr_layout import Satp, SatpMode, Status
from rtl.isa.privilege import Privilege, TranslationContext

from .csr_bus import CsrWriteSignature


class AddressTranslation(wiring.Component):
    """A write of satp with a mode that does not exist changes no field.

    Members
    -------
    csr : In(CsrWriteSignature())
    honour_asid : In(1)
        Strap: satp.ASID has 16 bits, or none.
    privilege : In(Privilege), mstatus : In(Status)
    adue : In(1)
        menvcfg.ADUE.
    satp : Out(64)
    fetch_context, data_context : Out(TranslationContext)
        For loads and stores with mstatus.MPRV applied.
    """

    csr: In(CsrWriteSignature())
    honour_asid: In(1)
    privilege: In(Privilege)
    mstatus: In(Status)
    adue: In(1)
    satp: Out(64)
    fetch_context: Out(TranslationContext)
    data_context: Out(TranslationContext)

    def elaborate(self, platform):
        m = Module()
        satp = data.View(Satp, self.satp)
        written = data.View(Satp, self.csr.data)
        supported = (written.mode == SatpMode.BARE.value) | (written.mode == SatpMode.SV39.value)
        with m.If(self.csr.valid & (self.csr.address == CsrAddress.SATP) & supported):
            m.d.sync += satp.eq(written)
            with m.If(~self.honour_asid):
                m.d.sync += satp.asid.eq(0)

        mstatus = self.mstatus
        data_privilege = Signal(Privilege)
        m.d.comb += data_privilege.eq(Mux(mstatus.mprv, Privilege(mstatus.mpp), self.privilege))
        for context, mode in (
            (self.fetch_context, self.privilege),
            (self.data_context, data_privilege),
        ):
            m.d.comb += [
                context.privilege.eq(mode),
                context.translate.eq((satp.mode == SatpMode.SV39.value) & (mode != Privilege.M)),
                context.sum.eq(mstatus.sum),
                context.mxr.eq(mstatus.mxr),
                context.hardware_ad_update.eq(self.adue),
                context.asid.eq(satp.asid),
                context.root_ppn.eq(satp.ppn),
            ]
        return m
