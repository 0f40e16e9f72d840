"""Products and quotients: how long they take, and the scoreboard that keeps others from them.

Their arithmetic itself is beyond the solver; simulation compares it.
"""

from amaranth.hdl import Mux, Signal

from rtl.hart.muldiv_cycles import MulDivCycles
from rtl.hart.scoreboard import Scoreboard

from ..harness import Bench, Claim, Harness, Mutant

_CYCLES = "rtl/hart/muldiv_cycles.py"
_SCOREBOARD = "rtl/hart/scoreboard.py"

PRODUCT_CYCLES = 9
QUOTIENT_CYCLES = 68
"""64 steps, one to take the operands, one to answer, and one for each of two changes of sign."""


def _claims_of_durations(bench: Bench) -> None:
    bench.m.submodules.duration = duration = MulDivCycles()
    bench.free(duration)
    bench.assume(duration.sign_changes <= 2)
    product = (duration.cycles >= 2) & (duration.cycles <= PRODUCT_CYCLES)
    quotient = (duration.cycles >= 4) & (duration.cycles <= QUOTIENT_CYCLES)
    bench.claim("product_in_time", when=duration.multiplies, then=product)
    bench.claim("quotient_in_time", when=duration.divides & ~duration.multiplies, then=quotient)


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    _claims_of_durations(bench)
    m.submodules.unit = unit = Scoreboard()
    bench.free(unit)
    bench.assume(~unit.start | ((unit.cycles >= 2) & (unit.cycles <= QUOTIENT_CYCLES)))
    under_way = past(unit.pending & ~unit.kill)
    bench.assume(~(under_way & unit.start))

    # What the harness remembers of the start: cycles until the result, and its register.
    left = Signal(7)
    register = Signal(5)
    with m.If(unit.start):
        m.d.sync += [left.eq(unit.cycles - 1), register.eq(unit.rd)]
    with m.Elif(left != 0):
        m.d.sync += left.eq(left - 1)
    busy = bench.inside("unit.busy", 1)
    bench.invariant("busy", busy == under_way)
    bench.invariant("left", ~busy | (bench.inside("unit.remaining", 7) == left))
    bench.invariant("rd", ~busy | (bench.inside("unit.register", 5) == register))

    known = Mux(unit.start, unit.rd, register)
    bench.claim("own_register", when=unit.pending, then=unit.pending_rd == known)
    waits = bench.started & under_way
    bench.claim("not_early", when=waits & (left != 0), then=unit.pending)
    bench.claim("written", when=waits & (left == 0) & ~unit.port_used, then=~unit.pending)
    bench.claim("port_first", when=waits & unit.port_used, then=unit.pending)
    killed = bench.started & past(unit.kill) & ~unit.start
    bench.claim("killed", when=killed, then=~unit.pending)


HARNESS = Harness(
    name="scoreboard",
    size="64 bits, all operands",
    build=_build,
    reach=8,
    claims=(
        Claim(
            "product_in_time",
            f"a product takes 2 to {PRODUCT_CYCLES} cycles",
            Mutant(_CYCLES, "Mux(digits == 0, 3, digits + 2)", "digits + 3"),
        ),
        Claim(
            "quotient_in_time",
            f"a quotient takes 4 to {QUOTIENT_CYCLES} cycles",
            Mutant(_CYCLES, "Mux(bits == 64, 66, bits + 3)", "bits + 3"),
        ),
        Claim(
            "own_register",
            "what is pending is the register of the instruction that was started",
            Mutant(_SCOREBOARD, "register.eq(self.rd)", "register.eq(self.rd ^ 1)"),
        ),
        Claim(
            "not_early",
            "it is pending until its cycles have passed",
            Mutant(_SCOREBOARD, "busy & (remaining == 0)", "busy & (remaining <= 1)"),
        ),
        Claim(
            "written",
            "and in the first cycle after them in which the write port is free no longer",
            Mutant(_SCOREBOARD, "remaining.eq(self.cycles - 1)", "remaining.eq(self.cycles)"),
        ),
        Claim(
            "port_first",
            "instructions in write-back have the write port before it",
            Mutant(
                _SCOREBOARD, "busy & (remaining == 0) & ~self.port_used", "busy & (remaining == 0)"
            ),
        ),
        Claim(
            "killed",
            "an instruction that is killed leaves nothing pending",
            Mutant(_SCOREBOARD, "self.kill | written", "written"),
        ),
    ),
)
