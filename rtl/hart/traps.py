"""Taking a trap: which mode gets it, and the registers of that mode."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import CsrAddress
from rtl.isa.csr_layout import MEDELEG_MASK, MIDELEG_MASK, TrapVector
from rtl.isa.privilege import Privilege

from .csr_bus import CsrWriteSignature


class TrapDelegation(wiring.Component):
    """medeleg and mideleg, and what follows from them for a trap.

    Members
    -------
    csr : In(CsrWriteSignature())
    privilege : In(Privilege), is_interrupt : In(1), code : In(4)
        The trap, and the mode that it comes from.
    to_supervisor : Out(1)
        S-mode takes it. A trap out of M-mode never is delegated.
    medeleg, mideleg : Out(16)
    """

    csr: In(CsrWriteSignature())
    privilege: In(Privilege)
    is_interrupt: In(1)
    code: In(4)
    to_supervisor: Out(1)
    medeleg: Out(16)
    mideleg: Out(16)

    def elaborate(self, platform):
        m = Module()
        with m.If(self.csr.valid & (self.csr.address == CsrAddress.MEDELEG)):
            m.d.sync += self.medeleg.eq(self.csr.data & MEDELEG_MASK)
        with m.If(self.csr.valid & (self.csr.address == CsrAddress.MIDELEG)):
            m.d.sync += self.mideleg.eq(self.csr.data & MIDELEG_MASK)
        delegated = Mux(self.is_interrupt, self.mideleg, self.medeleg).bit_select(self.code, 1)
        m.d.comb += self.to_supervisor.eq(delegated & (self.privilege != Privilege.M))
        return m


class TrapRegisters(wiring.Component):
    """xtvec, xscratch, xepc, xcause and xtval of one mode.

    Parameters
    ----------
    mode : Privilege
        S or M.

    Members
    -------
    csr : In(CsrWriteSignature())
    trap : In(1)
        A trap is taken to this mode: the registers get what comes with it.
    is_interrupt : In(1), code : In(4), pc, value : In(64)
    vector : Out(64)
        Where the trap goes.
    tvec, scratch, epc, cause, tval : Out(64)
    """

    csr: In(CsrWriteSignature())
    trap: In(1)
    is_interrupt: In(1)
    code: In(4)
    pc: In(64)
    value: In(64)
    vector: Out(64)
    tvec: Out(64)
    scratch: Out(64)
    epc: Out(64)
    cause: Out(64)
    tval: Out(64)

    def __init__(self, mode: Privilege):
        super().__init__()
        prefix = mode.name
        self._addresses = {
            name: CsrAddress[f"{prefix}{name.upper()}"]
            for name in ("tvec", "scratch", "epc", "cause", "tval")
        }

    def elaborate(self, platform):
        m = Module()
        # The bits that hold one value only; a reserved trap mode falls back to one of the two
        # that exist, and instructions are aligned to 2.
        read_only_zero = {"tvec": 0b10, "epc": 0b1}
        with m.If(self.csr.valid), m.Switch(self.csr.address):
            for name, address in self._addresses.items():
                with m.Case(address):
                    mask = ~read_only_zero.get(name, 0) & 0xFFFF_FFFF_FFFF_FFFF
                    m.d.sync += getattr(self, name).eq(self.csr.data & mask)
        with m.If(self.trap):
            m.d.sync += [
                self.epc.eq(self.pc),
                self.cause.eq(Cat(self.code, Const(0, 59), self.is_interrupt)),
                self.tval.eq(self.value),
            ]

        tvec = data.View(TrapVector, self.tvec)
        offset = Signal(4)
        with m.If(tvec.vectored & self.is_interrupt):
            m.d.comb += offset.eq(self.code)
        m.d.comb += self.vector.eq(Cat(Const(0, 2), (tvec.base + offset)[:62]))
        return m
