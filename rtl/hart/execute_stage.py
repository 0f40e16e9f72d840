"""EX: ALU, address, branch decision, mul and div."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.instruction import Instruction
from rtl.isa.opcodes import BranchFunct, MulDivFunct
from rtl.trace.cycle import StallCause

from .alu import Alu
from .branch import BranchUnit, ControlFlow
from .decode import SystemOp
from .muldiv import MulDiv
from .stages import (
    ExecutedSignature,
    IssuedSignature,
    OccupancySignature,
    ResultSignature,
    all_fields,
    carried,
    record,
)


class ExecuteStage(wiring.Component):
    """One instruction.

    Members
    -------
    from_decode : In(OccupancySignature()), issued : In(IssuedSignature())
    hold : Out(1)
        Nothing is taken from decode now.
    kill : In(1), kill_cause : In(StallCause)
        Drop what is here, and what would be taken.
    memory_hold : In(1)
        The next stage takes nothing now.
    occupancy : Out(OccupancySignature()), executed : Out(ExecutedSignature())
    result : Out(ResultSignature())
    holds, accesses : Out(1)
        There is an instruction; a load, store or AMO.
    """

    from_decode: In(OccupancySignature())
    issued: In(IssuedSignature())
    hold: Out(1)
    kill: In(1)
    kill_cause: In(StallCause)
    memory_hold: In(1)
    occupancy: Out(OccupancySignature())
    executed: Out(ExecutedSignature())
    result: Out(ResultSignature())
    holds: Out(1)
    accesses: Out(1)

    def elaborate(self, platform):
        m = Module()
        m.submodules.alu = alu = Alu()
        m.submodules.branch = branch = BranchUnit()
        m.submodules.muldiv = muldiv = MulDiv()
        ex_valid = Signal()
        ex_bubble = Signal(StallCause, init=StallCause.RESET)
        ex = record(IssuedSignature(), "ex")
        insn = data.View(Instruction, ex.insn)

        with m.If(self.kill):
            m.d.sync += [ex_valid.eq(0), ex_bubble.eq(self.kill_cause)]
        with m.Elif(~self.hold):
            m.d.sync += [
                ex_valid.eq(self.from_decode.valid),
                ex_bubble.eq(self.from_decode.bubble),
                *all_fields(ex, self.issued),
            ]

        computing = Signal()
        m.d.comb += [
            computing.eq(ex_valid & ex.is_muldiv & ~muldiv.done),
            self.holds.eq(ex_valid),
            self.accesses.eq(ex_valid & ex.is_memory),
            self.hold.eq(computing | self.memory_hold),
            self.occupancy.valid.eq(ex_valid & ~computing),
            self.occupancy.bubble.eq(Mux(computing, StallCause.MULDIV, ex_bubble)),
        ]

        m.d.comb += [
            alu.funct.eq(ex.alu_funct),
            alu.alternate.eq(ex.alternate),
            alu.word.eq(ex.word_op),
            alu.a.eq(ex.a),
            alu.b.eq(ex.b),
            branch.kind.eq(ex.flow),
            branch.funct.eq(BranchFunct(insn.funct3)),
            branch.compressed.eq(ex.compressed),
            branch.pc.eq(ex.pc),
            branch.a.eq(ex.a),
            branch.b.eq(ex.b),
            branch.offset.eq(ex.c),
            muldiv.valid.eq(ex_valid & ex.is_muldiv),
            muldiv.leave.eq(self.kill | ~self.hold),
            muldiv.funct.eq(MulDivFunct(insn.funct3)),
            muldiv.word.eq(ex.word_op),
            muldiv.a.eq(ex.a),
            muldiv.b.eq(ex.b),
        ]

        executed = self.executed
        misaligned = Signal()
        with m.Switch(insn.funct3[:2]):
            for size in range(1, 4):
                with m.Case(size):
                    m.d.comb += misaligned.eq(alu.sum[:size].any())
        is_jump = (ex.flow == ControlFlow.JAL) | (ex.flow == ControlFlow.JALR)
        m.d.comb += [
            *carried(executed, ex),
            executed.address.eq(alu.sum),
            executed.next_pc.eq(Mux(branch.taken, branch.target, branch.link)),
            executed.c.eq(ex.c),
            executed.flow.eq(ex.flow),
            executed.prediction.eq(ex.prediction),
            executed.taken.eq(branch.taken),
            executed.misaligned.eq(misaligned),
            executed.is_memory.eq(ex.is_memory),
            executed.command.eq(ex.command),
        ]
        # CSR instructions and fences need rs1 (or the immediate in its place) as it is.
        with m.If(ex.system != SystemOp.NONE):
            m.d.comb += executed.result.eq(ex.a)
        with m.Elif(ex.is_muldiv):
            m.d.comb += executed.result.eq(muldiv.result)
        with m.Elif(is_jump):
            m.d.comb += executed.result.eq(branch.link)
        with m.Else():
            m.d.comb += executed.result.eq(alu.result)

        m.d.comb += [
            self.result.valid.eq(ex_valid & ex.writes_rd),
            self.result.rd.eq(insn.rd),
            self.result.late.eq(ex.is_memory | (ex.system == SystemOp.CSR)),
            self.result.data.eq(executed.result),
        ]
        return m
