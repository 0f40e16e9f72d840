"""mstatus, its view sstatus, and the privilege mode that traps stack in it."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import CsrAddress
from rtl.isa.csr_layout import (
    FS_DIRTY,
    SSTATUS_FIELDS,
    WRITABLE_MSTATUS_FIELDS,
    WRITABLE_SSTATUS_FIELDS,
    XLEN_64,
    Status,
)
from rtl.isa.privilege import Privilege

from .csr_bus import CsrWriteSignature


class StatusRegister(wiring.Component):
    """At most one of a write, a trap and a return happens in a cycle.

    Members
    -------
    csr : In(CsrWriteSignature())
    trap_to_m, trap_to_s : In(1)
        A trap is taken to this mode.
    mret, sret : In(1)
    mstatus, sstatus : Out(Status)
    privilege : Out(Privilege)
    """

    csr: In(CsrWriteSignature())
    trap_to_m: In(1)
    trap_to_s: In(1)
    mret: In(1)
    sret: In(1)
    mstatus: Out(Status)
    sstatus: Out(Status)
    privilege: Out(Privilege)

    def elaborate(self, platform):
        m = Module()
        privilege = Signal(Privilege, init=Privilege.M)
        mpp = Signal(Privilege)
        fields = {
            name: Signal(self.mstatus[name].shape(), name=name) for name in WRITABLE_MSTATUS_FIELDS
        }
        m.d.comb += [
            *(self.mstatus[name].eq(field) for name, field in fields.items()),
            self.privilege.eq(privilege),
            self.mstatus.mpp.eq(mpp),
            self.mstatus.uxl.eq(XLEN_64),
            self.mstatus.sxl.eq(XLEN_64),
            self.mstatus.sd.eq(fields["fs"] == FS_DIRTY),
            *(self.sstatus[name].eq(self.mstatus[name]) for name in SSTATUS_FIELDS),
        ]

        written = data.View(Status, self.csr.data)
        with m.If(self.csr.valid & (self.csr.address == CsrAddress.MSTATUS)):
            m.d.sync += [fields[name].eq(written[name]) for name in WRITABLE_MSTATUS_FIELDS]
            # The encoding that stands for no mode becomes U.
            m.d.sync += mpp.eq(Mux(written.mpp == 2, Privilege.U, Privilege(written.mpp)))
        with m.If(self.csr.valid & (self.csr.address == CsrAddress.SSTATUS)):
            m.d.sync += [fields[name].eq(written[name]) for name in WRITABLE_SSTATUS_FIELDS]

        with m.If(self.trap_to_m):
            m.d.sync += [
                mpp.eq(privilege),
                fields["mpie"].eq(fields["mie"]),
                fields["mie"].eq(0),
                privilege.eq(Privilege.M),
            ]
        with m.If(self.trap_to_s):
            m.d.sync += [
                fields["spp"].eq(privilege == Privilege.S),
                fields["spie"].eq(fields["sie"]),
                fields["sie"].eq(0),
                privilege.eq(Privilege.S),
            ]
        with m.If(self.mret):
            m.d.sync += [
                privilege.eq(mpp),
                mpp.eq(Privilege.U),
                fields["mie"].eq(fields["mpie"]),
                fields["mpie"].eq(1),
            ]
            with m.If(mpp != Privilege.M):
                m.d.sync += fields["mprv"].eq(0)
        with m.If(self.sret):
            m.d.sync += [
                privilege.eq(Mux(fields["spp"], Privilege.S, Privilege.U)),
                fields["spp"].eq(0),
                fields["sie"].eq(fields["spie"]),
                fields["spie"].eq(1),
                fields["mprv"].eq(0),
            ]
        return m
