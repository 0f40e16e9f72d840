"""L1 instruction cache: virtually indexed, physically tagged, read only, not snooped."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import CacheConfig
from rtl.onehot import select

from .arrays import WayArray
from .bus import CoherentBusSignature, Permission
from .geometry import Geometry
from .ports import ICachePortSignature
from .refill import Refill
from .replacement import Replacement


class ICache(wiring.Component):
    """One hart's instruction cache. It asks for uncached copies of lines, and nobody probes it.

    Parameters
    ----------
    config : CacheConfig

    Members
    -------
    port : In(ICachePortSignature())
    refuse : In(1)
        Nothing is accepted at s0 now, see `rtl.mem.stall`.
    bus : Out(CoherentBusSignature())
        Acquire and Grant only.
    event_miss : Out(1)
        One cycle for each line asked for.
    """

    port: Any
    refuse: Signal
    bus: Any
    event_miss: Signal

    def __init__(self, config: CacheConfig):
        self._geometry = Geometry(config)
        super().__init__(
            {
                "port": In(ICachePortSignature()),
                "refuse": In(1),
                "bus": Out(CoherentBusSignature()),
                "event_miss": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        geometry = self._geometry
        ways = geometry.ways
        port = self.port
        m.submodules.tags = tags = WayArray(ways, geometry.sets, geometry.tag_bits)
        m.submodules.data = data = WayArray(ways, geometry.sets * geometry.beats, 64)
        m.submodules.replacement = replacement = Replacement(ways)
        m.submodules.refill = refill = Refill(geometry)
        connect(m, flipped(self.bus.acquire), refill.acquire)
        connect(m, flipped(self.bus.grant), refill.grant)
        m.d.comb += self.bus.grant_ack.eq(refill.grant_ack)

        installing = refill.install_way.any()
        m.d.comb += [
            port.s0_ready.eq(~installing & ~self.refuse),
            tags.read_en.eq(port.s0_valid & port.s0_ready),
            tags.read_row.eq(geometry.set_of(port.s0_index)),
            data.read_en.eq(tags.read_en),
            data.read_row.eq(geometry.word_of(port.s0_index)),
        ]

        s1_set = geometry.set_of(port.s1_paddr)
        present = Signal(ways)
        match = Signal(ways)
        hit = Signal()
        word = Signal(64)
        m.d.comb += [
            match.eq(
                Cat(tag == geometry.tag_of(port.s1_paddr) for tag in tags.read_data) & present
            ),
            hit.eq(match.any()),
            word.eq(select(match, data.read_data)),
            port.s1_done.eq(port.s1_valid & hit),
            port.s1_word.eq(Mux(port.s1_paddr[2], word[32:], word[:32])),
        ]

        miss = Signal()
        # What a refill fetched before a flush is older than the fence.i: it is thrown away.
        outdated = Signal()
        with m.If(port.flush):
            m.d.sync += outdated.eq(1)
        with m.Elif(miss):
            m.d.sync += outdated.eq(0)
        m.d.comb += [
            miss.eq(port.s1_valid & ~hit & refill.idle & ~port.flush),
            self.event_miss.eq(miss),
            replacement.present.eq(present),
            replacement.step.eq(miss),
            refill.start.eq(miss),
            refill.line.eq(geometry.line_of(port.s1_paddr)),
            refill.way.eq(replacement.victim),
            refill.to.eq(Permission.NONE),
            data.write_way.eq(refill.write_way),
            data.write_row.eq(refill.write_row),
            data.write_data.eq(refill.write_data),
            tags.write_way.eq(refill.install_way),
            tags.write_row.eq(refill.install_set),
            tags.write_data.eq(refill.install_tag),
        ]

        # One bit per line, as registers: reset and a flush empty the cache in one cycle.
        changed_set = Signal(geometry.set_bits)
        mask = Signal(geometry.sets)
        m.d.comb += [
            changed_set.eq(Mux(installing, refill.install_set, s1_set)),
            mask.eq(Const(1, 1) << changed_set),
        ]
        for way in range(ways):
            valid = Signal(geometry.sets, name=f"valid_way{way}")
            m.d.comb += present[way].eq((valid >> s1_set)[0])
            with m.If(port.flush):
                m.d.sync += valid.eq(0)
            with m.Elif(refill.install_way[way] & ~outdated):
                m.d.sync += valid.eq(valid | mask)
            with m.Elif(miss & replacement.victim[way]):
                m.d.sync += valid.eq(valid & ~mask)
        return m
