"""MEM: memory accesses are performed and branches redirect the fetch."""

from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.isa.csr_address import CsrAddress
from rtl.isa.instruction import Instruction
from rtl.isa.opcodes import Opcode
from rtl.isa.privilege import TranslationContext
from rtl.mem.ports import DCachePortSignature, MemoryCommand, MmioPortSignature
from rtl.mmu.ports import TranslationSignature
from rtl.trace.cycle import StallCause

from .branch import ControlFlow
from .decode import SystemOp
from .load_store import LoadStoreUnit
from .prediction import BranchKind, OutcomeSignature
from .scan import is_link_register
from .stages import (
    ExecutedSignature,
    FinishedSignature,
    OccupancySignature,
    ResultSignature,
    all_fields,
    carried,
    record,
)
from .store_buffer import StoreBufferSignature


def _drains(system: Value, insn: Value) -> Value:
    """One-bit expression: this instruction is complete after all older stores are performed.

    `fence`, whatever sets it names, and `fence.i`; the fences of address translation; and what
    accesses satp, so that a new address space begins with the page tables that were written.
    """
    fence = data.View(Instruction, insn).opcode == Opcode.MISC_MEM
    translation_fence = (system == SystemOp.SFENCE_VMA) | (system == SystemOp.INVAL_FENCE)
    satp = (system == SystemOp.CSR) & (insn[20:32] == CsrAddress.SATP)
    return fence | translation_fence | satp


