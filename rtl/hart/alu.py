"""Arithmetic and logic of OP, OP-IMM and their 32-bit forms."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.opcodes import AluFunct


def sign_extend_word(value: Value) -> Value:
    """Low 32 bits as a 64-bit two's complement number."""
    return Cat(value[:32], value[31].replicate(32))


def _shift_left(value: Value, amount: Value) -> Value:
    """64-bit logical shift in stages: Amaranth's own operator is 127 bits wide."""
    for bit in range(6):
        distance = 1 << bit
        value = Mux(amount[bit], Cat(Const(0, distance), value[: 64 - distance]), value)
    return value


class Alu(wiring.Component):
    """Combinational.

    Members
    -------
    funct : In(AluFunct), alternate : In(1)
        `alternate` is bit 30 of the instruction: subtract, or shift right arithmetically.
    word : In(1)
        The operation is on the low 32 bits, the result sign-extended.
    a, b : In(64)
    result : Out(64)
    sum : Out(64)
        a + b whatever the operation, for addresses.
    """

    funct: In(AluFunct)
    alternate: In(1)
    word: In(1)
    a: In(64)
    b: In(64)
    result: Out(64)
    sum: Out(64)

    def elaborate(self, platform):
        m = Module()
        a, b = self.a, self.b
        m.d.comb += self.sum.eq(a + b)

        shift_amount = Signal(6)
        right_operand = Signal(64)
        m.d.comb += [
            shift_amount.eq(Mux(self.word, b[:5], b[:6])),
            right_operand.eq(
                Mux(self.word, Cat(a[:32], (a[31] & self.alternate).replicate(32)), a)
            ),
        ]

        full = Signal(64)
        with m.Switch(self.funct):
            with m.Case(AluFunct.ADD_SUB):
                m.d.comb += full.eq(Mux(self.alternate, a - b, self.sum))
            with m.Case(AluFunct.SLL):
                m.d.comb += full.eq(_shift_left(a, shift_amount))
            with m.Case(AluFunct.SLT):
                m.d.comb += full.eq(a.as_signed() < b.as_signed())
            with m.Case(AluFunct.SLTU):
                m.d.comb += full.eq(a < b)
            with m.Case(AluFunct.XOR):
                m.d.comb += full.eq(a ^ b)
            with m.Case(AluFunct.SRL_SRA):
                m.d.comb += full.eq(
                    Mux(
                        self.alternate,
                        right_operand.as_signed() >> shift_amount,
                        right_operand >> shift_amount,
                    )
                )
            with m.Case(AluFunct.OR):
                m.d.comb += full.eq(a | b)
            with m.Case(AluFunct.AND):
                m.d.comb += full.eq(a & b)
        m.d.comb += self.result.eq(Mux(self.word, sign_extend_word(full), full))
        return m
