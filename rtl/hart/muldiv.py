"""The M extension: operands and signs around the multiplier and the divider."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import enum, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.opcodes import MulDivFunct

from .alu import sign_extend_word
from .divider import Divider
from .multiplier import Multiplier


class _State(enum.Enum, shape=3):
    IDLE = 0
    NEGATE_OPERANDS = 1
    RUN = 2
    NEGATE_RESULT = 3
    DONE = 4


class MulDiv(wiring.Component):
    """Iterative; the operands stay where they are until the instruction leaves.

    A result is there 9 cycles after the operands for a product (3 at the earliest), and 4 to 66
    for a quotient, one more for each of: a negative operand, a negative result.

    Members
    -------
    valid : In(1)
        An instruction of the M extension is here with its operands; held until `leave`.
    leave : In(1)
        It goes, finished or killed.
    funct : In(MulDivFunct), word : In(1), a, b : In(64)
    done : Out(1), result : Out(64)
    """

    valid: In(1)
    leave: In(1)
    funct: In(MulDivFunct)
    word: In(1)
    a: In(64)
    b: In(64)
    done: Out(1)
    result: Out(64)

    def elaborate(self, platform):
        m = Module()
        m.submodules.multiplier = multiplier = Multiplier()
        m.submodules.divider = divider = Divider()

        funct = Signal(3)
        m.d.comb += funct.eq(self.funct)
        is_divide = funct[2]
        is_remainder = funct[1]
        unsigned_divide = funct[0]

        m.d.comb += [
            multiplier.high.eq(funct[:2] != 0),
            multiplier.a_signed.eq(self.funct != MulDivFunct.MULHU),
            multiplier.b_signed.eq(self.funct == MulDivFunct.MULH),
            multiplier.a.eq(self.a),
            # Without its upper half a word has fewer digits; the low product stays the same.
            multiplier.b.eq(Mux(self.word, self.b[:32], self.b)),
        ]

        dividend = Signal(64)
        divisor = Signal(64)
        # Nothing but a division looks at them, and simulation is faster without.
        divides = self.valid & is_divide
        with m.If(divides & self.word & unsigned_divide):
            m.d.comb += [dividend.eq(self.a[:32]), divisor.eq(self.b[:32])]
        with m.Elif(divides & self.word):
            m.d.comb += [
                dividend.eq(sign_extend_word(self.a)),
                divisor.eq(sign_extend_word(self.b)),
            ]
        with m.Elif(divides):
            m.d.comb += [dividend.eq(self.a), divisor.eq(self.b)]
        negative_dividend = dividend[63] & ~unsigned_divide
        negative_divisor = divisor[63] & ~unsigned_divide
        with m.If(divider.start):
            m.d.comb += [
                divider.dividend.eq(Mux(negative_dividend, -dividend, dividend)),
                divider.divisor.eq(Mux(negative_divisor, -divisor, divisor)),
            ]

        # The remainder has the sign of the dividend. A division by zero gives -1, never +1.
        negate_result = Signal()
        with m.If(is_remainder):
            m.d.comb += negate_result.eq(negative_dividend)
        with m.Else():
            m.d.comb += negate_result.eq((negative_dividend ^ negative_divisor) & divisor.any())

        state = Signal(_State)
        m.d.comb += self.done.eq(state == _State.DONE)
        with m.Switch(state):
            with m.Case(_State.IDLE), m.If(self.valid):
                with m.If(~is_divide):
                    m.d.comb += multiplier.start.eq(1)
                    m.d.sync += state.eq(_State.RUN)
                with m.Elif(negative_dividend | negative_divisor):
                    m.d.sync += state.eq(_State.NEGATE_OPERANDS)
                with m.Else():
                    m.d.comb += divider.start.eq(1)
                    m.d.sync += state.eq(_State.RUN)
            with m.Case(_State.NEGATE_OPERANDS):
                m.d.comb += divider.start.eq(1)
                m.d.sync += state.eq(_State.RUN)
            with m.Case(_State.RUN), m.If(Mux(is_divide, divider.last, multiplier.last)):
                m.d.sync += state.eq(
                    Mux(is_divide & negate_result, _State.NEGATE_RESULT, _State.DONE)
                )
            with m.Case(_State.NEGATE_RESULT):
                m.d.sync += state.eq(_State.DONE)
        with m.If(self.leave):
            m.d.sync += state.eq(_State.IDLE)

        full = Signal(64)
        with m.If(self.done & ~is_divide):
            m.d.comb += full.eq(multiplier.result)
        with m.Elif(self.done):
            magnitude = Mux(is_remainder, divider.remainder, divider.quotient)
            m.d.comb += full.eq(Mux(negate_result, -magnitude, magnitude))
        m.d.comb += self.result.eq(Mux(self.word, sign_extend_word(full), full))
        return m
