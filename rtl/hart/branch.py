"""Branches and jumps: whether they are taken, and where they go."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import enum, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.opcodes import BranchFunct


class ControlFlow(enum.Enum, shape=2):
    """What an instruction does to the pc, traps and privileged returns aside."""

    SEQUENTIAL = 0
    BRANCH = 1
    JAL = 2
    JALR = 3


class BranchUnit(wiring.Component):
    """Combinational.

    Members
    -------
    kind : In(ControlFlow), funct : In(BranchFunct)
    compressed : In(1)
    pc, a, b, offset : In(64)
        a and b are the registers that a branch compares; a is the base of JALR.
    taken : Out(1)
        The next instruction is at `target`.
    target : Out(64)
    link : Out(64)
        The pc after this instruction, what a jump writes to rd.
    """

    kind: In(ControlFlow)
    funct: In(BranchFunct)
    compressed: In(1)
    pc: In(64)
    a: In(64)
    b: In(64)
    offset: In(64)
    taken: Out(1)
    target: Out(64)
    link: Out(64)

    def elaborate(self, platform):
        m = Module()
        condition = Signal()
        with m.Switch(self.funct):
            with m.Case(BranchFunct.BEQ):
                m.d.comb += condition.eq(self.a == self.b)
            with m.Case(BranchFunct.BNE):
                m.d.comb += condition.eq(self.a != self.b)
            with m.Case(BranchFunct.BLT):
                m.d.comb += condition.eq(self.a.as_signed() < self.b.as_signed())
            with m.Case(BranchFunct.BGE):
                m.d.comb += condition.eq(self.a.as_signed() >= self.b.as_signed())
            with m.Case(BranchFunct.BLTU):
                m.d.comb += condition.eq(self.a < self.b)
            with m.Case(BranchFunct.BGEU):
                m.d.comb += condition.eq(self.a >= self.b)
        with m.Switch(self.kind):
            with m.Case(ControlFlow.BRANCH):
                m.d.comb += self.taken.eq(condition)
            with m.Case(ControlFlow.JAL, ControlFlow.JALR):
                m.d.comb += self.taken.eq(1)

        full_target = Signal(64)
        base = Mux(self.kind == ControlFlow.JALR, self.a, self.pc)
        m.d.comb += [
            full_target.eq(base + self.offset),
            # JALR clears bit 0; the offsets of the others are even.
            self.target.eq(Cat(Const(0, 1), full_target[1:])),
            self.link.eq(self.pc + Mux(self.compressed, 2, 4)),
        ]
        return m
