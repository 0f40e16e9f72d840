"""Page-table walk (privileged spec, 4.3.2, with Sv39's three levels)."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, enum, wiring
from amaranth.lib.wiring import In, Out

from rtl.config import SocConfig
from rtl.dev.address_map import is_dram
from rtl.isa.pmp import PMP_ENTRIES
from rtl.isa.privilege import Privilege, TranslationContext
from rtl.mem.ports import DCachePortSignature, MemoryCommand
from rtl.trace.walk import WalkSignature

from .l2_tlb import L2Tlb
from .permission import PermissionCheck
from .pmp import PmpCheck, PmpRegionSignature
from .ports import AccessType, FenceSignature, TranslationFault
from .pte import LEVELS, Pte
from .tlb_bank import TlbFillSignature
from .virtual_address import OFFSET_BITS, VPN_BITS, table_index
from .walk_cache import WalkCache


class WalkRequest(data.Struct):
    """A translation that missed. Its address is canonical, so that 39 bits are all there is."""

    offset: OFFSET_BITS
    vpn: VPN_BITS
    access: AccessType
    context: TranslationContext


class WalkerState(enum.Enum, shape=4):
    """A level takes REQUEST to CHECK, one cycle each when the D$ hits."""

    IDLE = 0
    START = 1
    """Rocket's TLB and walker each register a request before the first PTE is asked for."""
    REQUEST = 2
    """The PTE is in the walk cache, which gives the next level at once; or s0 of the D$."""
    READ = 3
    """s1 of the D$."""
    SETTLE = 4
    """Rocket's D$ answers the walker one stage after s1."""
    CHECK = 5
    ANSWER = 6
    """Rocket's walker registers its answer,"""
    RETURN = 7
    """and the access that missed is presented again from an earlier stage."""
    RESPOND = 8
    UPDATE_REQUEST = 9
    """A or D is to be set: s0 of the D$"""
    UPDATE = 10
    """and s1."""


