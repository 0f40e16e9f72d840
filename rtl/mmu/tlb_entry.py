"""One entry of a TLB: its tag, what it matches, and what a fill or a fence takes from it.

PTEs are not here but in memories of the TLB, addressed with the number of the entry that hits.
"""

from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .ports import FenceSignature
from .pte import Pte
from .virtual_address import OFFSET_BITS, VPN_BITS, VPN_LEVEL_BITS

ASID_BITS = 16


class TlbFillSignature(wiring.Signature):
    """Result of a walk on its way into a TLB, seen from the walker.

    Members
    -------
    valid : Out(1)
        Ignored in the cycle of a fence.
    vpn : Out(27), asid : Out(16), level : Out(2), pte : Out(Pte)
        An invalid entry (V clear) has level 0. Only the G bit of a valid leaf makes an entry
        global: that the G of a pointer covers all below it is not used, which the spec permits.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "vpn": Out(VPN_BITS),
                "asid": Out(ASID_BITS),
                "level": Out(2),
                "pte": Out(Pte),
            }
        )


def fence_vpn(fence) -> Value:
    """Virtual page number in rs1 of a fence."""
    return fence.vaddr[OFFSET_BITS : OFFSET_BITS + VPN_BITS]


class TlbEntry(wiring.Component):
    """What the two kinds of entries have in common.

    For every page and address space at most one entry of a kind hits, because a fill takes from
    all other entries what would hit too.

    Members
    -------
    vpn : In(27), asid : In(16)
        Of the lookup.
    hit : Out(1)
    giga : Out(1)
        The entry is a 1 GiB page.
    occupied : Out(1)
        Something in the entry is valid.
    fill : In(TlbFillSignature)
        A fill of this kind of entry.
    joins : Out(1)
        The page to be filled has its neighbours here: it belongs into this entry.
    chosen : In(1)
        The fill goes here.
    fence : In(FenceSignature)
    """

    vpn: In(VPN_BITS)
    asid: In(ASID_BITS)
    hit: Out(1)
    giga: Out(1)
    occupied: Out(1)
    fill: In(TlbFillSignature())
    joins: Out(1)
    chosen: In(1)
    fence: In(FenceSignature())

    def elaborate(self, platform) -> Module:
        raise NotImplementedError


class SectorEntry(TlbEntry):
    """Tag of `pages` neighbouring 4 KiB pages of one address space.

    Each page is valid and global by itself.
    """

    def __init__(self, pages: int):
        self._pages = pages
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        pages = self._pages
        page_bits = pages.bit_length() - 1
        tag = Signal(VPN_BITS - page_bits)
        asid = Signal(ASID_BITS)
        valid = Signal(pages)
        is_global = Signal(pages)

        def page_of(vpn: Value) -> Value:
            return (Const(1, 1) << vpn[:page_bits])[:pages]

        matching = is_global | (asid == self.asid).replicate(pages)
        in_sector = (valid & matching & page_of(self.vpn)).any()
        m.d.comb += [
            self.hit.eq((tag == self.vpn[page_bits:]) & in_sector),
            self.occupied.eq(valid.any()),
        ]

        fill, fence = self.fill, self.fence
        fill_page = page_of(fill.vpn)
        fill_global = fill.pte.g & fill.pte.v
        same_sector = tag == fill.vpn[page_bits:]
        same_space = (asid == fill.asid) | fill_global
        m.d.comb += self.joins.eq(self.occupied & same_sector & same_space)

        # rs1 = x0: all addresses; else the one page. rs2 = x0: all address spaces; else that one,
        # "except for entries containing global mappings".
        fenced_pages = Mux(
            fence.has_vaddr,
            page_of(fence_vpn(fence)) & (tag == fence_vpn(fence)[page_bits:]).replicate(pages),
            Const(-1, pages),
        )
        fenced_spaces = Mux(
            fence.has_asid,
            ~is_global & (asid == fence.asid).replicate(pages),
            Const(-1, pages),
        )
        with m.If(fence.valid):
            m.d.sync += valid.eq(valid & ~(fenced_pages & fenced_spaces))
        with m.Elif(fill.valid):
            with m.If(self.chosen & self.joins):
                m.d.sync += [
                    valid.eq(valid | fill_page),
                    is_global.eq(Mux(fill_global, is_global | fill_page, is_global & ~fill_page)),
                ]
            with m.Elif(self.chosen):
                m.d.sync += [
                    tag.eq(fill.vpn[page_bits:]),
                    asid.eq(fill.asid),
                    valid.eq(fill_page),
                    is_global.eq(fill_global.replicate(pages)),
                ]
            with m.Elif(same_sector):
                overlap = fill_page & (is_global | same_space.replicate(pages))
                m.d.sync += valid.eq(valid & ~overlap)
        return m


class SuperpageEntry(TlbEntry):
    """Tag of one 2 MiB or 1 GiB page."""

    def elaborate(self, platform) -> Module:
        m = Module()
        vpn1 = Signal(VPN_LEVEL_BITS)
        vpn2 = Signal(VPN_LEVEL_BITS)
        asid = Signal(ASID_BITS)
        is_global = Signal()

        def contains(vpn: Value, any_vpn1: Value) -> Value:
            same_vpn1 = vpn1 == vpn[VPN_LEVEL_BITS : 2 * VPN_LEVEL_BITS]
            return (vpn2 == vpn[2 * VPN_LEVEL_BITS :]) & (any_vpn1 | same_vpn1)

        in_space = is_global | (asid == self.asid)
        m.d.comb += self.hit.eq(self.occupied & contains(self.vpn, self.giga) & in_space)

        fill, fence = self.fill, self.fence
        fill_giga = fill.level == 2
        overlap = contains(fill.vpn, self.giga | fill_giga) & (
            is_global | fill.pte.g | (asid == fill.asid)
        )
        # An address anywhere in the superpage names its leaf.
        fenced = (~fence.has_vaddr | contains(fence_vpn(fence), self.giga)) & (
            ~fence.has_asid | (~is_global & (asid == fence.asid))
        )
        with m.If(fence.valid):
            m.d.sync += self.occupied.eq(self.occupied & ~fenced)
        with m.Elif(fill.valid):
            with m.If(self.chosen):
                m.d.sync += [
                    self.occupied.eq(1),
                    self.giga.eq(fill_giga),
                    vpn1.eq(fill.vpn[VPN_LEVEL_BITS : 2 * VPN_LEVEL_BITS]),
                    vpn2.eq(fill.vpn[2 * VPN_LEVEL_BITS :]),
                    asid.eq(fill.asid),
                    is_global.eq(fill.pte.g),
                ]
            with m.Elif(overlap):
                m.d.sync += self.occupied.eq(0)
        return m
