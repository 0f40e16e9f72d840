"""AMO arithmetic: what an atomic memory operation writes back."""

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .ports import MemoryCommand

ACCESSED_AND_DIRTY = 0b11 << 6
"""Bits A and D of a PTE."""


class AmoAlu(wiring.Component):
    """Combinational. For commands that do not read memory the result is the operand.

    Members
    -------
    command : In(MemoryCommand)
    is_word : In(1)
        The operation is 32 bits wide: only the low halves count.
    memory, operand : In(64)
        Value read from memory, and from rs2.
    result : Out(64)
        Value to be written; for a 32-bit operation its low half.
    """

    command: In(MemoryCommand)
    is_word: In(1)
    memory: In(64)
    operand: In(64)
    result: Out(64)

    def elaborate(self, platform):
        m = Module()
        # One comparison serves all of min, max, minu, maxu. A 32-bit value is
        # compared in the high half, with equal low halves.
        is_unsigned = Signal()
        memory_smaller = Signal()
        memory_key = Signal(64)
        operand_key = Signal(64)
        m.d.comb += [
            is_unsigned.eq(
                (self.command == MemoryCommand.AMOMINU) | (self.command == MemoryCommand.AMOMAXU)
            ),
            memory_key.eq(Mux(self.is_word, self.memory[:32] << 32, self.memory)),
            operand_key.eq(Mux(self.is_word, self.operand[:32] << 32, self.operand)),
        ]
        signs_differ = memory_key[63] != operand_key[63]
        m.d.comb += memory_smaller.eq(
            Mux(
                signs_differ,
                memory_key[63] ^ is_unsigned,
                memory_key[:63] < operand_key[:63],
            )
        )
        m.d.comb += self.result.eq(self.operand)
        with m.Switch(self.command):
            with m.Case(MemoryCommand.AMOADD):
                m.d.comb += self.result.eq(self.memory + self.operand)
            with m.Case(MemoryCommand.AMOXOR):
                m.d.comb += self.result.eq(self.memory ^ self.operand)
            with m.Case(MemoryCommand.AMOAND):
                m.d.comb += self.result.eq(self.memory & self.operand)
            with m.Case(MemoryCommand.AMOOR):
                m.d.comb += self.result.eq(self.memory | self.operand)
            with m.Case(MemoryCommand.AMOMIN, MemoryCommand.AMOMINU):
                m.d.comb += self.result.eq(Mux(memory_smaller, self.memory, self.operand))
            with m.Case(MemoryCommand.AMOMAX, MemoryCommand.AMOMAXU):
                m.d.comb += self.result.eq(Mux(memory_smaller, self.operand, self.memory))
            with m.Case(MemoryCommand.UPDATE_PTE):
                differs = ((self.memory ^ self.operand) & ~Const(ACCESSED_AND_DIRTY, 64)).any()
                m.d.comb += self.result.eq(self.memory | Mux(differs, 0, self.operand))
        return m
