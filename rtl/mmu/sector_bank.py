"""TLB entries for 4 KiB pages: one tag for a sector of neighbouring pages."""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, memory
from amaranth.lib.wiring import In

from rtl.onehot import index_of, lowest, select

from .pte import Pte
from .replacement import Replacement
from .rows import read_all, read_row, write_row
from .tlb_bank import ASID_BITS, TlbBank, fence_vpn, fills_small_page
from .virtual_address import VPN_BITS


class SectorBank(TlbBank):
    """Each page of a sector has its own PTE, and is valid and global by itself.

    The fill of a larger page takes the page that it was filled for out of here.

    Parameters
    ----------
    sectors, pages : int
        Number of entries, and 4 KiB pages of each.

    Members
    -------
    forget : In(1)
        Invalid pages stop hitting, but for one that is filled in this cycle.
    """

    forget: In(1)

    def __init__(self, sectors: int, pages: int):
        self._sectors = sectors
        self._pages = pages
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        sectors, pages = self._sectors, range(self._pages)
        page_bits = self._pages.bit_length() - 1
        tag_layout = data.StructLayout({"asid": ASID_BITS, "sector": VPN_BITS - page_bits})
        m.submodules.tags = tag_memory = memory.Memory(shape=tag_layout, depth=sectors, init=[])
        tags = read_all(m, tag_memory)
        valid = [Signal(sectors, name=f"valid_page{page}") for page in pages]
        is_global = [Signal(sectors, name=f"global_page{page}") for page in pages]
        invalid = [Signal(sectors, name=f"invalid_page{page}") for page in pages]
        kept = [Signal(sectors, name=f"kept_page{page}") for page in pages]

        def every(condition: Value) -> Value:
            return condition.replicate(sectors)

        def is_page(vpn: Value) -> list[Value]:
            return [vpn[:page_bits] == page for page in pages]

        def same_sector(vpn: Value) -> Value:
            return Cat(tag.sector == vpn[page_bits:] for tag in tags)

        def same_asid(asid: Value) -> Value:
            return Cat(tag.asid == asid for tag in tags)

        hits = Signal(sectors)
        in_space = same_asid(self.asid) | select(is_page(self.vpn), is_global)
        m.d.comb += [
            hits.eq(select(is_page(self.vpn), valid) & same_sector(self.vpn) & in_space),
            self.hit.eq(hits.any()),
        ]

        fill, fence = self.fill, self.fence
        fill_global = fill.pte.g & fill.pte.v
        joins = Signal(sectors)
        chosen = Signal(sectors)
        occupied = reduce(or_, valid)
        m.submodules.replacement = replacement = Replacement(sectors)
        m.d.comb += [
            replacement.used.eq(hits & every(self.used)),
            replacement.occupied.eq(occupied),
            replacement.in_use.eq(self.in_use),
        ]
        for page in pages:
            m.d.comb += kept[page].eq(valid[page] & ~(invalid[page] & every(self.forget)))
            m.d.sync += valid[page].eq(kept[page])
        with m.If(fence.valid):
            # rs1 = x0: all addresses, else one page. rs2 = x0: all address spaces, else one,
            # "except for entries containing global mappings".
            named_sector = Signal(sectors)
            named_space = Signal(sectors)
            m.d.comb += [
                named_sector.eq(same_sector(fence_vpn(fence))),
                named_space.eq(same_asid(fence.asid)),
            ]
            for page, named_page in zip(pages, is_page(fence_vpn(fence)), strict=True):
                by_address = every(~fence.has_vaddr) | (named_sector & every(named_page))
                by_space = every(~fence.has_asid) | (named_space & ~is_global[page])
                m.d.sync += valid[page].eq(kept[page] & ~(by_address & by_space))
        with m.Elif(fill.valid):
            sector_there = Signal(sectors)
            space_there = Signal(sectors)
            m.d.comb += [
                sector_there.eq(same_sector(fill.vpn)),
                space_there.eq(same_asid(fill.asid) | every(fill_global)),
                # The page goes to its neighbours, where there are any.
                joins.eq(occupied & sector_there & space_there),
            ]
            with m.If(fills_small_page(fill)):
                m.d.comb += chosen.eq(Mux(joins.any(), lowest(joins), replacement.victim))
            evicted = Mux(joins.any(), 0, chosen)
            for page, filled in zip(pages, is_page(fill.vpn), strict=True):
                overlap = sector_there & (space_there | is_global[page])
                left = kept[page] & ~evicted
                m.d.sync += valid[page].eq(Mux(filled, (left & ~overlap) | chosen, left))
                with m.If(filled):
                    m.d.sync += is_global[page].eq(
                        Mux(fill_global, is_global[page] | chosen, is_global[page] & ~chosen)
                    )
                    m.d.sync += invalid[page].eq(
                        Mux(fill.pte.v, invalid[page] & ~chosen, invalid[page] | chosen)
                    )

        tag = Signal(tag_layout)
        m.d.comb += tag.eq(Cat(fill.asid, fill.vpn[page_bits:]))
        filled_now = fill.valid & fills_small_page(fill) & ~fence.valid
        write_row(m, tag_memory, filled_now & ~joins.any(), index_of(chosen), tag)

        m.submodules.ptes = ptes = memory.Memory(shape=Pte, depth=sectors << page_bits, init=[])
        pte_row = Cat(fill.vpn[:page_bits], index_of(chosen))
        write_row(m, ptes, filled_now, pte_row, fill.pte)
        m.d.comb += self.pte.eq(read_row(m, ptes, Cat(self.vpn[:page_bits], index_of(hits))))
        return m