class Walker(wiring.Component):
    """Walks for one request at a time and says what to fill, or which fault to report.

    A fence ends a walk on the spot, without a result: whoever still wants the translation misses
    again and gets a walk that begins after the fence. A D$ read under way is dropped, as its
    port allows.

    A walk that ends in a malformed PTE fills, with `cache_invalid_ptes`, an invalid 4 KiB page
    for the address; any other leaf is filled whatever its permissions. Without, such a walk and
    one whose leaf denies the access fill nothing and report a page fault. A PTE outside DRAM is
    an access fault and never fills anything.

    A or D bits (Svadu) are set by one atomic access of the D$, UPDATE_PTE, which does nothing to
    a PTE that is not the one that was checked. Then the PTE is read again, "return to step 2", and
    what is there by now decides. A load or store that does not wait any more ends the walk before
    the update, so that D is set only for stores that are performed or raise an access fault.

    The L2 TLB, if there is one, is looked up first; what it has is checked like a leaf from memory,
    but for A and D bits that are to be set the PTE itself must be found.

    A speculative walk fills a valid leaf that has A set, in a cycle in which the data side asks
    for nothing, and does nothing else: it sets no bits and reports no fault.

    Members
    -------
    idle : Out(1), start : In(1)
        Start a walk; not in the cycle of a fence. One that is under way ends.
    request : In(WalkRequest), speculative : In(1)
        From the cycle after `start`, unchanged until the walker is idle again.
    data_present : In(1)
        The data side asks for a translation in this cycle.
    fill : Out(TlbFillSignature)
    fault : Out(TranslationFault)
        The walk ends in this cycle with a fault and fills nothing. Not valid in the cycle of a
        fence.
    fence : In(FenceSignature)
    dcache : Out(DCachePortSignature)
    walk : Out(WalkSignature)
        `instruction` is the access type of the request.
    updates : Out(1), wanted : In(1)
        A or D is about to be set; the request is still made.
    pmp : In(PmpRegionSignature()).array(PMP_ENTRIES)
    walk_cache_in_use : In(6), cache_invalid_ptes, napot_16k : In(1)
        Straps.
    """

    idle: Out(1)
    start: In(1)
    request: In(WalkRequest)
    speculative: In(1)
    data_present: In(1)
    fill: Out(TlbFillSignature())
    fault: Out(TranslationFault)
    fence: In(FenceSignature())
    dcache: Out(DCachePortSignature())
    walk: Out(WalkSignature())
    updates: Out(1)
    wanted: In(1)
    pmp: In(PmpRegionSignature()).array(PMP_ENTRIES)
    walk_cache_in_use: In(6)
    cache_invalid_ptes: In(1)
    napot_16k: In(1)

    def __init__(self, soc: SocConfig):
        self._soc = soc
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        request, dcache = self.request, self.dcache
        state = Signal(WalkerState)
        level = Signal(2)
        table_ppn = Signal(44)
        pte: Any = Signal(Pte)
        fault = Signal(TranslationFault)

        # Step 2: the PTE is at a + va.vpn[i] * PTESIZE.
        pte_paddr = Signal(56)
        m.d.comb += pte_paddr.eq(Cat(Const(0, 3), table_index(request.vpn, level), table_ppn))

        m.submodules.walk_cache = walk_cache = WalkCache(self._soc.hart.walk_cache_entries)
        wiring.connect(m, wiring.flipped(self.fence), walk_cache.fence)
        m.d.comb += [
            walk_cache.number.eq(pte_paddr[3:]),
            # The same page may serve as tables of several levels: a leaf is never looked up.
            walk_cache.lookup.eq((state == WalkerState.REQUEST) & (level != 0)),
            walk_cache.fill_pte.eq(pte),
            walk_cache.in_use.eq(self.walk_cache_in_use),
        ]

        from_l2_tlb = Signal()
        l2_tlb_hit = Signal()
        l2_tlb_pte: Any = Signal(Pte)
        if self._soc.hart.l2_tlb is not None:
            m.submodules.l2_tlb = l2_tlb = L2Tlb(self._soc.hart.l2_tlb)
            wiring.connect(m, wiring.flipped(self.fence), l2_tlb.fence)
            m.d.comb += [
                l2_tlb.lookup.eq(state == WalkerState.START),
                l2_tlb.vpn.eq(request.vpn),
                l2_tlb.asid.eq(request.context.asid),
                l2_tlb.fill.valid.eq(self.fill.valid & ~from_l2_tlb),
                l2_tlb.fill.vpn.eq(self.fill.vpn),
                l2_tlb.fill.asid.eq(self.fill.asid),
                l2_tlb.fill.level.eq(self.fill.level),
                l2_tlb.fill.pte.eq(self.fill.pte),
                l2_tlb_hit.eq(l2_tlb.hit),
                l2_tlb_pte.eq(l2_tlb.pte),
            ]

        m.submodules.permission = permission = PermissionCheck()
        m.d.comb += [
            permission.pte.eq(pte),
            permission.access.eq(request.access),
            permission.context.eq(request.context),
        ]

        # PTEs are read, and updated, as S-mode would.
        m.submodules.protection = protection = PmpCheck()
        for region, checked in zip(self.pmp, protection.regions, strict=True):
            wiring.connect(m, wiring.flipped(region), checked)
        m.d.comb += [
            protection.ppn.eq(pte_paddr[OFFSET_BITS:]),
            protection.access.eq(
                Mux(state == WalkerState.CHECK, AccessType.STORE, AccessType.LOAD)
            ),
            protection.privilege.eq(Privilege.S),
        ]

        m.d.comb += [
            self.idle.eq(state == WalkerState.IDLE),
            dcache.s0_index.eq(pte_paddr[:12]),
            dcache.s0_reads.eq(1),
            dcache.s1_command.eq(MemoryCommand.LOAD),
            dcache.s1_paddr.eq(pte_paddr),
            dcache.s1_size.eq(3),
            self.fill.vpn.eq(request.vpn),
            self.fill.asid.eq(request.context.asid),
            self.walk.instruction.eq(request.access == AccessType.FETCH),
            self.walk.vpn.eq(request.vpn),
            self.walk.level.eq(level),
            self.walk.paddr.eq(pte_paddr),
        ]

        with m.Switch(state):
            with m.Case(WalkerState.START):
                # Step 1: a = satp.ppn * PAGESIZE, i = LEVELS - 1.
                m.d.sync += [
                    table_ppn.eq(request.context.root_ppn),
                    level.eq(LEVELS - 1),
                    from_l2_tlb.eq(0),
                    state.eq(WalkerState.REQUEST),
                ]
            with m.Case(WalkerState.REQUEST):
                # "If accessing pte violates a PMA or PMP check, raise an access-fault exception
                # corresponding to the original access type."
                with m.If(l2_tlb_hit):
                    m.d.sync += [
                        pte.eq(l2_tlb_pte),
                        level.eq(0),
                        from_l2_tlb.eq(1),
                        state.eq(WalkerState.CHECK),
                    ]
                with m.Elif(~is_dram(self._soc, pte_paddr) | protection.denied):
                    m.d.sync += [
                        fault.eq(TranslationFault.ACCESS),
                        state.eq(WalkerState.ANSWER),
                    ]
                with m.Elif(walk_cache.hit):
                    m.d.sync += [table_ppn.eq(walk_cache.pte.ppn), level.eq(level - 1)]
                    m.d.comb += [
                        self.walk.valid.eq(1),
                        self.walk.from_walk_cache.eq(1),
                        self.walk.pte.eq(walk_cache.pte),
                    ]
                with m.Else():
                    m.d.comb += dcache.s0_valid.eq(1)
                    with m.If(dcache.s0_ready):
                        m.d.sync += state.eq(WalkerState.READ)
            with m.Case(WalkerState.READ):
                m.d.comb += [
                    dcache.s1_valid.eq(1),
                    self.walk.valid.eq(dcache.s1_done),
                    self.walk.pte.eq(dcache.s1_rdata),
                ]
                m.d.sync += [
                    pte.eq(dcache.s1_rdata),
                    state.eq(Mux(dcache.s1_done, WalkerState.SETTLE, WalkerState.REQUEST)),
                ]
            with m.Case(WalkerState.SETTLE):
                m.d.sync += state.eq(WalkerState.CHECK)
            with m.Case(WalkerState.CHECK):
                # Steps 3 to 6, as far as they do not depend on the access.
                with m.If(pte.is_malformed(level, self.napot_16k)):
                    m.d.sync += [
                        fault.eq(TranslationFault.PAGE),
                        state.eq(WalkerState.ANSWER),
                    ]
                with m.Elif(pte.is_leaf() & permission.needs_update & from_l2_tlb):
                    m.d.sync += [
                        level.eq(LEVELS - 1),
                        from_l2_tlb.eq(0),
                        state.eq(WalkerState.REQUEST),
                    ]
                with m.Elif(pte.is_leaf() & permission.needs_update & protection.denied):
                    m.d.sync += [
                        fault.eq(TranslationFault.ACCESS),
                        state.eq(WalkerState.ANSWER),
                    ]
                with m.Elif(pte.is_leaf() & permission.needs_update):
                    m.d.sync += state.eq(WalkerState.UPDATE_REQUEST)
                with m.Elif(pte.is_leaf()):
                    denied = permission.denied & ~self.cache_invalid_ptes & ~self.speculative
                    m.d.sync += [
                        fault.eq(Mux(denied, TranslationFault.PAGE, TranslationFault.NONE)),
                        state.eq(WalkerState.ANSWER),
                    ]
                with m.Else():
                    m.d.comb += walk_cache.fill_valid.eq(1)
                    m.d.sync += [
                        table_ppn.eq(pte.ppn),
                        level.eq(level - 1),
                        state.eq(WalkerState.REQUEST),
                    ]
            with m.Case(WalkerState.UPDATE_REQUEST):
                m.d.comb += dcache.s0_valid.eq(1)
                with m.If(dcache.s0_ready):
                    m.d.sync += state.eq(WalkerState.UPDATE)
            with m.Case(WalkerState.UPDATE):
                # "Compare pte to the value of the PTE at address a + va.vpn[i] * PTESIZE. If the
                # values match, set pte.a to 1 and, if the original memory access is a store, also
                # set pte.d to 1. If the comparison fails, return to step 2."
                updated: Any = Signal(Pte)
                m.d.comb += [
                    updated.eq(pte),
                    updated.a.eq(1),
                    # Not what was read: somebody may have cleared D meanwhile.
                    updated.d.eq(request.access == AccessType.STORE),
                    self.updates.eq(1),
                    dcache.s1_valid.eq(self.wanted),
                    dcache.s1_command.eq(MemoryCommand.UPDATE_PTE),
                    dcache.s1_wdata.eq(updated),
                    self.walk.valid.eq(dcache.s1_done),
                    self.walk.write.eq(dcache.s1_done),
                    self.walk.pte.eq(dcache.s1_rdata),
                    self.walk.wdata.eq(dcache.s1_wresult),
                ]
                with m.If(~self.wanted):
                    m.d.sync += state.eq(WalkerState.IDLE)
                with m.Elif(dcache.s1_done):
                    m.d.sync += state.eq(WalkerState.REQUEST)
                with m.Else():
                    m.d.sync += state.eq(WalkerState.UPDATE_REQUEST)
            with m.Case(WalkerState.ANSWER):
                m.d.sync += state.eq(WalkerState.RETURN)
            with m.Case(WalkerState.RETURN):
                m.d.sync += state.eq(WalkerState.RESPOND)
            with m.Case(WalkerState.RESPOND):
                page_fault = fault == TranslationFault.PAGE
                fills = (fault == TranslationFault.NONE) | (page_fault & self.cache_invalid_ptes)
                fills_unasked = (fault == TranslationFault.NONE) & pte.a & ~self.data_present
                m.d.comb += [
                    self.fill.valid.eq(Mux(self.speculative, fills_unasked, fills)),
                    # Whatever is wrong with the entry, it hits as an invalid page.
                    self.fill.level.eq(Mux(page_fault, 0, level)),
                    self.fill.pte.eq(pte),
                    self.fill.pte.v.eq(~page_fault),
                    self.fault.eq(Mux(fills | self.speculative, TranslationFault.NONE, fault)),
                ]
                with m.If(~(self.speculative & self.data_present)):
                    m.d.sync += state.eq(WalkerState.IDLE)

        with m.If(self.start):
            m.d.sync += state.eq(WalkerState.START)
        with m.If(self.fence.valid):
            m.d.sync += state.eq(WalkerState.IDLE)
        return m
