"""A first-level TLB: fully associative, looked up combinationally."""

from amaranth.hdl import Module, Mux
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.config import TlbConfig

from .ports import FenceSignature
from .pte import Pte
from .sector_bank import SectorBank
from .superpage_bank import SuperpageBank
from .tlb_bank import ASID_BITS, TlbFillSignature, fills_small_page
from .virtual_address import VPN_BITS


class Tlb(wiring.Component):
    """Sectored entries for 4 KiB pages, and entries for larger ones.

    At most one entry of each kind hits, and a 4 KiB page goes before a larger one, so that a hit
    has exactly one entry's contents. A page that was filled is what hits next, whatever was there:
    a walk that brings what the access needs (a D bit, by Svadu) must not be followed by another.

    Parameters
    ----------
    config : TlbConfig

    Members
    -------
    vpn : In(27), asid : In(16)
        Of the lookup.
    used : In(1)
        The lookup is of a real request: what it hits becomes the most recently used.
    hit : Out(1), pte : Out(Pte), level : Out(2)
        In the same cycle. The PTE may be invalid, and is not checked.
    fill : In(TlbFillSignature)
        Hits from the next cycle on. A fence in the same cycle wins: nothing is filled.
    fence : In(FenceSignature)
    forget : In(1)
        Drop the invalid pages, but for one that is filled in this cycle.
    sectors_in_use : In(7)
    """

    vpn: In(VPN_BITS)
    asid: In(ASID_BITS)
    used: In(1)
    hit: Out(1)
    pte: Out(Pte)
    level: Out(2)
    fill: In(TlbFillSignature())
    fence: In(FenceSignature())
    forget: In(1)
    sectors_in_use: In(7)

    def __init__(self, config: TlbConfig):
        self._config = config
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        config = self._config
        m.submodules.sectors = sectors = SectorBank(config.sectors, config.sector_pages)
        m.submodules.superpages = superpages = SuperpageBank(config.superpages)
        for bank in (sectors, superpages):
            wiring.connect(m, wiring.flipped(self.fence), bank.fence)
            wiring.connect(m, wiring.flipped(self.fill), bank.fill)
            m.d.comb += [bank.vpn.eq(self.vpn), bank.asid.eq(self.asid)]

        # Each bank sees only the uses of its kind, and the superpages only their fills.
        m.d.comb += [
            sectors.in_use.eq(self.sectors_in_use),
            sectors.used.eq(self.used),
            sectors.forget.eq(self.forget),
            superpages.fill.valid.eq(self.fill.valid & ~fills_small_page(self.fill)),
            superpages.in_use.eq(config.superpages),
            superpages.used.eq(self.used & ~sectors.hit),
            self.hit.eq(sectors.hit | superpages.hit),
            self.pte.eq(Mux(sectors.hit, sectors.pte.as_value(), superpages.pte.as_value())),
            self.level.eq(Mux(sectors.hit, 0, superpages.level)),
        ]
        return m
