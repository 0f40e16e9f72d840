"""Configurations and small systems that the memory benches test."""

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import CacheConfig
from rtl.mem.bus import DramSignature
from rtl.mem.dcache import DCache
from rtl.mem.hub import Hub
from rtl.mem.icache import ICache
from rtl.mem.ports import DCachePortSignature, ICachePortSignature
from rtl.mem.stall import BUS_CHANNELS, StallSource, connect_stalling_bus

TINY_CACHE = CacheConfig(sets=2, ways=2, line_bytes=16)
"""Evicts and conflicts all the time."""

DIRECT_CACHE = CacheConfig(sets=2, ways=1, line_bytes=16)
"""One way: two lines of a set are never there together."""

SMALL_CACHE = CacheConfig(sets=8, ways=4, line_bytes=64)
"""The default but for its number of sets, which costs nothing but time to build."""

RANDOM_HARTS = 3
"""Harts of the system that `system_random` drives."""


class CoherentSystem(wiring.Component):
    """The memory system of a machine without its harts.

    Members
    -------
    stall_seed : In(32)
        As the strap of this name, for every port and bus.
    data : In(DCachePortSignature()).array(harts)
    fetch : In(ICachePortSignature()).array(harts)
    dram : Out(DramSignature())
    """

    stall_seed: Signal
    data: Any
    fetch: Any
    dram: Any

    def __init__(self, harts: int, cache: CacheConfig):
        self._harts = harts
        self._cache = cache
        super().__init__(
            {
                "stall_seed": In(32),
                "data": In(DCachePortSignature()).array(harts),
                "fetch": In(ICachePortSignature()).array(harts),
                "dram": Out(DramSignature()),
            }
        )

    def elaborate(self, _platform):
        m = Module()
        m.submodules.hub = hub = Hub(self._harts, self._cache.line_bytes)
        connect(m, hub.dram, flipped(self.dram))
        for hart in range(self._harts):
            dcache = DCache(self._cache, requesters=1)
            icache = ICache(self._cache)
            m.submodules[f"dcache{hart}"] = dcache
            m.submodules[f"icache{hart}"] = icache
            connect(m, flipped(self.data[hart]), dcache.ports[0])
            connect(m, flipped(self.fetch[hart]), icache.port)
            stalls = StallSource(2 * BUS_CHANNELS + 2)
            m.submodules[f"stalls{hart}"] = stalls
            *buses, refuse_data, refuse_fetch = stalls.refuse
            m.d.comb += [
                stalls.seed.eq(self.stall_seed),
                stalls.salt.eq(hart),
                dcache.refuse.eq(refuse_data),
                icache.refuse.eq(refuse_fetch),
            ]
            for half, bus in enumerate((dcache.bus, icache.bus)):
                refuse = Cat(buses[half * BUS_CHANNELS : (half + 1) * BUS_CHANNELS])
                connect_stalling_bus(m, bus, hub.clients[2 * hart + half], refuse)
        return m
