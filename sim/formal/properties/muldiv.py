"""Multiplier and divider: every operation is started once and answered in bounded time.

Products and quotients themselves are beyond the solver; simulation compares them.
"""

from amaranth.hdl import Signal

from rtl.hart.muldiv import MulDiv

from ..harness import Bench, Claim, Harness, Mutant, same

_MULDIV = "rtl/hart/muldiv.py"
_DIVIDER = "rtl/hart/divider.py"
_MULTIPLIER = "rtl/hart/multiplier.py"

IDLE, NEGATE_OPERANDS, RUN, NEGATE_RESULT, DONE = range(5)
PRODUCT_CYCLES = 9
QUOTIENT_CYCLES = 68
"""64 steps, one to take the operands, one to answer, and one for each of two changes of sign."""


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    m.submodules.unit = unit = MulDiv()
    bench.free(unit)
    operands = (unit.funct, unit.word, unit.a, unit.b)
    waits = past(unit.valid & ~unit.leave)
    for operand in operands:
        bench.assume(~waits | same(operand, past(operand)))
    bench.assume(~waits | unit.valid)

    funct = Signal(3)
    m.d.comb += funct.eq(unit.funct)
    is_divide = funct[2]
    starts = [bench.inside(f"unit.{part}.start", 1) for part in ("multiplier", "divider")]
    lasts = [bench.inside(f"unit.{part}.last", 1) for part in ("multiplier", "divider")]

    # Cycles since the operands came, and what was started for them.
    waited = Signal(8)
    started = Signal()
    ended = Signal()
    start, last = (
        is_divide & starts[1] | ~is_divide & starts[0],
        (is_divide & lasts[1] | ~is_divide & lasts[0]),
    )
    with m.If(unit.valid & ~unit.leave):
        m.d.sync += [
            waited.eq(waited + ~unit.done),
            started.eq(started | start),
            ended.eq(ended | (last & started)),
        ]
    with m.Else():
        m.d.sync += [waited.eq(0), started.eq(0), ended.eq(0)]

    state = bench.inside("unit.state", 3)
    steps = bench.inside("unit.divider.count", 7)
    digits = bench.inside("unit.multiplier.count", 3)
    busy = [bench.inside(f"unit.{part}.busy", 1) for part in ("multiplier", "divider")]
    running = state == RUN
    over = (state == NEGATE_RESULT) | (state == DONE)
    bench.invariant("states", state <= DONE)
    bench.invariant("idle", (state != IDLE) | ((waited == 0) & ~started & ~ended))
    bench.invariant("operands", (state == IDLE) | waits)
    bench.invariant("negate", (state != NEGATE_OPERANDS) | ((waited == 1) & is_divide & ~started))
    bench.invariant("runs", ~running | (started & ~ended))
    bench.invariant("busy", ~running | (is_divide & busy[1]) | (~is_divide & busy[0]))
    bench.invariant("over", ~over | (started & ended))
    bench.invariant("still", ~over | (is_divide & ~busy[1]) | (~is_divide & ~busy[0]))
    bench.invariant("steps", steps <= 64)
    bench.invariant("divides", ~(running & is_divide) | (waited <= steps + 2))
    bench.invariant("multiplies", ~(running & ~is_divide) | (waited <= digits + 1))
    bound = (state == NEGATE_RESULT) & is_divide & (waited <= QUOTIENT_CYCLES - 1)
    bench.invariant("negates", (state != NEGATE_RESULT) | bound)

    bench.claim("own_result", when=unit.done, then=unit.valid & started & ended)
    bench.claim("one_start", when=unit.valid & start, then=~started)
    bench.claim("product_in_time", when=unit.valid & ~is_divide, then=waited <= PRODUCT_CYCLES)
    bench.claim("quotient_in_time", when=unit.valid & is_divide, then=waited <= QUOTIENT_CYCLES)
    stays = bench.started & past(unit.done & ~unit.leave)
    bench.claim("stays", when=stays, then=unit.done & (unit.result == past(unit.result)))
    bench.claim("leaves", when=bench.started & past(unit.leave), then=~unit.done)


HARNESS = Harness(
    name="muldiv",
    size="64 bits, all operands",
    build=_build,
    reach=8,
    claims=(
        Claim(
            "own_result",
            "what is done has been started for these operands and has ended",
            Mutant(_MULDIV, "divider.last, multiplier.last", "divider.last, ~multiplier.start"),
        ),
        Claim(
            "one_start",
            "an operation is started once",
            Mutant(
                _MULDIV,
                "m.d.sync += state.eq(_State.NEGATE_OPERANDS)",
                "m.d.comb += divider.start.eq(1)\n"
                "                    m.d.sync += state.eq(_State.NEGATE_OPERANDS)",
            ),
        ),
        Claim(
            "product_in_time",
            f"a product takes at most {PRODUCT_CYCLES} cycles",
            Mutant(_MULTIPLIER, "busy & (final_digit | exhausted)", "busy & exhausted"),
            late=PRODUCT_CYCLES,
        ),
        Claim(
            "quotient_in_time",
            f"a quotient takes at most {QUOTIENT_CYCLES} cycles",
            Mutant(_DIVIDER, "count.eq(count + 1)", "count.eq(count)"),
            late=QUOTIENT_CYCLES,
        ),
        Claim(
            "stays",
            "a result stays, unchanged, until the instruction leaves",
            Mutant(_MULDIV, "with m.If(self.leave):", "with m.If(self.leave | self.done):"),
        ),
        Claim(
            "leaves",
            "and is gone when it has left",
            Mutant(_MULDIV, "with m.If(self.leave):", "with m.If(self.leave & ~self.done):"),
        ),
    ),
)