class MemoryStage(wiring.Component):
    """One instruction.

    Parameters
    ----------
    buffered : bool
        There is a store buffer.

    Members
    -------
    from_execute : In(OccupancySignature()), executed : In(ExecutedSignature())
    hold : Out(1)
        Nothing is taken from execute now.
    kill : In(1), kill_cause : In(StallCause)
        Drop what is here, and what would be taken.
    context : In(TranslationContext)
    translation, dcache, mmio, stores
        As in `LoadStoreUnit`.
    younger_pc : In(64)
        Of the instruction that follows this one on its way here.
    redirect : Out(1), redirect_pc : Out(64)
        It is not the one that is executed next; younger instructions are to be killed.
    outcome : Out(OutcomeSignature())
    occupancy : Out(OccupancySignature()), finished : Out(FinishedSignature())
    result : Out(ResultSignature())
    accesses : Out(1)
        A load, store or AMO is here.
    """

    from_execute: In(OccupancySignature())
    executed: In(ExecutedSignature())
    hold: Out(1)
    kill: In(1)
    kill_cause: In(StallCause)
    context: In(TranslationContext)
    translation: Out(TranslationSignature())
    dcache: Out(DCachePortSignature())
    mmio: Out(MmioPortSignature())
    younger_pc: In(64)
    stores: Out(StoreBufferSignature())
    redirect: Out(1)
    redirect_pc: Out(64)
    outcome: Out(OutcomeSignature())
    occupancy: Out(OccupancySignature())
    finished: Out(FinishedSignature())
    result: Out(ResultSignature())
    accesses: Out(1)

    def __init__(self, *, buffered: bool = False):
        self._buffered = buffered
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.load_store = load_store = LoadStoreUnit(buffered=self._buffered)
        mem_valid = Signal()
        mem_bubble = Signal(StallCause, init=StallCause.RESET)
        mem = record(ExecutedSignature(), "mem")
        insn = data.View(Instruction, mem.insn)

        with m.If(self.kill):
            m.d.sync += [mem_valid.eq(0), mem_bubble.eq(self.kill_cause)]
        with m.Elif(~self.hold):
            m.d.sync += [
                mem_valid.eq(self.from_execute.valid & ~self.redirect),
                mem_bubble.eq(Mux(self.redirect, StallCause.MISPREDICT, self.from_execute.bubble)),
                *all_fields(mem, self.executed),
            ]

        connect(m, load_store.translation, flipped(self.translation))
        connect(m, load_store.dcache, flipped(self.dcache))
        connect(m, load_store.mmio, flipped(self.mmio))
        connect(m, load_store.stores, flipped(self.stores))
        if self._buffered:
            # Stores go to the buffer, and what orders them waits until it is empty.
            reads_set = self.executed.command != MemoryCommand.STORE
            m.d.comb += load_store.drain.eq(
                mem_valid & ~mem.exception & _drains(mem.system, mem.insn)
            )
        else:
            reads_set = Const(1)
        m.d.comb += [
            load_store.next_valid.eq(self.from_execute.valid & self.executed.is_memory & reads_set),
            load_store.next_command.eq(self.executed.command),
            load_store.next_index.eq(self.executed.address[:12]),
            load_store.valid.eq(mem_valid & mem.is_memory),
            load_store.kill.eq(self.kill),
            load_store.command.eq(mem.command),
            load_store.size.eq(insn.funct3[:2]),
            load_store.unsigned.eq(insn.funct3[2]),
            load_store.address.eq(mem.address),
            load_store.wdata.eq(mem.c),
            load_store.misaligned.eq(mem.misaligned),
            load_store.context.eq(self.context),
            self.hold.eq(load_store.hold),
            self.accesses.eq(mem_valid & mem.is_memory),
            self.occupancy.valid.eq(mem_valid & ~load_store.hold),
            self.occupancy.bubble.eq(Mux(load_store.hold, load_store.cause, mem_bubble)),
        ]

        # Whatever fetch was led by, it is right if the next instruction is the one that follows.
        # An instruction that traps is not asked: what is behind it is never executed.
        m.d.comb += [
            self.redirect.eq(mem_valid & ~mem.exception & (mem.next_pc != self.younger_pc)),
            self.redirect_pc.eq(mem.next_pc),
        ]
        self._report_outcome(m, mem, insn, mem_valid & ~mem.exception & ~self.kill)

        finished = self.finished
        m.d.comb += [
            *carried(finished, mem),
            finished.result.eq(Mux(mem.is_memory, load_store.rdata, mem.result)),
            finished.replay.eq(load_store.replay),
            finished.address.eq(mem.address),
            finished.next_pc.eq(mem.next_pc),
            finished.c.eq(mem.c),
            finished.mem_read.eq(load_store.memory_read),
            finished.mem_write.eq(load_store.memory_write),
            finished.mem_paddr.eq(load_store.paddr),
            finished.mem_wdata.eq(load_store.memory_value),
            finished.mem_pte.eq(load_store.pte),
            finished.mem_level.eq(load_store.level),
            finished.mem_translated.eq(self.context.translate),
        ]
        with m.If(load_store.exception):
            m.d.comb += [finished.exception.eq(1), finished.code.eq(load_store.code)]

        m.d.comb += [
            self.result.valid.eq(mem_valid & mem.writes_rd),
            self.result.rd.eq(insn.rd),
            # What is read of a part of a word, and whether an SC succeeded, is known a cycle later
            # than a word.
            self.result.late.eq(
                (mem.system == SystemOp.CSR)
                | (mem.is_memory & (~insn.funct3[1] | (mem.command == MemoryCommand.SC)))
            ),
            self.result.data.eq(finished.result),
        ]
        return m

    def _report_outcome(self, m, mem, insn, valid):
        outcome = self.outcome
        m.d.comb += [
            outcome.valid.eq(valid),
            outcome.wrong.eq(self.redirect),
            outcome.last_pc.eq(mem.pc + Mux(mem.compressed, 0, 2)),
            outcome.is_branch.eq(mem.flow == ControlFlow.BRANCH),
            outcome.is_jump.eq((mem.flow == ControlFlow.JAL) | (mem.flow == ControlFlow.JALR)),
            outcome.taken.eq(mem.taken),
            outcome.prediction.eq(mem.prediction),
        ]
        with m.If(outcome.is_branch):
            m.d.comb += outcome.kind.eq(BranchKind.BRANCH)
        with m.Elif(insn.rd[0]):
            m.d.comb += outcome.kind.eq(BranchKind.CALL)
        with m.Elif((mem.flow == ControlFlow.JALR) & is_link_register(insn.rs1)):
            m.d.comb += outcome.kind.eq(BranchKind.RETURN)
        with m.Else():
            m.d.comb += outcome.kind.eq(BranchKind.JUMP)
