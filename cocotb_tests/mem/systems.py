"""Configurations and small systems that the memory benches test."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import CacheConfig, L2CacheConfig
from rtl.mem.bus import DramSignature
from rtl.mem.dcache import DCache
from rtl.mem.hub import Hub
from rtl.mem.icache import ICache
from rtl.mem.l2_cache import L2Cache
from rtl.mem.ports import DCachePortSignature, ICachePortSignature
from rtl.mem.stall import BUS_CHANNELS, StallSource, connect_stalling_bus

TINY_CACHE = CacheConfig(sets=2, ways=2, line_bytes=16)
"""Evicts and conflicts all the time."""

DIRECT_CACHE = CacheConfig(sets=2, ways=1, line_bytes=16)
"""One way: two lines of a set are never there together."""

SMALL_CACHE = CacheConfig(sets=8, ways=4, line_bytes=64)
"""The default but for its number of sets, which costs nothing but time to build."""

SMALL_L2 = L2CacheConfig(sets=2, ways=2)
L2_LATENCY = 7

WALKER, HOST, HART = range(3)
"""Ports of each D$."""
PORTS = 3

LINE_NUMBER_BITS = 8


class BusTap(data.Struct):
    """What happens on the bus of a D$ in this cycle; lines by the low bits of their numbers."""

    acquire_offered: 1
    acquire_taken: 1
    acquire_to: 2
    acquire_line: LINE_NUMBER_BITS
    probe_offered: 1
    probe_taken: 1
    probe_to: 2
    probe_line: LINE_NUMBER_BITS
    release_taken: 1
    release_last: 1
    release_is_answer: 1
    release_has_data: 1
    release_to: 2
    release_line: LINE_NUMBER_BITS
    grant_last: 1
    grant_to: 2
    release_ack: 1


class CoherentSystem(wiring.Component):
    """The memory system of a machine without its harts; with `l2` it has a shared L2 cache of the
    latency `L2_LATENCY`.

    Members
    -------
    stall_seed : In(32)
        As the strap of this name, for every port and bus.
    data : In(DCachePortSignature()).array(PORTS * harts)
        Port p of hart h is number `PORTS * h + p`.
    fetch : In(ICachePortSignature()).array(harts)
    dram : Out(DramSignature())
    taps : Out(BusTap).array(harts)
    """

    stall_seed: Signal
    data: Any
    fetch: Any
    dram: Any
    taps: Any

    def __init__(self, harts: int, cache: CacheConfig, l2: L2CacheConfig | None = None):
        self._harts = harts
        self._cache = cache
        self._l2 = l2
        super().__init__(
            {
                "stall_seed": In(32),
                "data": In(DCachePortSignature()).array(PORTS * harts),
                "fetch": In(ICachePortSignature()).array(harts),
                "dram": Out(DramSignature()),
                "taps": Out(BusTap).array(harts),
            }
        )

    def elaborate(self, _platform):
        m = Module()
        m.submodules.hub = hub = Hub(self._harts, self._cache.line_bytes)
        if self._l2 is None:
            connect(m, hub.dram, flipped(self.dram))
        else:
            m.submodules.l2 = l2 = L2Cache(self._l2, self._cache.line_bytes)
            connect(m, hub.dram, l2.hub)
            connect(m, l2.dram, flipped(self.dram))
            m.d.comb += l2.latency.eq(L2_LATENCY)
        for hart in range(self._harts):
            dcache = DCache(self._cache, requesters=PORTS, outsiders=[HOST])
            icache = ICache(self._cache)
            m.submodules[f"dcache{hart}"] = dcache
            m.submodules[f"icache{hart}"] = icache
            for port, inner in enumerate(dcache.ports):
                connect(m, flipped(self.data[PORTS * hart + port]), inner)
            connect(m, flipped(self.fetch[hart]), icache.port)
            stalls = StallSource(2 * BUS_CHANNELS + PORTS + 1)
            m.submodules[f"stalls{hart}"] = stalls
            buses = stalls.refuse[: 2 * BUS_CHANNELS]
            refuse_data = stalls.refuse[2 * BUS_CHANNELS : -1]
            m.d.comb += [
                stalls.seed.eq(self.stall_seed),
                stalls.salt.eq(hart),
                dcache.refuse.eq(refuse_data),
                icache.refuse.eq(stalls.refuse[-1]),
            ]
            self._tap(m, hart, dcache.bus)
            for half, bus in enumerate((dcache.bus, icache.bus)):
                refuse = buses.word_select(half, BUS_CHANNELS)
                connect_stalling_bus(m, bus, hub.clients[2 * hart + half], refuse)
        return m

    def _tap(self, m: Module, hart: int, bus) -> None:
        def taken(channel):
            return channel.valid & channel.ready

        def line(payload):
            low = (self._cache.line_bytes - 1).bit_length()
            return payload.address[low : low + LINE_NUMBER_BITS]

        tap = self.taps[hart]
        acquire, probe, release, grant = bus.acquire, bus.probe, bus.release, bus.grant
        granted = taken(grant) & grant.payload.last
        m.d.comb += [
            tap.acquire_offered.eq(acquire.valid),
            tap.acquire_taken.eq(taken(acquire)),
            tap.acquire_to.eq(acquire.payload.to),
            tap.acquire_line.eq(line(acquire.payload)),
            tap.probe_offered.eq(probe.valid),
            tap.probe_taken.eq(taken(probe)),
            tap.probe_to.eq(probe.payload.to),
            tap.probe_line.eq(line(probe.payload)),
            tap.release_taken.eq(taken(release)),
            tap.release_last.eq(taken(release) & release.payload.last),
            tap.release_is_answer.eq(release.payload.probe),
            tap.release_has_data.eq(release.payload.has_data),
            tap.release_to.eq(release.payload.to),
            tap.release_line.eq(line(release.payload)),
            tap.grant_last.eq(granted & ~grant.payload.release_ack),
            tap.grant_to.eq(grant.payload.to),
            tap.release_ack.eq(granted & grant.payload.release_ack),
        ]
