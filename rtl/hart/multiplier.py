"""Multiplication, 8 bits of the multiplier a cycle, that ends early when none are left."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

DIGIT_BITS = 8
DIGITS = 64 // DIGIT_BITS


class Multiplier(wiring.Component):
    """Radix-256 shift and add.

    Members
    -------
    start : In(1)
        Take the operands; the unit is idle.
    high : In(1)
        The upper 64 bits of the product are wanted: all digits are used.
    a_signed, b_signed : In(1)
        Only the upper half depends on them.
    a, b : In(64)
    last : Out(1)
        `result` is there from the next cycle on, until the next start.
    result : Out(64)
    """

    start: In(1)
    high: In(1)
    a_signed: In(1)
    b_signed: In(1)
    a: In(64)
    b: In(64)
    last: Out(1)
    result: Out(64)

    def elaborate(self, platform):
        m = Module()
        busy = Signal()
        count = Signal(range(DIGITS))
        want_high = Signal()
        negative_b = Signal()
        multiplicand = Signal(signed(65))
        multiplier = Signal(64)
        # The product so far is upper * 2**64 + lower, with `lower` filled from the top.
        upper = Signal(signed(66))
        lower = Signal(64)

        final_digit = count == DIGITS - 1
        # The top digit of a negative multiplier counts negative (two's complement).
        digit = Signal(signed(DIGIT_BITS + 1))
        accumulated = Signal(signed(66 + DIGIT_BITS))
        with m.If(busy):
            top_bit = multiplier[DIGIT_BITS - 1] & negative_b & final_digit
            m.d.comb += [
                digit.eq(Cat(multiplier[:DIGIT_BITS], top_bit)),
                accumulated.eq(upper + multiplicand * digit),
            ]

        # At the earliest in the second step, as the digits left are looked at beside the first.
        exhausted = (multiplier == 0) & (count != 0) & ~want_high
        m.d.comb += self.last.eq(busy & (final_digit | exhausted))

        with m.If(self.start):
            m.d.sync += [
                busy.eq(1),
                count.eq(0),
                want_high.eq(self.high),
                negative_b.eq(self.b_signed & self.b[63]),
                multiplicand.eq(Cat(self.a, self.a_signed & self.a[63]).as_signed()),
                multiplier.eq(self.b),
                upper.eq(0),
                lower.eq(0),
            ]
        with m.Elif(busy):
            with m.If(exhausted):
                # Shift what is left out at once: count digits of `lower` are filled.
                aligned = Signal(64)
                with m.Switch(count):
                    for digits in range(1, DIGITS):
                        filled = digits * DIGIT_BITS
                        with m.Case(digits):
                            m.d.comb += aligned.eq(Cat(lower[64 - filled :], upper[: 64 - filled]))
                m.d.sync += lower.eq(aligned)
            with m.Else():
                m.d.sync += [
                    lower.eq(Cat(lower[DIGIT_BITS:], accumulated[:DIGIT_BITS])),
                    upper.eq(accumulated[DIGIT_BITS:].as_signed()),
                    multiplier.eq(Cat(multiplier[DIGIT_BITS:], Const(0, DIGIT_BITS))),
                    count.eq(count + 1),
                ]
            with m.If(self.last):
                m.d.sync += busy.eq(0)
        m.d.comb += self.result.eq(Mux(want_high, upper[:64], lower))
        return m
