"""The M extension: products, quotients and remainders.

The arithmetic is written as such and there at once. When the register that it goes to may be used
is a matter of cycles (`muldiv_cycles`) and of the scoreboard: the hart is timed as one with a unit
that takes many steps, and the steps themselves are not simulated.
"""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.opcodes import MulDivFunct

from .alu import sign_extend_word
from .division import Division
from .muldiv_cycles import MulDivCycles


def _upper_product(m: Module, a: Value, b: Value) -> Signal:
    """Upper 64 bits of the product of unsigned numbers of 64 bits, from products of their halves.

    Words of more than 64 bits would make the simulation slower.
    """
    inner = Signal(64)
    outer = Signal(64)
    upper = Signal(64)
    m.d.comb += [
        inner.eq(a[32:] * b[:32] + (a[:32] * b[:32])[32:]),
        outer.eq(a[:32] * b[32:] + inner[:32]),
        upper.eq(a[32:] * b[32:] + inner[32:] + outer[32:]),
    ]
    return upper


class MulDiv(wiring.Component):
    """One instruction of the M extension (unprivileged spec, chapter "M").

    Members
    -------
    valid : In(1)
        There is one. What comes out means nothing otherwise.
    funct : In(MulDivFunct), word : In(1), a, b : In(64)
    result : Out(64)
    cycles : Out(7)
        Until `result` may be used, see `MulDivCycles`.
    """

    valid: In(1)
    funct: In(MulDivFunct)
    word: In(1)
    a: In(64)
    b: In(64)
    result: Out(64)
    cycles: Out(7)

    def elaborate(self, platform):
        m = Module()
        m.submodules.division = division = Division()
        m.submodules.duration = duration = MulDivCycles()
        funct = Signal(3)
        m.d.comb += [
            funct.eq(self.funct),
            division.valid.eq(self.valid & funct[2]),
            division.word.eq(self.word),
            division.unsigned.eq(funct[0]),
            division.remainder.eq(funct[1]),
            division.a.eq(self.a),
            division.b.eq(self.b),
            duration.multiplies.eq(self.valid & ~funct[2]),
            duration.upper.eq(funct[:2] != 0),
            duration.word.eq(self.word),
            duration.multiplier.eq(self.a),
            duration.divides.eq(division.valid),
            duration.dividend.eq(division.dividend),
            duration.divisor.eq(division.divisor),
            duration.sign_changes.eq(division.negative_operand + division.negate_result),
            self.cycles.eq(duration.cycles),
        ]

        full = Signal(64)
        magnitude = Signal(64)
        with m.If(self.valid), m.Switch(self.funct):
            with m.Case(MulDivFunct.MUL):
                m.d.comb += full.eq(self.a * self.b)
            with m.Case(MulDivFunct.MULH, MulDivFunct.MULHSU, MulDivFunct.MULHU):
                # The bits of a negative operand, read without a sign, are 2**64 too much.
                a_excess = Mux((self.funct != MulDivFunct.MULHU) & self.a[63], self.b, 0)
                b_excess = Mux((self.funct == MulDivFunct.MULH) & self.b[63], self.a, 0)
                m.d.comb += full.eq(_upper_product(m, self.a, self.b) - a_excess - b_excess)
            with m.Case(MulDivFunct.DIV, MulDivFunct.DIVU):
                with m.If(division.divisor == 0):
                    m.d.comb += magnitude.eq(-1)
                with m.Else():
                    m.d.comb += magnitude.eq(division.dividend // division.divisor)
                m.d.comb += full.eq(Mux(division.negate_result, -magnitude, magnitude))
            with m.Case(MulDivFunct.REM, MulDivFunct.REMU):
                with m.If(division.divisor == 0):
                    m.d.comb += magnitude.eq(division.dividend)
                with m.Else():
                    m.d.comb += magnitude.eq(division.dividend % division.divisor)
                m.d.comb += full.eq(Mux(division.negate_result, -magnitude, magnitude))
        m.d.comb += self.result.eq(Mux(self.word, sign_extend_word(full), full))
        return m
