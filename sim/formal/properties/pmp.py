"""Physical memory protection: the entry with the lowest number that matches decides."""

from typing import Any

from amaranth.hdl import Mux, Signal

from rtl.isa.privilege import Privilege
from rtl.mmu.pmp import PmpCheck
from rtl.mmu.ports import AccessType

from ..harness import Bench, Claim, Harness, Mutant

_PATH = "rtl/mmu/pmp.py"


def _build(bench: Bench) -> None:
    m = bench.m
    check: Any = PmpCheck()
    m.submodules.check = check
    bench.free(check)
    regions = list(check.regions)
    machine = check.privilege == Privilege.M
    # From the last entry to the first, each overrules those behind it.
    matched, permitted, locked = Signal(), Signal(), Signal()
    result = (0, 0, 0)
    for region in reversed(regions):
        here = (check.ppn >= region.first) & (check.ppn < region.end)
        right = Mux(
            check.access == AccessType.FETCH,
            region.x,
            Mux(check.access == AccessType.LOAD, region.r, region.w),
        )
        entry = (1, right, region.locked)
        result = tuple(Mux(here, now, behind) for now, behind in zip(entry, result, strict=True))
    m.d.comb += [
        signal.eq(value) for signal, value in zip((matched, permitted, locked), result, strict=True)
    ]
    bench.claim("matched", when=matched & ~machine, then=check.denied == ~permitted)
    bench.claim("unmatched", when=~matched & ~machine, then=check.denied)
    bench.claim("machine", when=machine & (~matched | ~locked), then=~check.denied)
    bench.claim("locked", when=machine & matched & locked, then=check.denied == ~permitted)


HARNESS = Harness(
    name="pmp",
    size="all entries, full widths",
    build=_build,
    depth=1,
    reach=1,
    claims=(
        Claim(
            "matched",
            "in S- and U-mode the first entry that matches says what is allowed",
            Mutant(_PATH, "decides.eq(lowest(matches))", "decides.eq(matches)"),
        ),
        Claim(
            "unmatched",
            "without one nothing is",
            Mutant(_PATH, "~(decides & permitted).any()", "(decides & ~permitted).any()"),
        ),
        Claim(
            "machine",
            "M-mode may do everything, but for entries that are locked",
            Mutant(_PATH, "(decides & locked & ~permitted)", "(decides & ~permitted)"),
        ),
        Claim(
            "locked",
            "which hold for M-mode, too",
            Mutant(_PATH, "(decides & locked & ~permitted)", "(decides & ~locked & ~permitted)"),
        ),
    ),
)
