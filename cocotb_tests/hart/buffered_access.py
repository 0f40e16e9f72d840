"""Load/store unit, store buffer and D$ as in a hart, without the rest of the pipeline."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import CacheConfig
from rtl.hart.load_store import LoadStoreUnit
from rtl.hart.store_buffer import StoreBuffer
from rtl.mem.bus import CoherentBusSignature
from rtl.mem.dcache import DCache
from rtl.mem.ports import DCachePortSignature, MemoryCommand, MmioPortSignature

WALKER, HOST, HART, STORES = range(4)
"""Ports of the D$."""

_INPUTS = {
    "next_valid": 1,
    "next_index": 12,
    "drain": 1,
    "valid": 1,
    "kill": 1,
    "size": 2,
    "unsigned": 1,
    "address": 64,
    "wdata": 64,
}
_OUTPUTS = {"hold": 1, "rdata": 64, "memory_value": 64, "exception": 1}


class BufferedAccess(wiring.Component):
    """Addresses are physical.

    Members
    -------
    next_valid ... wdata, command, hold ... exception
        Of the load/store unit.
    translated, cacheable : In(1)
        How the translation of the access ends; low: it does not yet.
    ports : In(DCachePortSignature()).array(2)
        Walker and host.
    mmio : Out(MmioPortSignature()), bus : Out(CoherentBusSignature())
    refuse : In(4)
        As of the D$.
    performed : Out(1)
        The D$ performs the oldest store.
    """

    command: Signal
    translated: Signal
    cacheable: Signal
    ports: Any
    mmio: Any
    bus: Any
    refuse: Signal
    performed: Signal

    def __init__(self, cache: CacheConfig, entries: int):
        self._cache = cache
        self._entries = entries
        super().__init__(
            {
                **{name: In(width) for name, width in _INPUTS.items()},
                **{name: Out(width) for name, width in _OUTPUTS.items()},
                "command": In(MemoryCommand),
                "translated": In(1),
                "cacheable": In(1),
                "ports": In(DCachePortSignature()).array(2),
                "mmio": Out(MmioPortSignature()),
                "bus": Out(CoherentBusSignature()),
                "refuse": In(4),
                "performed": Out(1),
            }
        )

    def elaborate(self, _platform):
        m = Module()
        m.submodules.unit = unit = LoadStoreUnit(buffered=True)
        m.submodules.buffer = buffer = StoreBuffer(self._entries)
        m.submodules.dcache = dcache = DCache(self._cache, requesters=4, outsiders=[HOST])
        connect(m, flipped(self.ports[0]), dcache.ports[WALKER])
        connect(m, flipped(self.ports[1]), dcache.ports[HOST])
        connect(m, unit.dcache, dcache.ports[HART])
        connect(m, buffer.dcache, dcache.ports[STORES])
        connect(m, unit.stores, buffer.port)
        connect(m, unit.mmio, flipped(self.mmio))
        connect(m, dcache.bus, flipped(self.bus))
        host = self.ports[1]
        m.d.comb += [
            *(getattr(unit, name).eq(getattr(self, name)) for name in (*_INPUTS, "command")),
            *(getattr(self, name).eq(getattr(unit, name)) for name in _OUTPUTS),
            unit.translation.ready.eq(self.translated),
            unit.translation.paddr.eq(unit.translation.vaddr),
            unit.translation.cacheable.eq(self.cacheable),
            dcache.refuse.eq(self.refuse),
            buffer.pause.eq(host.s0_valid | host.s1_valid),
            dcache.ports[HOST].s0_valid.eq(host.s0_valid & buffer.port.empty),
            self.performed.eq(buffer.dcache.s1_valid & buffer.dcache.s1_done),
        ]
        return m
