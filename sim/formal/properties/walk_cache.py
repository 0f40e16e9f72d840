"""The walk cache: contents, and what a fence leaves of it.

A fence of one address covers leaves only. Pointers go with every fence of all addresses, whatever
it says of address spaces, because the cache knows none.

That the walker fills only what is not there is assumed here and proved of the walker, in `walk`.
"""

from amaranth.hdl import Cat, Mux, Signal

from rtl.mmu.pte import Pte
from rtl.mmu.walk_cache import PTE_NUMBER_BITS, WalkCache

from ..harness import Bench, Claim, Harness, Mutant, at_most_one, same

_PATH = "rtl/mmu/walk_cache.py"
_ENTRIES = 4


def _build(bench: Bench) -> None:
    m = bench.m
    m.submodules.cache = cache = WalkCache(_ENTRIES)
    bench.free(cache, "number")
    watched = bench.constant(PTE_NUMBER_BITS, "watched")
    other = bench.anything(PTE_NUMBER_BITS, "other")
    fence = cache.fence
    # Lookups change the order of replacement only: those of other addresses may be left out.
    m.d.comb += cache.number.eq(Mux(cache.fill_valid, other, watched))

    occupied = bench.inside("cache.occupied", _ENTRIES)
    tags = [bench.inside(f"cache.tags[{row}]", PTE_NUMBER_BITS) for row in range(_ENTRIES)]
    rows = [bench.inside(f"cache.ptes[{row}]", 64) for row in range(_ENTRIES)]
    there = occupied & Cat(tag == other for tag in tags)
    bench.assume(~(cache.fill_valid & (cache.lookup | there.any())))
    bench.assume(cache.in_use <= _ENTRIES)

    live = Signal()
    pte = Signal(Pte)
    fill = cache.fill_valid & (other == watched) & ~fence.valid
    with m.If(fence.valid & ~fence.has_vaddr):
        m.d.sync += live.eq(0)
    with m.Elif(fill):
        m.d.sync += [live.eq(1), pte.eq(cache.fill_pte)]

    match = occupied & Cat(tag == watched for tag in tags)
    bench.invariant("one_match", at_most_one(match))
    for bit, row in zip(match, rows, strict=True):
        bench.invariant("as_filled", ~bit | (live & same(row, pte)))

    bench.claim("one_hit", when=cache.hit, then=at_most_one(match))
    bench.claim("contents", when=cache.hit, then=live & same(cache.pte, pte))
    bench.claim("only_if_asked", when=~cache.lookup, then=~cache.hit)
    in_use = bench.past(fill & (cache.in_use != 0))
    bench.claim("fill_hits", when=bench.started & in_use & cache.lookup, then=cache.hit)
    hit, fenced = bench.past(cache.hit), bench.past(fence.valid)
    address, space = bench.past(fence.has_vaddr), bench.past(fence.has_asid)
    before = bench.started & hit & fenced & cache.lookup
    bench.claim("fence_all", when=before & ~address & ~space, then=~cache.hit)
    bench.claim("fence_space", when=before & ~address & space, then=~cache.hit)
    bench.claim("fence_spares", when=before & address, then=cache.hit)


HARNESS = Harness(
    name="walk_cache",
    size=f"{_ENTRIES} entries, full widths",
    build=_build,
    claims=(
        Claim(
            "one_hit",
            "for the address of a PTE at most one entry hits",
            Mutant(
                _PATH,
                "occupied.eq(occupied | replacement.victim)",
                "occupied.eq(~(occupied ^ occupied))",
            ),
        ),
        Claim(
            "contents",
            "what hits is the pointer that was filled, unchanged, with no fence of all since",
            Mutant(
                _PATH,
                "ptes, filled_now, victim, self.fill_pte",
                "ptes, self.lookup, victim, self.fill_pte",
            ),
        ),
        Claim(
            "only_if_asked",
            "without a lookup nothing hits",
            Mutant(_PATH, "with m.If(self.lookup):", "with m.If(1):"),
        ),
        Claim(
            "fill_hits",
            "what is filled hits in the next cycle, where entries are in use",
            Mutant(
                _PATH,
                "tags, filled_now, victim, self.number",
                "tags, filled_now & ~victim[0], victim, self.number",
            ),
        ),
        Claim(
            "fence_all",
            "after a fence of everything nothing hits",
            Mutant(
                _PATH,
                "Mux(self.fence.has_vaddr, occupied, 0)",
                "Mux(~self.fence.has_asid, occupied, 0)",
            ),
        ),
        Claim(
            "fence_space",
            "after a fence of an address space nothing hits either",
            Mutant(
                _PATH,
                "Mux(self.fence.has_vaddr, occupied, 0)",
                "Mux(self.fence.has_asid, occupied, 0)",
            ),
        ),
        Claim(
            "fence_spares",
            "a fence of one address keeps pointers",
            Mutant(_PATH, "Mux(self.fence.has_vaddr, occupied, 0)", "0"),
        ),
    ),
)
