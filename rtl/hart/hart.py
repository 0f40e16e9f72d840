"""One hart: the pipeline with its MMU and first-level caches."""

from typing import Any

from amaranth.hdl import Const, Module, Mux
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import SocConfig
from rtl.mem.bus import CoherentBusSignature
from rtl.mem.dcache import DCache
from rtl.mem.icache import ICache
from rtl.mem.ports import DCachePortSignature, MmioPortSignature
from rtl.mem.stall import StallSource
from rtl.mmu.ports import BroadcastSignature, FenceSignature
from rtl.mmu.remote_fence import RemoteFence
from rtl.mmu.unit import Mmu
from rtl.straps import StrapSignature
from rtl.trace.cycle import CycleSignature, EventSignature
from rtl.trace.retire import RetireSignature
from rtl.trace.store import StoreSignature
from rtl.trace.walk import WalkSignature

from .pipeline import Pipeline
from .store_buffer import StoreBuffer


def _show_later(m: Module, port, event) -> None:
    """Show on a trace port what happened two cycles before; fields are held without `valid`."""
    kept = event.signature.create(path=("kept",))
    for to, of in ((kept, event), (port, kept)):
        m.d.sync += to.valid.eq(of.valid)
        with m.If(of.valid):
            m.d.sync += [getattr(to, name).eq(getattr(of, name)) for name in of.signature.members]


