"""Shared second-level cache: on the memory's side of the hub, so that it needs no coherence of its
own. The hub talks to it as to DRAM, and it talks to DRAM as the hub does.

Write-back, write-allocate; what the D$s hold it may hold or not.
"""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from rtl.config import SHORTEST_L2_LATENCY, CacheConfig, L2CacheConfig
from rtl.onehot import select

from .arrays import WayArray
from .bus import DramSignature
from .geometry import Geometry
from .l2_requests import L2Requests
from .l2_victim import L2Victim
from .replacement import Replacement


class L2Cache(wiring.Component):
    """One read or write of a line at a time; a read goes before a write that waits.

    A read that hits gives its first beat `latency` cycles after its turn has come, and one a cycle
    from then on. A miss asks DRAM one cycle after its turn and passes the beats on as they come. A
    write brings its whole line and never reads DRAM. A written victim leaves while its successor
    is on its way; until DRAM has performed that, the next miss waits.

    After reset the sets are emptied, one a cycle; requests wait for that.

    Parameters
    ----------
    config : L2CacheConfig
    line_bytes : int

    Members
    -------
    latency : In(8)
        Strap `l2_latency`, from `SHORTEST_L2_LATENCY`.
    hub : In(DramSignature()), dram : Out(DramSignature())
        On either side at most one read and one write are under way.
    """

    latency: Signal
    hub: Any
    dram: Any

    def __init__(self, config: L2CacheConfig, line_bytes: int):
        self._geometry = Geometry(CacheConfig(config.sets, config.ways, line_bytes))
        super().__init__(
            {"latency": In(8), "hub": In(DramSignature()), "dram": Out(DramSignature())}
        )

    def elaborate(self, platform):
        m = Module()
        geometry, hub, dram = self._geometry, self.hub, self.dram
        ways, beats, tag_bits = geometry.ways, geometry.beats, geometry.tag_bits
        # A row of the tags: | written | valid | tag |.
        m.submodules.tags = tags = WayArray(ways, geometry.sets, tag_bits + 2)
        m.submodules.data = data = WayArray(ways, geometry.sets * beats, 64)
        m.submodules.replacement = replacement = Replacement(ways)
        m.submodules.requests = requests = L2Requests(geometry)
        m.submodules.victim = victim = L2Victim(geometry)
        m.submodules.incoming = incoming = SyncFIFO(width=64, depth=beats)

        line = Signal(geometry.line_bits)
        line_set, line_tag = line[: geometry.set_bits], line[geometry.set_bits :]
        is_read = Signal()
        way = Signal(ways)
        match = Signal(ways)
        valid = Signal(ways)
        written = Signal(ways)
        m.d.comb += [
            valid.eq(Cat(row[tag_bits] for row in tags.read_data)),
            written.eq(Cat(row[tag_bits + 1] for row in tags.read_data)),
            match.eq(Cat(row[:tag_bits] == line_tag for row in tags.read_data) & valid),
            replacement.present.eq(valid),
        ]

        # A set is emptied, or a line is entered.
        empty_sets = Signal(range(geometry.sets + 1))
        emptying = Signal()
        enters = Signal()
        m.d.comb += [
            emptying.eq(empty_sets != geometry.sets),
            tags.write_way.eq(Mux(emptying, Const(-1, ways), Mux(enters, way, 0))),
            tags.write_row.eq(Mux(emptying, empty_sets[: geometry.set_bits], line_set)),
            tags.write_data.eq(Mux(emptying, 0, Cat(line_tag, Const(1, 1), ~is_read))),
        ]
        with m.If(emptying):
            m.d.sync += empty_sets.eq(empty_sets + 1)

        # Beats: out of the array to the hub or, of a victim, to DRAM; into it from either side.
        beat = Signal(range(beats))
        last_beat = Signal()
        streams = Signal()
        streamed = Signal()
        stores = Signal()
        done = Signal()
        m.d.comb += [
            last_beat.eq(beat == beats - 1),
            done.eq((streams | stores) & last_beat),
            data.read_en.eq(streams | victim.reads),
            data.read_row.eq(Cat(Mux(victim.reads, victim.beat, beat), line_set)),
            data.write_way.eq(Mux(stores, way, 0)),
            data.write_row.eq(Cat(beat, line_set)),
            data.write_data.eq(Mux(is_read, dram.read_data, incoming.r_data)),
            enters.eq(stores & last_beat),
            incoming.w_en.eq(hub.write_valid),
            incoming.w_data.eq(hub.write_data),
            incoming.r_en.eq(stores & ~is_read),
            victim.line.eq(Cat(line_set, select(replacement.victim, tags.read_data)[:tag_bits])),
        ]
        m.d.sync += streamed.eq(streams)
        with m.If(streams | stores):
            m.d.sync += beat.eq(beat + 1)

        # What the hub asks for, and the way to DRAM and back.
        with m.If(hub.request & ~hub.write):
            m.d.sync += hub.read_source.eq(hub.source)
        with m.If(hub.request & hub.write):
            m.d.sync += hub.write_source.eq(hub.source)
        array_word = select(way, data.read_data)
        m.d.comb += [
            requests.asked.eq(hub.request),
            requests.write.eq(hub.write),
            requests.asked_line.eq(geometry.line_of(hub.address)),
            requests.done.eq(done),
            requests.done_read.eq(is_read),
            requests.all_beats.eq(incoming.w_level == beats),
            hub.read_valid.eq(streamed | (stores & is_read)),
            hub.read_data.eq(Mux(streamed, array_word, dram.read_data)),
            hub.write_done.eq(done & ~is_read),
            dram.write.eq(victim.request),
            dram.address.eq(geometry.address_of(Mux(victim.request, victim.address_line, line))),
            dram.write_valid.eq(victim.write_valid),
            dram.write_data.eq(array_word),
            victim.write_done.eq(dram.write_done),
        ]

        left = Signal(8)
        asks_dram = Signal()
        m.d.comb += dram.request.eq(victim.request | asks_dram)
        with m.FSM(name="l2_state"):
            with m.State("IDLE"):
                m.d.comb += [
                    tags.read_en.eq(1),
                    tags.read_row.eq(requests.line[: geometry.set_bits]),
                ]
                m.d.sync += [line.eq(requests.line), is_read.eq(requests.is_read)]
                with m.If(requests.valid & ~emptying):
                    m.next = "CHECK"
            with m.State("CHECK"):
                m.d.sync += left.eq(self.latency - SHORTEST_L2_LATENCY)
                with m.If(match.any()):
                    m.d.sync += way.eq(match)
                    with m.If(is_read):
                        m.next = "STREAM"
                    with m.Else():
                        m.next = "STORE"
                with m.Elif(~victim.busy):
                    m.d.comb += [
                        replacement.step.eq(1),
                        victim.start.eq((replacement.victim & written & valid).any()),
                        asks_dram.eq(is_read),
                    ]
                    m.d.sync += way.eq(replacement.victim)
                    with m.If(is_read):
                        m.next = "FILL"
                    with m.Else():
                        m.next = "STORE"
            with m.State("STREAM"):
                m.d.comb += streams.eq(left == 0)
                with m.If(left != 0):
                    m.d.sync += left.eq(left - 1)
                with m.If(done):
                    m.next = "IDLE"
            with m.State("FILL"):
                m.d.comb += stores.eq(dram.read_valid)
                with m.If(done):
                    m.next = "IDLE"
            with m.State("STORE"):
                m.d.comb += stores.eq(1)
                with m.If(done):
                    m.next = "IDLE"
        return m
