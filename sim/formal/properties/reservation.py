"""LR and SC: what a reservation survives, and how long it holds probes off.

One line, any, is watched.
"""

from amaranth.hdl import Signal

from rtl.config import CacheConfig
from rtl.mem.geometry import Geometry
from rtl.mem.reservation import PROBE_HOLD_CYCLES, Reservation

from ..harness import Bench, Claim, Harness, Mutant

_PATH = "rtl/mem/reservation.py"


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    geometry = Geometry(CacheConfig())
    m.submodules.unit = unit = Reservation(geometry)
    bench.free(unit)
    watched = bench.constant(geometry.line_bits, "watched")
    here = unit.line == watched
    # Completions, and a lookup for a probe, are things of s1: one in a cycle.
    bench.assume((unit.lr + unit.sc + unit.lost) <= 1)

    live = Signal()
    ends = unit.sc | (unit.lost & here) | (unit.evicted & (unit.evicted_line == watched))
    with m.If(unit.lr):
        m.d.sync += live.eq(here)
    with m.Elif(ends):
        m.d.sync += live.eq(0)
    valid, line = bench.inside("unit.valid", 1), bench.inside("unit.line", geometry.line_bits)
    bench.invariant("live", live == (valid & (line == watched)))
    bench.claim("reserved", when=here & live, then=unit.matches)
    bench.claim("not_reserved", when=here & ~live, then=~unit.matches)
    after = bench.started & here & past(live)
    bench.claim("after_sc", when=after & past(unit.sc), then=~unit.matches)
    bench.claim("after_loss", when=after & past(unit.lost & here), then=~unit.matches)
    evicted = past(unit.evicted & (unit.evicted_line == watched) & ~unit.lr)
    bench.claim("after_eviction", when=after & evicted, then=~unit.matches)

    # A probe of the watched line, from the cycle in which it is held off.
    held = unit.probe_waits & unit.hold_probes & (unit.probe_line == watched)
    bench.assume(~unit.probe_accepted | (unit.probe_waits & ~unit.hold_probes))
    waited = Signal(range(4 * PROBE_HOLD_CYCLES))
    with m.If(held):
        m.d.sync += waited.eq(waited + 1)
    with m.Else():
        m.d.sync += waited.eq(0)
    hold = bench.inside("unit.hold", PROBE_HOLD_CYCLES.bit_length())
    served = bench.inside("unit.probes_served", 1)
    left = hold + (PROBE_HOLD_CYCLES * served)
    bench.invariant("hold", hold <= PROBE_HOLD_CYCLES)
    bench.invariant("left", (waited == 0) | (waited + left <= 2 * PROBE_HOLD_CYCLES))
    bench.claim("probe_in_time", when=held, then=waited < 2 * PROBE_HOLD_CYCLES)


HARNESS = Harness(
    name="reservation",
    size="full width",
    build=_build,
    reach=10,
    claims=(
        Claim(
            "reserved",
            "the line of the last LR stays reserved until something ends that",
            Mutant(_PATH, "self.lost & self.matches |", "self.lost |"),
        ),
        Claim(
            "not_reserved",
            "no other line is",
            Mutant(_PATH, "self.matches.eq(valid & (line == self.line))", "self.matches.eq(valid)"),
        ),
        Claim(
            "after_sc",
            "an SC, successful or not, ends it",
            Mutant(_PATH, "with m.Elif(self.sc):", "with m.Elif(self.sc & self.matches & 0):"),
        ),
        Claim(
            "after_loss",
            "so does a probe that takes the line, or a write by another",
            Mutant(
                _PATH,
                "self.lost & self.matches |",
                "self.lost & self.matches & ~self.probe_waits |",
            ),
        ),
        Claim(
            "after_eviction",
            "and the eviction of the line",
            Mutant(_PATH, "| self.evicted & (line == self.evicted_line)", ""),
        ),
        Claim(
            "probe_in_time",
            f"no probe is held off for more than {2 * PROBE_HOLD_CYCLES} cycles, LRs or not",
            Mutant(
                _PATH,
                "with m.If(~self.probe_waits | probes_served):",
                "with m.If(~self.probe_waits | probes_served | self.lr):",
                sooner=("PROBE_HOLD_CYCLES = 80", "PROBE_HOLD_CYCLES = 3"),
            ),
        ),
    ),
)