class Hart(wiring.Component):
    """A hart of the machine; it starts at the strap `reset_pc` in M-mode.

    Parameters
    ----------
    soc : SocConfig

    Members
    -------
    straps : In(StrapSignature())
    hart_id : In(16), time : In(64), msip, mtip, set_ssip : In(1)
    icache_bus, dcache_bus : Out(CoherentBusSignature())
    mmio : Out(MmioPortSignature())
    host : In(DCachePortSignature())
        Accesses from outside the machine, through the D$.
    broadcast : Out(BroadcastSignature())
    retire : Out(RetireSignature()), cycle : Out(CycleSignature()), walk : Out(WalkSignature())
        All of them one cycle behind what they report.
    store : Out(StoreSignature()), fence : Out(FenceSignature())
        Stores of the D$, and what empties the TLBs, an ASID that is not honoured as 0. Two cycles
        behind, as `retire` is behind the memory stage: what the three show in one cycle happened
        in one.
    """

    straps: In(StrapSignature())
    hart_id: In(16)
    time: In(64)
    msip: In(1)
    mtip: In(1)
    set_ssip: In(1)
    icache_bus: Out(CoherentBusSignature())
    dcache_bus: Out(CoherentBusSignature())
    mmio: Out(MmioPortSignature())
    host: In(DCachePortSignature())
    broadcast: Out(BroadcastSignature())
    retire: Out(RetireSignature())
    cycle: Out(CycleSignature())
    walk: Out(WalkSignature())
    store: Out(StoreSignature())
    fence: Out(FenceSignature())

    def __init__(self, soc: SocConfig):
        super().__init__()
        self._soc = soc

    def elaborate(self, platform):
        m = Module()
        m.submodules.pipeline = pipeline = Pipeline(self._soc.hart)
        m.submodules.mmu = mmu = Mmu(self._soc)
        m.submodules.remote_fence = remote_fence = RemoteFence()
        m.submodules.icache = icache = ICache(self._soc.hart.icache)
        entries = self._soc.hart.store_buffer_entries
        requesters = 4 if entries else 3
        m.submodules.dcache = dcache = DCache(
            self._soc.hart.dcache,
            requesters=requesters,
            outsiders=[1],
            replaying=self._soc.hart.dcache_replays,
        )
        m.submodules.stalls = stalls = StallSource(requesters + 1)
        m.d.comb += [
            stalls.seed.eq(self.straps.stall_seed),
            stalls.salt.eq(self.hart_id),
            dcache.refuse.eq(stalls.refuse[:requesters]),
            icache.refuse.eq(stalls.refuse[requesters]),
        ]

        connect(m, flipped(self.straps), mmu.straps)
        for region, checked in zip(pipeline.pmp, mmu.pmp, strict=True):
            connect(m, region, checked)
        connect(m, pipeline.fetch, mmu.fetch)
        connect(m, pipeline.data, mmu.data)
        connect(m, pipeline.fence, remote_fence.own)
        connect(m, remote_fence.mmu, mmu.fence)
        connect(m, pipeline.broadcast, flipped(self.broadcast.outgoing))
        connect(m, flipped(self.broadcast.incoming), remote_fence.incoming)
        connect(m, pipeline.icache, icache.port)
        connect(m, mmu.dcache, dcache.ports[0])
        connect(m, flipped(self.host), dcache.ports[1])
        connect(m, pipeline.dcache, dcache.ports[2])
        no_stores = Const(1)
        if entries:
            m.submodules.store_buffer = store_buffer = StoreBuffer(entries)
            connect(m, pipeline.stores, store_buffer.port)
            connect(m, store_buffer.dcache, dcache.ports[3])
            no_stores = ~store_buffer.busy
            # The host's store may be the answer to one that has retired: it comes after that.
            m.d.comb += [
                store_buffer.pause.eq(
                    self.host.s0_valid | self.host.s1_valid | remote_fence.settling
                ),
                dcache.ports[1].s0_valid.eq(self.host.s0_valid & store_buffer.port.empty),
            ]
        connect(m, icache.bus, flipped(self.icache_bus))
        connect(m, dcache.bus, flipped(self.dcache_bus))
        connect(m, pipeline.mmio, flipped(self.mmio))
        connect(m, pipeline.retire, flipped(self.retire))
        m.d.comb += [
            pipeline.hart_id.eq(self.hart_id),
            pipeline.reset_pc.eq(self.straps.reset_pc),
            pipeline.honour_asid.eq(self.straps.honour_asid),
            pipeline.svadu.eq(self.straps.svadu),
            pipeline.broadcast_fence.eq(self.straps.broadcast_fence),
            pipeline.broadcast_done.eq(self.broadcast.done),
            self.broadcast.taken.eq(remote_fence.taken),
            self.broadcast.settled.eq(remote_fence.settled),
            remote_fence.in_flight.eq(pipeline.mmio.valid | ~no_stores),
            pipeline.time.eq(self.time),
            pipeline.msip.eq(self.msip),
            pipeline.mtip.eq(self.mtip),
            pipeline.set_ssip.eq(self.set_ssip),
            self.cycle.cause.eq(pipeline.cause),
            self.cycle.privilege.eq(pipeline.privilege),
            self.cycle.events.fence.eq(pipeline.fence_retired),
            self.cycle.events.mispredict.eq(pipeline.mispredict),
            self.cycle.events.exception.eq(pipeline.exception_taken),
            self.cycle.events.interrupt.eq(pipeline.interrupt_taken),
        ]
        for name in EventSignature().members:
            m.d.comb += getattr(pipeline.events, name).eq(getattr(self.cycle.events, name))
        # The pipeline's part of the trace is one cycle late already.
        m.d.sync += [
            self.cycle.events.itlb_miss.eq(mmu.itlb_miss),
            self.cycle.events.dtlb_miss.eq(mmu.dtlb_miss),
            self.cycle.events.walk.eq(mmu.walk_started),
            self.cycle.events.icache_miss.eq(icache.event_miss),
            self.cycle.events.dcache_miss.eq(dcache.event_miss),
            *(
                getattr(self.walk, name).eq(getattr(mmu.walk, name))
                for name in self.walk.signature.members
            ),
        ]
        _show_later(m, self.store, dcache.performed)
        fenced: Any = FenceSignature().create(path=("fenced",))
        m.d.comb += [
            *(
                getattr(fenced, name).eq(getattr(mmu.fence, name))
                for name in fenced.signature.members
            ),
            fenced.asid.eq(Mux(self.straps.honour_asid, mmu.fence.asid, 0)),
        ]
        _show_later(m, self.fence, fenced)
        return m
