"""TLB entries for 16 KiB, 2 MiB and 1 GiB pages: contents, uniqueness and fences.

Looked up for the watched page only, as in `sector_bank`.
"""

from rtl.mmu.superpage_bank import SuperpageBank

from ..harness import Bench, Claim, Harness, Mutant, at_most_one, same
from ._filled import Filled, claim_fences, is_global, is_large

_PATH = "rtl/mmu/superpage_bank.py"
_SUPERPAGES = 4


def _build(bench: Bench) -> None:
    bench.m.submodules.bank = bank = SuperpageBank(_SUPERPAGES)
    bench.free(bank, "vpn", "asid")
    fill, fence = bank.fill, bank.fence
    filled = Filled(bench, fill, fence, is_large(fill.level, fill.pte))
    bench.m.d.comb += [bank.vpn.eq(filled.vpn), bank.asid.eq(filled.asid)]
    bench.assume(is_large(fill.level, fill.pte))
    bench.assume(fill.pte.v)
    bench.assume((bank.in_use >= 1) & (bank.in_use <= _SUPERPAGES))

    hits = bench.inside("bank.hits", _SUPERPAGES)
    global_bits = bench.inside("bank.is_global", _SUPERPAGES)
    bench.invariant("level", ~filled.live | is_large(filled.level, filled.pte))
    sizes = [bench.inside(f"bank.{size}", _SUPERPAGES) for size in ("giga", "napot")]
    bench.invariant("one_size", ~(sizes[0] & sizes[1]).any())
    bench.invariant("valid", ~filled.live | filled.pte.v)
    bench.invariant("global_bit", ~bank.hit | ((hits & global_bits).any() == is_global(bank.pte)))

    bench.claim("one_hit", when=bank.hit, then=at_most_one(hits))
    as_filled = filled.live & same(bank.pte, filled.pte)
    bench.claim("contents", when=bank.hit, then=as_filled)
    bench.claim("size", when=bank.hit, then=filled.level == bank.level)
    filled_now = filled.fill_covers & ~fence.valid
    bench.claim("fill_hits", when=bench.started & bench.past(filled_now), then=bank.hit)
    claim_fences(bench, filled, bank)
    # A fence by an address of the 1 GiB page that is not in the 2 MiB around the watched page.
    far = bank.hit & (bank.level == 2) & fence.valid & fence.has_vaddr & ~fence.has_asid
    far &= filled.names_page & (fence.vaddr[21:30] != filled.vpn[9:18])
    bench.claim("fence_address", when=bench.started & bench.past(far), then=~bank.hit)


HARNESS = Harness(
    name="superpage_bank",
    size=f"{_SUPERPAGES} entries, full widths",
    build=_build,
    claims=(
        Claim(
            "one_hit",
            "for a page and an address space at most one entry hits, whatever their sizes",
            Mutant(_PATH, "contains(fill.vpn, giga | fill_giga,", "contains(fill.vpn, giga,"),
        ),
        Claim(
            "contents",
            "what hits is the last superpage filled over it, unchanged, with no fence since",
            Mutant(_PATH, "same_asid(fill.asid) | is_global | fill_global", "same_asid(fill.asid)"),
        ),
        Claim(
            "size",
            "it hits with the size that it was filled with",
            Mutant(_PATH, "(giga & ~chosen) | (chosen & fill_giga)", "giga | (chosen & fill_giga)"),
        ),
        Claim(
            "fill_hits",
            "what is filled hits in the next cycle",
            Mutant(_PATH, "Cat(fill.asid, fill.vpn[NAPOT_BITS:])", "Cat(fill.asid, fill.vpn)"),
        ),
        Claim(
            "fence_all",
            "after a fence of everything nothing hits",
            Mutant(_PATH, "by_space = every(~fence.has_asid)", "by_space = every(fence.has_asid)"),
        ),
        Claim(
            "fence_address",
            "after a fence of any address inside, a superpage does not hit",
            Mutant(
                _PATH, "contains(fence_vpn(fence), giga,", "contains(fence_vpn(fence), giga & 0,"
            ),
        ),
        Claim(
            "fence_space",
            "after a fence of an address space none of its superpages hits",
            Mutant(
                _PATH, "same_asid(fence.asid) & ~is_global", "same_asid(fill.asid) & ~is_global"
            ),
        ),
        Claim(
            "fence_address_space",
            "after a fence of an address in an address space its superpage does not hit",
            Mutant(
                _PATH,
                "~(by_address & by_space)",
                "~(by_address & by_space & every(~(fence.has_vaddr & fence.has_asid)))",
            ),
        ),
        Claim(
            "fence_spares",
            "a fence keeps what it does not cover, global superpages where it names a space",
            Mutant(_PATH, "(same_asid(fence.asid) & ~is_global)", "same_asid(fence.asid)"),
        ),
    ),
)
