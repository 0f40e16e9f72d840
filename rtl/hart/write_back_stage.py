"""WB: the architectural state changes here: registers, CSRs, traps, returns and fences."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.isa.causes import ExceptionCode
from rtl.isa.instruction import Instruction
from rtl.isa.opcodes import SINVAL_VMA_FUNCT7, SystemFunct
from rtl.isa.privilege import Privilege, TranslationContext
from rtl.mmu.ports import FENCE_OPERANDS, FenceSignature
from rtl.trace.cycle import StallCause
from rtl.trace.retire import RetireSignature

from .csr_bus import CsrPortSignature
from .decode import SystemOp
from .retire_port import RetirePort
from .stages import FinishedSignature, OccupancySignature, ResultSignature, all_fields, record

_FLUSH_CAUSES = {
    SystemOp.CSR: StallCause.CSR_SERIALISE,
    SystemOp.SFENCE_VMA: StallCause.FENCE_DRAIN,
    SystemOp.INVAL_FENCE: StallCause.FENCE_DRAIN,
    SystemOp.FENCE_I: StallCause.FENCE_DRAIN,
    SystemOp.WFI: StallCause.IDLE,
}
"""What the refetch after an instruction is charged to; a trap or return to TRAP_REDIRECT."""

_FETCH_FAULTS = (
    ExceptionCode.FETCH_ACCESS.value,
    ExceptionCode.FETCH_PAGE.value,
)
_ADDRESS_IN_TVAL = (
    ExceptionCode.LOAD_MISALIGNED.value,
    ExceptionCode.LOAD_ACCESS.value,
    ExceptionCode.LOAD_PAGE.value,
    ExceptionCode.STORE_MISALIGNED.value,
    ExceptionCode.STORE_ACCESS.value,
    ExceptionCode.STORE_PAGE.value,
)
"""What xtval holds; it is zero for the causes that are not listed, and for interrupts."""


class WriteBackStage(wiring.Component):
    """One instruction, for one cycle; wfi stays until it wakes, and a fence that is made on all
    harts until they have it.

    Members
    -------
    from_memory : In(OccupancySignature()), finished : In(FinishedSignature())
    csrs : Out(CsrPortSignature())
    context : In(TranslationContext)
        Of loads and stores, for the retire port.
    flush : Out(1), flush_pc : Out(64), flush_cause : Out(StallCause)
        Kill all younger instructions and fetch from `flush_pc`. High as well while wfi or a
        fence waits.
    fence : Out(FenceSignature()), icache_flush : Out(1)
    broadcast_fence : In(1), broadcast : Out(FenceSignature()), broadcast_done : In(1)
        With the strap sinval.vma is for all harts, see `rtl.mmu.ports.BroadcastSignature`.
    result : Out(ResultSignature())
        The register write.
    port_used : Out(1)
        The write port of the register file is taken, be it for x0.
    accesses : Out(1)
        A load, store or AMO is here.
    retire : Out(RetireSignature())
    cause : Out(StallCause), cycle_privilege : Out(2)
    fence_retired, exception_taken, interrupt_taken : Out(1)
        For the cycle port; all of these are one cycle behind write-back, as `retire` is.
    """

    from_memory: In(OccupancySignature())
    finished: In(FinishedSignature())
    csrs: Out(CsrPortSignature())
    context: In(TranslationContext)
    flush: Out(1)
    flush_pc: Out(64)
    flush_cause: Out(StallCause)
    fence: Out(FenceSignature())
    icache_flush: Out(1)
    broadcast_fence: In(1)
    broadcast: Out(FenceSignature())
    broadcast_done: In(1)
    result: Out(ResultSignature())
    port_used: Out(1)
    accesses: Out(1)
    retire: Out(RetireSignature())
    cause: Out(StallCause)
    cycle_privilege: Out(2)
    fence_retired: Out(1)
    exception_taken: Out(1)
    interrupt_taken: Out(1)

    def elaborate(self, platform):
        m = Module()
        csrs = self.csrs
        wb_valid = Signal()
        wb_bubble = Signal(StallCause, init=StallCause.RESET)
        wb = record(FinishedSignature(), "wb")
        insn = data.View(Instruction, wb.insn)

        is_sinval = Signal()
        asleep = Signal()
        waiting = Signal()
        trap = Signal()
        replay = Signal()
        commit = Signal()
        m.d.comb += [
            trap.eq(wb_valid & wb.exception),
            is_sinval.eq((wb.system == SystemOp.SFENCE_VMA) & (insn.funct7 == SINVAL_VMA_FUNCT7)),
            asleep.eq(wb_valid & ~wb.exception & (wb.system == SystemOp.WFI) & ~csrs.wake),
            self.broadcast.valid.eq(wb_valid & ~wb.exception & is_sinval & self.broadcast_fence),
            waiting.eq(asleep | self.broadcast.valid & ~self.broadcast_done),
            replay.eq(wb_valid & wb.replay),
            commit.eq(wb_valid & ~wb.exception & ~replay & ~waiting),
        ]
        with m.If(~waiting):
            m.d.sync += [
                wb_valid.eq(self.from_memory.valid & ~self.flush),
                wb_bubble.eq(Mux(self.flush, self.flush_cause, self.from_memory.bubble)),
                *all_fields(wb, self.finished),
            ]

        # CSR instructions; the funct3 values differ in bit 2 for the immediate forms only.
        operation = insn.funct3[:2]
        operand = wb.result
        is_csr = wb.system == SystemOp.CSR
        with m.Switch(operation):
            with m.Case(SystemFunct.CSRRS.value):
                m.d.comb += csrs.write_data.eq(csrs.read_data | operand)
            with m.Case(SystemFunct.CSRRC.value):
                m.d.comb += csrs.write_data.eq(csrs.read_data & ~operand)
            with m.Default():
                m.d.comb += csrs.write_data.eq(operand)
        writes = (operation == SystemFunct.CSRRW.value) | (insn.rs1 != 0)

        trap_value = Signal(64)
        m.d.comb += [
            csrs.address.eq(wb.insn[20:32]),
            csrs.read.eq(is_csr),
            csrs.write.eq(commit & is_csr & writes),
            csrs.retired.eq(commit),
            csrs.trap.eq(trap),
            csrs.is_interrupt.eq(wb.is_interrupt),
            csrs.code.eq(wb.code),
            csrs.pc.eq(wb.pc),
            csrs.value.eq(trap_value),
            csrs.mret.eq(commit & (wb.system == SystemOp.MRET)),
            csrs.sret.eq(commit & (wb.system == SystemOp.SRET)),
            self.accesses.eq(wb_valid & (wb.mem_read | wb.mem_write)),
            self.port_used.eq(wb_valid & wb.has_rd),
            self.result.valid.eq(commit & wb.writes_rd),
            self.result.rd.eq(insn.rd),
            self.result.data.eq(Mux(is_csr, csrs.read_data, wb.result)),
            self.fence.valid.eq(commit & (wb.system == SystemOp.SFENCE_VMA)),
            self.fence.has_vaddr.eq(insn.rs1 != 0),
            self.fence.has_asid.eq(insn.rs2 != 0),
            self.fence.vaddr.eq(wb.result),
            self.fence.asid.eq(wb.c[:16]),
            *(
                getattr(self.broadcast, name).eq(getattr(self.fence, name))
                for name in FENCE_OPERANDS
            ),
            self.icache_flush.eq(commit & (wb.system == SystemOp.FENCE_I)),
        ]
        with m.If(~wb.is_interrupt), m.Switch(wb.code):
            with m.Case(*_FETCH_FAULTS):
                # The part of the instruction that faulted: the second half may be on a page of
                # its own.
                m.d.comb += trap_value.eq(wb.pc + Mux(wb.second_half, 2, 0))
            with m.Case(ExceptionCode.BREAKPOINT.value):
                m.d.comb += trap_value.eq(wb.pc)
            with m.Case(ExceptionCode.ILLEGAL.value):
                m.d.comb += trap_value.eq(Mux(wb.compressed, wb.parcel, wb.insn))
            with m.Case(*_ADDRESS_IN_TVAL):
                m.d.comb += trap_value.eq(wb.address)

        m.d.comb += [
            self.flush.eq(wb_valid & (wb.exception | wb.refetch | replay)),
            self.flush_cause.eq(StallCause.TRAP_REDIRECT),
        ]
        with m.If(trap):
            m.d.comb += self.flush_pc.eq(csrs.vector)
        with m.Elif((wb.system == SystemOp.MRET) | (wb.system == SystemOp.SRET)):
            m.d.comb += self.flush_pc.eq(csrs.return_pc)
        with m.Elif(replay):
            m.d.comb += [self.flush_pc.eq(wb.pc), self.flush_cause.eq(StallCause.DCACHE_PORT)]
        with m.Else():
            m.d.comb += self.flush_pc.eq(wb.next_pc)
            with m.Switch(wb.system):
                for system, cause in _FLUSH_CAUSES.items():
                    with m.Case(system):
                        m.d.comb += self.flush_cause.eq(cause)

        m.submodules.retire_port = retire_port = RetirePort()
        connect(m, retire_port.retire, flipped(self.retire))
        m.d.comb += [
            retire_port.valid.eq(trap | commit),
            *all_fields(retire_port.finished, wb),
            *all_fields(retire_port.result, self.result),
            retire_port.tval.eq(trap_value),
            retire_port.privilege.eq(csrs.privilege),
            retire_port.context.eq(self.context),
        ]
        cause = Signal(StallCause, init=StallCause.RESET)
        cycle_privilege = Signal(Privilege, init=Privilege.M)
        m.d.comb += [self.cause.eq(cause), self.cycle_privilege.eq(cycle_privilege)]
        m.d.sync += [
            cycle_privilege.eq(csrs.privilege),
            self.fence_retired.eq(self.fence.valid),
            self.exception_taken.eq(trap & ~wb.is_interrupt),
            self.interrupt_taken.eq(trap & wb.is_interrupt),
        ]
        with m.If(asleep):
            m.d.sync += cause.eq(StallCause.IDLE)
        with m.Elif(waiting):
            m.d.sync += cause.eq(StallCause.FENCE_DRAIN)
        with m.Elif(replay):
            m.d.sync += cause.eq(StallCause.DCACHE_PORT)
        with m.Elif(wb_valid):
            m.d.sync += cause.eq(StallCause.RETIRING)
        with m.Else():
            m.d.sync += cause.eq(wb_bubble)
        return m
