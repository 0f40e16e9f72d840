"""Division of unsigned numbers, a bit a cycle, that skips the leading zeros of the quotient."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


def _shift_left_into(upper: int, value: Value, amount: Value) -> Value:
    """`value` (64 bits) shifted left by `amount` (0 to 63) into a word of 64 + `upper` bits."""
    wide = Cat(value, Const(0, upper))
    for bit in range(6):
        distance = 1 << bit
        wide = Mux(amount[bit], Cat(Const(0, distance), wide[: 64 + upper - distance]), wide)
    return wide


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


class Divider(wiring.Component):
    """Restoring division; division by zero gives all ones and the dividend, as RISC-V wants.

    Members
    -------
    start : In(1)
        Take the operands; the unit is idle.
    dividend, divisor : In(64)
    last : Out(1)
        The results are there from the next cycle on, until the next start.
    quotient, remainder : Out(64)
    """

    start: In(1)
    dividend: In(64)
    divisor: In(64)
    last: Out(1)
    quotient: Out(64)
    remainder: Out(64)

    def elaborate(self, platform):
        m = Module()
        busy = Signal()
        # Step 0 looks for zeros to skip and, when there are none, divides like all others.
        count = Signal(range(65))
        divisor = Signal(64)
        upper = Signal(64)
        lower = Signal(64)

        # A quotient has at most dividend_top - divisor_top + 1 bits.
        skip = Signal(6)
        with m.If(busy & (count == 0)):
            dividend_top = _top_bit(m, "dividend", lower)
            divisor_top = _top_bit(m, "divisor", divisor)
            with m.If(dividend_top >= divisor_top):
                m.d.comb += skip.eq(63 - (dividend_top - divisor_top))
            with m.Else():
                m.d.comb += skip.eq(63)
        skipping = (skip != 0) & (divisor != 0)

        shifted = Signal(65)
        fits = Signal()
        with m.If(busy):
            m.d.comb += [shifted.eq(Cat(lower[63], upper)), fits.eq(shifted >= divisor)]
        m.d.comb += [
            self.last.eq(busy & (count == 64)),
            self.quotient.eq(lower),
            self.remainder.eq(upper),
        ]
        with m.If(self.start):
            m.d.sync += [
                busy.eq(1),
                count.eq(0),
                divisor.eq(self.divisor),
                upper.eq(0),
                lower.eq(self.dividend),
            ]
        with m.Elif(busy):
            with m.If(skipping):
                m.d.sync += [
                    Cat(lower, upper).eq(_shift_left_into(64, lower, skip)),
                    count.eq(skip),
                ]
            with m.Elif(self.last):
                m.d.sync += busy.eq(0)
            with m.Else():
                m.d.sync += [
                    upper.eq(Mux(fits, shifted - divisor, shifted)),
                    lower.eq(Cat(fits, lower[:63])),
                    count.eq(count + 1),
                ]
        return m
