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
from .scoreboard import Scoreboard
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
    memory_hold, memory_kill : In(1)
        The next stage takes nothing now; drops what it has.
    port_used : In(1)
        Write-back takes the write port of the register file.
    occupancy : Out(OccupancySignature()), executed : Out(ExecutedSignature())
    result : Out(ResultSignature())
    pending : Out(1), pending_rd : Out(5)
        A product or quotient is not there yet, see `Scoreboard`.
    holds, accesses : Out(1)
        There is an instruction; a load, store or AMO.
    """

    from_decode: In(OccupancySignature())
    issued: In(IssuedSignature())
    hold: Out(1)
    kill: In(1)
    kill_cause: In(StallCause)
    memory_hold: In(1)
    memory_kill: In(1)
    port_used: In(1)
    occupancy: Out(OccupancySignature())
    executed: Out(ExecutedSignature())
    result: Out(ResultSignature())
    pending: Out(1)
    pending_rd: Out(5)
    holds: Out(1)
    accesses: Out(1)

    def elaborate(self, platform):
        m = Module()
        m.submodules.alu = alu = Alu()
        m.submodules.branch = branch = BranchUnit()
        m.submodules.muldiv = muldiv = MulDiv()
        m.submodules.scoreboard = scoreboard = Scoreboard()
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

        m.d.comb += [
            self.holds.eq(ex_valid),
            self.accesses.eq(ex_valid & ex.is_memory),
            self.hold.eq(self.memory_hold),
            self.occupancy.valid.eq(ex_valid),
            self.occupancy.bubble.eq(ex_bubble),
        ]
        self._keep_score(m, scoreboard, ex_valid & ex.is_muldiv, muldiv.cycles, insn.rd)

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

    def _keep_score(self, m, scoreboard, multiplies_or_divides, cycles, rd):
        """Start what is here, once, and end what is killed before it reaches write-back."""
        started = Signal()
        in_memory = Signal()
        m.d.comb += [
            scoreboard.start.eq(multiplies_or_divides & ~started),
            scoreboard.cycles.eq(cycles),
            scoreboard.rd.eq(rd),
            scoreboard.kill.eq(
                (self.kill & multiplies_or_divides) | (self.memory_kill & in_memory)
            ),
            scoreboard.port_used.eq(self.port_used),
            self.pending.eq(scoreboard.pending),
            self.pending_rd.eq(scoreboard.pending_rd),
        ]
        with m.If(self.kill | ~self.hold):
            m.d.sync += started.eq(0)
        with m.Else():
            m.d.sync += started.eq(multiplies_or_divides)
        with m.If(self.memory_kill):
            m.d.sync += in_memory.eq(0)
        with m.Elif(~self.memory_hold):
            m.d.sync += in_memory.eq(multiplies_or_divides & ~self.kill)
