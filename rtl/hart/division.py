"""Signs of a division: its operands without them, and what they make of its result."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .alu import sign_extend_word


class Division(wiring.Component):
    """Operands of a division without their signs, and what becomes of the signs.

    Members
    -------
    valid : In(1)
        The instruction is a division; everything is zero otherwise.
    word, unsigned, remainder : In(1)
    a, b : In(64)
    dividend, divisor : Out(64)
        Absolute values.
    negative_operand, negate_result : Out(1)
    """

    valid: In(1)
    word: In(1)
    unsigned: In(1)
    remainder: In(1)
    a: In(64)
    b: In(64)
    dividend: Out(64)
    divisor: Out(64)
    negative_operand: Out(1)
    negate_result: Out(1)

    def elaborate(self, platform):
        m = Module()
        a = Signal(64)
        b = Signal(64)
        # Nothing but a division looks at them, and simulation is faster without.
        with m.If(self.valid & self.word & self.unsigned):
            m.d.comb += [a.eq(self.a[:32]), b.eq(self.b[:32])]
        with m.Elif(self.valid & self.word):
            m.d.comb += [a.eq(sign_extend_word(self.a)), b.eq(sign_extend_word(self.b))]
        with m.Elif(self.valid):
            m.d.comb += [a.eq(self.a), b.eq(self.b)]
        negative_a = a[63] & ~self.unsigned
        negative_b = b[63] & ~self.unsigned
        m.d.comb += [
            self.dividend.eq(Mux(negative_a, -a, a)),
            self.divisor.eq(Mux(negative_b, -b, b)),
            self.negative_operand.eq(negative_a | negative_b),
            # The remainder has the sign of the dividend. A division by zero gives -1, never +1.
            self.negate_result.eq(
                Mux(self.remainder, negative_a, (negative_a ^ negative_b) & b.any())
            ),
        ]
        return m
