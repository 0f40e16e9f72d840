"""Configurations and small systems that the memory benches test."""

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import CacheConfig
from rtl.mem.bus import DramSignature
from rtl.mem.dcache import DCache
from rtl.mem.hub import Hub
from rtl.mem.icache import ICache
from rtl.mem.ports import DCachePortSignature, ICachePortSignature

TINY_CACHE = CacheConfig(sets=2, ways=2, line_bytes=16)
"""Evicts and conflicts all the time."""

SMALL_CACHE = CacheConfig(sets=8, ways=4, line_bytes=64)
"""The default but for its number of sets, which costs nothing but time to build."""

RANDOM_HARTS = 3
"""Harts of the system that `system_random` drives."""


class CoherentSystem(wiring.Component):
    """The memory system of a machine without its harts.

    Members
    -------
    data : In(DCachePortSignature()).array(harts)
    fetch : In(ICachePortSignature()).array(harts)
    dram : Out(DramSignature())
    """

    data: Any
    fetch: Any
    dram: Any

    def __init__(self, harts: int, cache: CacheConfig):
        self._harts = harts
        self._cache = cache
        super().__init__(
            {
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
            connect(m, dcache.bus, hub.clients[2 * hart])
            connect(m, icache.bus, hub.clients[2 * hart + 1])
        return m
