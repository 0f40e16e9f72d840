"""What the current privilege may do: CSR accesses and the privileged instructions."""

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import (
    EVENT_COUNTER_NUMBERS,
    HPMCOUNTER_BASE,
    MHPMCOUNTER_BASE,
    MHPMEVENT_BASE,
    PMPADDR_BASE,
    CsrAddress,
)
from rtl.isa.csr_layout import COUNTER_TM, Status
from rtl.isa.instruction import Instruction
from rtl.isa.opcodes import SystemFunct
from rtl.isa.pmp import PMP_ADDRESSABLE
from rtl.isa.privilege import Privilege

from .decode import SystemOp

_NO_REFETCH = tuple(
    CsrAddress[mode + name] for mode in "MS" for name in ("SCRATCH", "EPC", "CAUSE", "TVAL")
)
"""Nothing in the pipeline in front of write-back depends on these."""


class PrivilegeCheck(wiring.Component):
    """Combinational, for an instruction in decode.

    It may use the state of that moment: an instruction that changes any of it makes the younger
    ones be fetched again.

    Members
    -------
    word : In(32), system : In(SystemOp)
    privilege : In(Privilege), mstatus : In(Status), mcounteren, scounteren : In(32)
    stce : In(1)
        menvcfg.STCE.
    allowed : Out(1)
    csr_write : Out(1)
        A CSR instruction that writes, even if the value stays the same.
    refetch : Out(1)
        Younger instructions must be fetched again when this one has retired.
    """

    word: In(32)
    system: In(SystemOp)
    privilege: In(Privilege)
    mstatus: In(Status)
    mcounteren: In(32)
    scounteren: In(32)
    stce: In(1)
    allowed: Out(1)
    csr_write: Out(1)
    refetch: Out(1)

    def elaborate(self, platform):
        m = Module()
        insn = data.View(Instruction, self.word)
        in_m = Signal()
        in_u = Signal()
        m.d.comb += [
            in_m.eq(self.privilege == Privilege.M),
            in_u.eq(self.privilege == Privilege.U),
        ]
        m.d.comb += self.csr_write.eq(
            (insn.funct3[:2] == SystemFunct.CSRRW.value) | (insn.rs1 != 0)
        )

        with m.Switch(self.system):
            with m.Case(SystemOp.CSR):
                self._check_csr(m, in_m)
                m.d.comb += self.refetch.eq(self.csr_write)
                with m.Switch(self.word[20:32]), m.Case(*(csr.value for csr in _NO_REFETCH)):
                    m.d.comb += self.refetch.eq(0)
            with m.Case(SystemOp.MRET):
                m.d.comb += [self.allowed.eq(in_m), self.refetch.eq(1)]
            with m.Case(SystemOp.SRET):
                m.d.comb += [
                    self.allowed.eq(in_m | (~in_u & ~self.mstatus.tsr)),
                    self.refetch.eq(1),
                ]
            with m.Case(SystemOp.SFENCE_VMA):
                m.d.comb += [
                    self.allowed.eq(in_m | (~in_u & ~self.mstatus.tvm)),
                    self.refetch.eq(1),
                ]
            with m.Case(SystemOp.WFI):
                # In U-mode the specification lets wfi wait for a bounded time; our bound is 0.
                m.d.comb += [
                    self.allowed.eq(in_m | (~in_u & ~self.mstatus.tw)),
                    self.refetch.eq(1),
                ]
            with m.Case(SystemOp.INVAL_FENCE):
                # mstatus.TVM traps only the invalidations between these.
                m.d.comb += [self.allowed.eq(~in_u), self.refetch.eq(1)]
            with m.Case(SystemOp.FENCE_I):
                m.d.comb += [self.allowed.eq(1), self.refetch.eq(1)]
            with m.Default():
                m.d.comb += self.allowed.eq(1)
        return m

    def _check_csr(self, m, in_m):
        address = self.word[20:32]
        number = address[:5]
        exists = Signal()
        with m.Switch(address), m.Case(*(csr.value for csr in CsrAddress)):
            m.d.comb += exists.eq(1)
        with m.If(address // PMP_ADDRESSABLE == PMPADDR_BASE // PMP_ADDRESSABLE):
            m.d.comb += exists.eq(1)
        for base in (MHPMEVENT_BASE, MHPMCOUNTER_BASE, HPMCOUNTER_BASE):
            with m.If((address[5:] == base >> 5) & (number >= EVENT_COUNTER_NUMBERS.start)):
                m.d.comb += exists.eq(1)

        # Bits 9:8 hold the lowest privilege, as a number that compares with the mode's.
        level = Signal(2)
        m.d.comb += level.eq(self.privilege)
        read_only = address[10:] == 0b11
        satp_trapped = (address == CsrAddress.SATP.value) & self.mstatus.tvm & ~in_m

        counter_enabled = Signal()
        m.d.comb += counter_enabled.eq(1)
        with m.If(~in_m & (address[5:] == HPMCOUNTER_BASE >> 5)):
            m.d.comb += counter_enabled.eq(
                self.mcounteren.bit_select(number, 1)
                & (self.scounteren.bit_select(number, 1) | (self.privilege != Privilege.U))
            )
        with m.If(~in_m & (address == CsrAddress.STIMECMP.value)):
            m.d.comb += counter_enabled.eq(self.mcounteren[COUNTER_TM] & self.stce)

        m.d.comb += self.allowed.eq(
            exists
            & (level >= address[8:10])
            & ~(read_only & self.csr_write)
            & ~satp_trapped
            & counter_enabled
        )
