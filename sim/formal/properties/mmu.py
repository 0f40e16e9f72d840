"""The whole MMU, seen from its ports: what a fence leaves, and what an address becomes.

Both sides, with ASIDs and without (strap `honour_asid`).
"""

from typing import Any

from amaranth.hdl import Cat, Mux, Value
from amaranth.lib.data import View

from rtl.config import HartConfig, SocConfig, TlbConfig
from rtl.mmu.ports import AccessType, TranslationFault
from rtl.mmu.pte import Pte
from rtl.mmu.unit import Mmu

from ..harness import Bench, Claim, Harness, Mutant

_UNIT = "rtl/mmu/unit.py"
_TRANSLATION = "rtl/mmu/translation.py"
_TLB = TlbConfig(sectors=2, sector_pages=2, superpages=2)
_SOC = SocConfig(hart=HartConfig(itlb=_TLB, dtlb=_TLB, walk_cache_entries=1))


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    m.submodules.mmu = mmu = Mmu(_SOC)
    bench.free(mmu)
    straps, fence = mmu.straps, mmu.fence
    honour = bench.constant(1, "honour_asid")
    bench.assume(straps.honour_asid == honour)
    for in_use in (straps.itlb_sectors_in_use, straps.dtlb_sectors_in_use):
        bench.assume((in_use >= 1) & (in_use <= _TLB.sectors))
    bench.assume(~mmu.dcache.s1_done | mmu.dcache.s1_valid)
    bench.assume(mmu.fetch.access == AccessType.FETCH)
    bench.assume(mmu.data.access != AccessType.FETCH)

    fenced = bench.started & past(fence.valid)
    by_address, by_space = past(fence.has_vaddr), past(fence.has_asid)
    fence_vaddr, fence_asid = past(fence.vaddr), past(fence.asid)
    for side, port in (("itlb", mmu.fetch), ("dtlb", mmu.data)):
        _know_global_bits(bench, f"mmu.{side}.tlb")
        canonical = (port.vaddr[38:] == 0) | port.vaddr[38:].all()
        asks = port.context.translate & canonical
        same_page = port.vaddr[12:39] == fence_vaddr[12:39]
        same_space = ~honour | (port.context.asid == fence_asid)
        pte: Any = View(Pte, port.pte)
        only_global = ~port.ready | (pte.g & pte.v)
        after = fenced & asks
        bench.claim("fence_all", when=after & ~by_address & ~by_space, then=~port.ready)
        bench.claim(
            "fence_address", when=after & by_address & ~by_space & same_page, then=~port.ready
        )
        space = after & by_space & same_space
        bench.claim("fence_space", when=space & ~by_address & honour, then=only_global)
        bench.claim("fence_without_asids", when=space & ~by_address & ~honour, then=only_global)
        bench.claim("fence_address_space", when=space & by_address & same_page, then=only_global)
        granted = port.ready & (port.fault == TranslationFault.NONE)
        bench.claim("paddr", when=granted & asks, then=port.paddr == _paddr(port, pte))
        bench.claim("bare", when=granted & ~port.context.translate, then=port.paddr == port.vaddr)
        bench.claim(
            "not_canonical", when=port.context.translate & ~canonical, then=_page_fault(port)
        )


def _page_fault(port) -> Value:
    return port.ready & (port.fault == TranslationFault.PAGE)


def _paddr(port, pte) -> Value:
    """The low bits of the virtual address, as many as the leaf's size has, under its PPN."""
    through = Mux(port.level == 0, Mux(pte.n, 2, 0), Mux(port.level == 1, 9, 18))
    low = ((1 << (through + 12)) - 1)[:56]
    frame = Cat(port.vaddr[:12] & 0, pte.ppn)
    return (frame & ~low) | (port.vaddr[:56] & low)


def _know_global_bits(bench: Bench, tlb: str) -> None:
    """An entry counts as global exactly if its PTE says so."""
    for page in range(_TLB.sector_pages):
        valid = bench.inside(f"{tlb}.sectors.valid_page{page}", _TLB.sectors)
        flags = bench.inside(f"{tlb}.sectors.global_page{page}", _TLB.sectors)
        for sector in range(_TLB.sectors):
            row = sector * _TLB.sector_pages + page
            _same_flag(bench, valid[sector], flags[sector], f"{tlb}.sectors.ptes[{row}]")
    valid = bench.inside(f"{tlb}.superpages.valid", _TLB.superpages)
    flags = bench.inside(f"{tlb}.superpages.is_global", _TLB.superpages)
    for row in range(_TLB.superpages):
        _same_flag(bench, valid[row], flags[row], f"{tlb}.superpages.ptes[{row}]")


def _same_flag(bench: Bench, valid: Value, flag: Value, row: str) -> None:
    pte: Any = View(Pte, bench.inside(row, 64))
    bench.invariant("global_bits", ~valid | (flag == (pte.g & pte.v)))


HARNESS = Harness(
    name="mmu",
    size=f"both TLBs of {_TLB.sectors} sectors of {_TLB.sector_pages} pages and "
    f"{_TLB.superpages} superpages, walk cache of 1",
    build=_build,
    reach=13,
    claims=(
        Claim(
            "fence_all",
            "after a fence of everything neither side translates without a walk",
            Mutant(
                _UNIT,
                "for part in (itlb, dtlb, arbiter, walker):",
                "for part in (dtlb, arbiter, walker):",
            ),
        ),
        Claim(
            "fence_address",
            "after a fence of an address it has to be walked for, in every address space",
            Mutant(
                _UNIT,
                "for part in (itlb, dtlb, arbiter, walker):",
                "for part in (itlb, arbiter, walker):",
            ),
        ),
        Claim(
            "fence_space",
            "after a fence of an address space what it uses without a walk is global",
            Mutant(_UNIT, "Mux(straps.honour_asid, self.fence.asid, 0)", "0"),
        ),
        Claim(
            "fence_without_asids",
            "where ASIDs are not honoured, after such a fence that holds of every address space",
            Mutant(_UNIT, "Mux(straps.honour_asid, self.fence.asid, 0)", "self.fence.asid"),
        ),
        Claim(
            "fence_address_space",
            "after a fence of an address in an address space it has to be walked for, or is global",
            Mutant(
                _TRANSLATION,
                "asid = Mux(self.honour_asid, port.context.asid, 0)",
                "asid = port.context.asid",
            ),
        ),
        Claim(
            "paddr",
            "the physical address is that of the leaf, at its level",
            Mutant(
                _TRANSLATION,
                "leaf_paddr(tlb.pte, port.vaddr, tlb.level)",
                "leaf_paddr(tlb.pte, port.vaddr, tlb.level & 1)",
            ),
        ),
        Claim(
            "bare",
            "without translation it is the virtual address",
            Mutant(_TRANSLATION, "executable_or_data & ~out_of_range", "executable_or_data"),
        ),
        Claim(
            "not_canonical",
            "an address that is not canonical is a page fault at once",
            Mutant(
                "rtl/mmu/virtual_address.py",
                "self.extension == sign.replicate(25)",
                "self.extension[1:] == sign.replicate(24)",
            ),
        ),
    ),
)
