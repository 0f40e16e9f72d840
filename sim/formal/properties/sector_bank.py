"""TLB entries for 4 KiB pages: contents, uniqueness and fences.

The bank is always looked up for the watched page. That loses nothing: a lookup changes only the
order of replacement, and the induction starts from every such order.
"""

from rtl.mmu.sector_bank import SectorBank
from rtl.onehot import select

from ..harness import Bench, Claim, Harness, Mutant, at_most_one, same
from ._filled import Filled, claim_fences, is_global, is_large

_PATH = "rtl/mmu/sector_bank.py"
_SECTORS, _PAGES = 4, 2


def _build(bench: Bench) -> None:
    bench.m.submodules.bank = bank = SectorBank(_SECTORS, _PAGES)
    bench.free(bank, "vpn", "asid")
    fill, fence = bank.fill, bank.fence
    filled = Filled(bench, fill, fence, ~is_large(fill.level, fill.pte))
    bench.m.d.comb += [bank.vpn.eq(filled.vpn), bank.asid.eq(filled.asid)]
    bench.assume(fill.level <= 2)
    bench.assume((bank.in_use >= 1) & (bank.in_use <= _SECTORS))

    hits = bench.inside("bank.hits", _SECTORS)
    of_page = [bench.inside(f"bank.global_page{page}", _SECTORS) for page in range(_PAGES)]
    is_page = [filled.vpn[: _PAGES.bit_length() - 1] == page for page in range(_PAGES)]
    hit_global = (hits & select(is_page, of_page)).any()
    bench.invariant("level", (filled.level == 0) & ~is_large(filled.level, filled.pte))
    bench.invariant("global_bit", ~bank.hit | (hit_global == is_global(bank.pte)))
    invalid = [bench.inside(f"bank.invalid_page{page}", _SECTORS) for page in range(_PAGES)]
    hit_invalid = (hits & select(is_page, invalid)).any()
    bench.invariant("invalid_bit", ~bank.hit | (hit_invalid == ~bank.pte.v))

    bench.claim("one_hit", when=bank.hit, then=at_most_one(hits))
    as_filled = filled.live & same(bank.pte, filled.pte)
    bench.claim("contents", when=bank.hit, then=as_filled)
    filled_now = filled.fill_covers & ~fence.valid
    bench.claim("fill_hits", when=bench.started & bench.past(filled_now), then=bank.hit)
    claim_fences(bench, filled, bank, dropped=bank.forget & ~bank.pte.v)
    forgotten = bank.hit & ~bank.pte.v & bank.forget & ~(filled.fill_covers & ~fence.valid)
    bench.claim("forget", when=bench.started & bench.past(forgotten), then=~bank.hit)
    # So that the superpage is what hits next: only the page that the walk was for.
    in_space = (fill.asid == filled.asid) | is_global(fill.pte)
    larger = fill.valid & is_large(fill.level, fill.pte)
    taken_out = larger & ~fence.valid & (fill.vpn == filled.vpn) & in_space
    bench.claim("superpage", when=bench.started & bench.past(taken_out), then=~bank.hit)
    # Two spaces, then a page of all spaces in their place.
    shadowed = bank.hit & ~is_global(bank.pte) & filled.fill_covers & is_global(fill.pte)
    bench.claim("one_hit", when=bench.started & bench.past(shadowed), then=at_most_one(hits))


HARNESS = Harness(
    name="sector_bank",
    size=f"{_SECTORS} sectors of {_PAGES} pages, full widths",
    build=_build,
    claims=(
        Claim(
            "one_hit",
            "for a page and an address space at most one entry hits",
            Mutant(_PATH, "Mux(filled, (left & ~overlap) | chosen, left)", "left | chosen"),
        ),
        Claim(
            "contents",
            "what hits is the last PTE filled for it, unchanged, with no fence since",
            Mutant(_PATH, "left = kept[page] & ~evicted", "left = kept[page]"),
        ),
        Claim(
            "fill_hits",
            "what is filled hits in the next cycle",
            Mutant(
                _PATH,
                "filled_now = fill.valid & fills_small_page(fill) & ~fence.valid",
                "filled_now = fill.valid & fills_small_page(fill) & fence.valid",
            ),
        ),
        Claim(
            "superpage",
            "the fill of a superpage takes out the page that it was filled for",
            Mutant(
                _PATH,
                "with m.Elif(fill.valid):",
                "with m.Elif(fill.valid & fills_small_page(fill)):",
            ),
        ),
        Claim(
            "forget",
            "an invalid page that is to be forgotten does not hit again",
            Mutant(_PATH, "kept[page] & ~evicted", "valid[page] & ~evicted"),
        ),
        Claim(
            "fence_all",
            "after a fence of everything nothing hits",
            Mutant(
                _PATH, "by_space = every(~fence.has_asid) |", "by_space = every(fence.has_asid) |"
            ),
        ),
        Claim(
            "fence_address",
            "after a fence of an address its page does not hit, global or not",
            Mutant(_PATH, "same_sector(fence_vpn(fence))", "same_sector(fill.vpn)"),
        ),
        Claim(
            "fence_space",
            "after a fence of an address space none of its pages hits",
            Mutant(
                _PATH,
                "(named_space & ~is_global[page])",
                "(named_space & ~is_global[page] & every(fence.has_vaddr))",
            ),
        ),
        Claim(
            "fence_address_space",
            "after a fence of an address in an address space its page does not hit",
            Mutant(
                _PATH,
                "~(by_address & by_space)",
                "~(by_address & by_space & every(~(fence.has_vaddr & fence.has_asid)))",
            ),
        ),
        Claim(
            "fence_spares",
            "a fence keeps what it does not cover, global pages where it names a space",
            Mutant(_PATH, "(named_space & ~is_global[page])", "named_space"),
        ),
    ),
)
