"""Cycles of a multiplication or division in an iterative unit that skips what it need not do.

It is Rocket's, as its Verilog behaves: 8 bits of the multiplier a cycle, until none are left; a
bit of the quotient a cycle, without its leading zeros; and a cycle for each change of a sign.
"""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

DIGIT_BITS = 8
DIGITS = 64 // DIGIT_BITS


def _top_bit(m: Module, name: str, value: Value) -> Signal:
    """Number of the highest bit set of a 64-bit value, by halving; 0 for 0."""
    position = Signal(6, name=f"{name}_top_bit")
    for bit in reversed(range(6)):
        width = 1 << bit
        half = Signal(width, name=f"{name}_half{width}")
        upper_used = value[width:].any()
        m.d.comb += [
            position[bit].eq(upper_used),
            half.eq(Mux(upper_used, value[width:], value[:width])),
        ]
        value = half
    return position


class MulDivCycles(wiring.Component):
    """From the cycle in which an instruction has its operands to the one in which another can read
    its result: 2 to 9 for a product, 4 to 68 for a quotient or remainder.

    Members
    -------
    multiplies : In(1)
        It is a multiplication, of `multiplier`.
    upper, word : In(1)
        The upper half of the product is wanted, for which all digits are needed; the product of
        the lower 32 bits.
    multiplier : In(64)
        rs1.
    divides : In(1)
        It is a division, of the absolute values `dividend` and `divisor`.
    dividend, divisor : In(64)
    sign_changes : In(2)
        One for operands, if any is negative, and one for a negative result.
    cycles : Out(7)
    """

    multiplies: In(1)
    upper: In(1)
    word: In(1)
    multiplier: In(64)
    divides: In(1)
    dividend: In(64)
    divisor: In(64)
    sign_changes: In(2)
    cycles: Out(7)

    def elaborate(self, platform):
        m = Module()
        with m.If(self.multiplies):
            # The last digit is found to be the last one in the step after it, if there is one. A
            # word enters as if its upper digits, in the first steps, were done.
            multiplier = Signal(64)
            digits = Signal(range(DIGITS))
            m.d.comb += multiplier.eq(Mux(self.word, self.multiplier[:32], self.multiplier))
            for digit in range(DIGITS - 1):
                in_word = digit < DIGITS // 2 - 1
                with m.If(multiplier[digit * DIGIT_BITS :].any() & (in_word | ~self.word)):
                    m.d.comb += digits.eq(digit + 1)
            with m.If(self.upper):
                m.d.comb += self.cycles.eq(DIGITS + 1)
            with m.Elif(self.word):
                m.d.comb += self.cycles.eq(digits + 2)
            with m.Else():
                m.d.comb += self.cycles.eq(Mux(digits == 0, 3, digits + 2))
        with m.Elif(self.divides):
            # A quotient has at most dividend_top - divisor_top + 1 bits, all of them ones where
            # the divisor is zero. To skip the others takes a cycle.
            dividend_top = _top_bit(m, "dividend", self.dividend)
            divisor_top = _top_bit(m, "divisor", self.divisor)
            bits = Signal(range(65))
            with m.If(self.divisor == 0):
                m.d.comb += bits.eq(64)
            with m.Elif(dividend_top >= divisor_top):
                m.d.comb += bits.eq(dividend_top - divisor_top + 1)
            with m.Else():
                m.d.comb += bits.eq(1)
            steps = Mux(bits == 64, 66, bits + 3)
            m.d.comb += self.cycles.eq(steps + self.sign_changes)
        return m
