"""The MMU of one hart: two TLBs, and a walker that they share."""

from amaranth.hdl import Module, Mux
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.config import SocConfig
from rtl.isa.pmp import PMP_ENTRIES
from rtl.mem.ports import DCachePortSignature
from rtl.straps import StrapSignature
from rtl.trace.walk import WalkSignature

from .lifetime import InvalidLifetime
from .pmp import PmpRegionSignature
from .ports import FenceSignature, TranslationSignature
from .speculation import Speculation
from .translation import Translation
from .virtual_address import OFFSET_BITS, VPN_BITS
from .walk_arbiter import WalkArbiter
from .walker import Walker


class Mmu(wiring.Component):
    """Sv39 translation for fetch and for loads and stores.

    Parameters
    ----------
    soc : SocConfig
        `soc.hart` gives the sizes of the TLBs and of the walk cache, the rest the memory map.

    Members
    -------
    straps : In(StrapSignature)
    pmp : In(PmpRegionSignature()).array(PMP_ENTRIES)
    fetch, data : In(TranslationSignature)
    fence : In(FenceSignature)
    dcache : Out(DCachePortSignature)
        Reads of PTEs, and updates of their A and D bits.
    walk : Out(WalkSignature)
    itlb_miss, dtlb_miss, walk_started : Out(1)
        Events: a walk begins for fetch, for data, for either. Speculative walks are none.
    """

    straps: In(StrapSignature())
    pmp: In(PmpRegionSignature()).array(PMP_ENTRIES)
    fetch: In(TranslationSignature())
    data: In(TranslationSignature())
    fence: In(FenceSignature())
    dcache: Out(DCachePortSignature())
    walk: Out(WalkSignature())
    itlb_miss: Out(1)
    dtlb_miss: Out(1)
    walk_started: Out(1)

    def __init__(self, soc: SocConfig):
        self._soc = soc
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        straps, hart = self.straps, self._soc.hart
        m.submodules.itlb = itlb = Translation(self._soc, hart.itlb)
        m.submodules.dtlb = dtlb = Translation(self._soc, hart.dtlb)
        m.submodules.arbiter = arbiter = WalkArbiter()
        m.submodules.speculation = speculation = Speculation()
        m.submodules.lifetime = lifetime = InvalidLifetime()
        m.submodules.walker = walker = Walker(self._soc)

        for part in (itlb, dtlb, walker):
            for region, checked in zip(self.pmp, part.pmp, strict=True):
                wiring.connect(m, wiring.flipped(region), checked)

        fenced_asid = Mux(straps.honour_asid, self.fence.asid, 0)
        for part in (itlb, dtlb, arbiter, walker):
            wiring.connect(m, wiring.flipped(self.fence), part.fence)
            m.d.comb += part.fence.asid.eq(fenced_asid)

        wiring.connect(m, wiring.flipped(self.fetch), itlb.port)
        wiring.connect(m, wiring.flipped(self.data), dtlb.port)
        wiring.connect(m, itlb.walker, arbiter.fetch)
        wiring.connect(m, dtlb.walker, arbiter.data)
        wiring.connect(m, walker.dcache, wiring.flipped(self.dcache))
        wiring.connect(m, walker.walk, wiring.flipped(self.walk))
        for translation, wanted, in_use in (
            (itlb, arbiter.for_fetch, straps.itlb_sectors_in_use),
            (dtlb, ~arbiter.for_fetch, straps.dtlb_sectors_in_use),
        ):
            wiring.connect(m, walker.fill, translation.fill)
            m.d.comb += [
                translation.fill.valid.eq(walker.fill.valid & wanted),
                translation.sectors_in_use.eq(in_use),
                translation.honour_asid.eq(straps.honour_asid),
            ]

        m.d.comb += [
            speculation.seed.eq(straps.speculative_walk_seed),
            speculation.context.eq(self.data.context),
            speculation.context.asid.eq(Mux(straps.honour_asid, self.data.context.asid, 0)),
            speculation.used.eq(self.data.valid & self.data.ready),
            speculation.vpn.eq(self.data.vaddr[OFFSET_BITS : OFFSET_BITS + VPN_BITS]),
            arbiter.unasked.eq(speculation.valid),
            arbiter.unasked_request.eq(speculation.request),
            lifetime.bound.eq(straps.svvptc_bound),
            arbiter.forget.eq(lifetime.forget),
            itlb.forget.eq(lifetime.forget),
            dtlb.forget.eq(lifetime.forget),
            walker.speculative.eq(arbiter.speculative),
            walker.data_present.eq(dtlb.walker.present),
            walker.start.eq(arbiter.start),
            walker.request.eq(arbiter.request),
            walker.wanted.eq(arbiter.wanted),
            walker.walk_cache_in_use.eq(straps.walk_cache_in_use),
            walker.cache_invalid_ptes.eq(straps.cache_invalid_ptes),
            walker.napot_16k.eq(straps.napot_16k),
            arbiter.idle.eq(walker.idle),
            arbiter.updates.eq(walker.updates),
            arbiter.fault.eq(walker.fault),
            self.itlb_miss.eq(arbiter.fetch.accepted),
            self.dtlb_miss.eq(arbiter.data.accepted),
            self.walk_started.eq(self.itlb_miss | self.dtlb_miss),
        ]
        return m
