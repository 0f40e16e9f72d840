"""Finds branches and jumps in fetched words, before they are decoded."""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa import instruction as fields
from rtl.isa.opcodes import Opcode

from .prediction import BranchKind


def is_link_register(register: Value) -> Value:
    """Whether it is x1 or x5: a jump to it is a return."""
    return (register == 1) | (register == 5)


class BranchScan(wiring.Component):
    """Combinational; says nothing about instructions that neither branch nor jump.

    Members
    -------
    insn : In(32), wide : In(1)
        In the low half unless `wide`.
    is_branch, is_jump : Out(1), kind : Out(BranchKind)
    direct : Out(1)
        The target is in the instruction.
    """

    insn: In(32)
    wide: In(1)
    is_branch: Out(1)
    is_jump: Out(1)
    kind: Out(BranchKind)
    direct: Out(1)

    def elaborate(self, platform):
        m = Module()
        insn = self.insn
        rd = insn[7:12]
        is_call = Signal()
        is_return = Signal()
        with m.If(self.wide), m.Switch(insn[2:7]):
            with m.Case(Opcode.BRANCH.value):
                m.d.comb += [self.is_branch.eq(1), self.direct.eq(1)]
            with m.Case(Opcode.JAL.value):
                m.d.comb += [self.is_jump.eq(1), self.direct.eq(1), is_call.eq(rd[0])]
            with m.Case(Opcode.JALR.value):
                m.d.comb += [
                    self.is_jump.eq(1),
                    is_call.eq(rd[0]),
                    is_return.eq(is_link_register(insn[15:20])),
                ]
        with m.Elif(insn[:2] == 0b01), m.Switch(insn[13:16]):
            with m.Case(0b101):  # c.j
                m.d.comb += [self.is_jump.eq(1), self.direct.eq(1)]
            with m.Case(0b110, 0b111):  # c.beqz, c.bnez
                m.d.comb += [self.is_branch.eq(1), self.direct.eq(1)]
        with m.Elif((insn[:2] == 0b10) & (insn[13:16] == 0b100) & (insn[2:7] == 0)):
            # c.jr, c.jalr; with x0 the one is reserved, the other c.ebreak.
            m.d.comb += [
                self.is_jump.eq(rd != 0),
                is_call.eq(insn[12]),
                is_return.eq(is_link_register(rd)),
            ]
        with m.If(self.is_branch):
            m.d.comb += self.kind.eq(BranchKind.BRANCH)
        with m.Elif(is_call):
            m.d.comb += self.kind.eq(BranchKind.CALL)
        with m.Elif(is_return):
            m.d.comb += self.kind.eq(BranchKind.RETURN)
        with m.Else():
            m.d.comb += self.kind.eq(BranchKind.JUMP)
        return m


def offset(insn: Value, wide: Value) -> Value:
    """Distance that a branch, or a jump whose target is in it, goes from its pc."""
    return Mux(
        wide,
        Mux(insn[3], fields.j_immediate(insn), fields.b_immediate(insn)),
        Mux(insn[14], fields.cb_offset(insn), fields.cj_offset(insn)),
    )
