"""Store buffer: stores that have retired and wait for the D$, in order.

Entry 0 is the oldest. Loads of the hart look into the buffer, nobody else does: the walker reads
what the D$ holds (claim H24).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.mem.ports import DCachePortSignature, MemoryCommand
from rtl.onehot import select

YIELD_CYCLES = 15
"""So long the oldest store lets loads go first to the D$; then it takes its turn with them."""


def _bytes_below(size: Value) -> Value:
    """Bits 2:0 of an address that count inside an access of `1 << size` aligned bytes."""
    return Cat(size != 0, size[1], size == 3)


class _Entry(NamedTuple):
    """A store: its data in the low bytes."""

    paddr: Signal
    size: Signal
    wdata: Signal

    @classmethod
    def numbered(cls, number: int) -> _Entry:
        widths = {"paddr": 56, "size": 2, "wdata": 64}
        return cls(*(Signal(width, name=f"{name}{number}") for name, width in widths.items()))

    def assign(self, *values: Value) -> list:
        return [field.eq(value) for field, value in zip(self, values, strict=True)]


class StoreBufferSignature(wiring.Signature):
    """The store buffer, seen from the load/store unit.

    Members
    -------
    paddr : Out(56), size : Out(2)
        Of the access in MEM: a store to be taken, or a load that is looked up.
    push : Out(1), wdata : Out(64)
        Take this store; only with `room`.
    loads : Out(1)
        The load/store unit asks for s0 of the D$, and goes first.
    room, empty : In(1)
    overlaps : In(1)
        A store in the buffer writes some of the bytes at `paddr`.
    forwards : In(1), rdata : In(64)
        The youngest of them writes all these bytes: here they are, in the low bytes.
    """

    def __init__(self):
        super().__init__(
            {
                "paddr": Out(56),
                "size": Out(2),
                "push": Out(1),
                "wdata": Out(64),
                "loads": Out(1),
                "room": In(1),
                "empty": In(1),
                "overlaps": In(1),
                "forwards": In(1),
                "rdata": In(64),
            }
        )


class StoreBuffer(wiring.Component):
    """Performs one store a cycle where the D$ hits.

    Parameters
    ----------
    entries : int
        From 1; with 2 a sequence of stores that hit goes on at one a cycle.

    Members
    -------
    port : In(StoreBufferSignature())
    dcache : Out(DCachePortSignature())
    pause : In(1)
        Take no store: somebody waits until the buffer is empty.
    busy : Out(1)
        There are stores in it, or one comes in this cycle.
    """

    port: Any
    dcache: Any
    pause: Signal
    busy: Signal

    def __init__(self, entries: int):
        if entries < 1:
            raise ValueError(f"{entries} entries: a machine without a store buffer has none of it")
        self._entries = entries
        super().__init__(
            {
                "port": In(StoreBufferSignature()),
                "dcache": Out(DCachePortSignature()),
                "pause": In(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        port, count = self.port, self._entries
        held = Signal(range(count + 1))
        entries = [_Entry.numbered(number) for number in range(count)]
        performed = Signal()
        tail = Signal.like(held)
        m.d.comb += [
            tail.eq(held - performed),
            port.empty.eq(held == 0),
            port.room.eq((tail != count) & ~self.pause),
            self.busy.eq(~port.empty | port.push),
        ]
        m.d.sync += held.eq(tail + port.push)
        with m.If(performed):
            for older, younger in pairwise(entries):
                m.d.sync += older.assign(*younger)
        with m.If(port.push), m.Switch(tail):
            for number, entry in enumerate(entries):
                with m.Case(number):
                    m.d.sync += entry.assign(port.paddr, port.size, port.wdata)

        self._drain(m, held, performed, entries)
        self._look_up(m, held, entries)
        return m

    def _drain(self, m: Module, held: Signal, performed: Signal, entries: list[_Entry]) -> None:
        """The oldest store, or the second as soon as that one is performed, is at s0."""
        port, dcache = self.port, self.dcache
        oldest, second = entries[0], entries[min(1, len(entries) - 1)]
        in_s1 = Signal()
        patience = Signal(range(YIELD_CYCLES + 1), init=YIELD_CYCLES)
        m.d.sync += in_s1.eq(dcache.s0_valid & dcache.s0_ready)
        m.d.comb += [
            performed.eq(in_s1 & dcache.s1_done),
            dcache.s0_valid.eq((held > performed) & (~port.loads | (patience == 0))),
            dcache.s0_index.eq(Mux(performed, second.paddr[:12], oldest.paddr[:12])),
            dcache.s1_valid.eq(in_s1),
            dcache.s1_command.eq(MemoryCommand.STORE),
            dcache.s1_paddr.eq(oldest.paddr),
            dcache.s1_size.eq(oldest.size),
            dcache.s1_wdata.eq(oldest.wdata),
        ]
        with m.If(performed | (held == 0)):
            m.d.sync += patience.eq(YIELD_CYCLES)
        with m.Elif(patience != 0):
            m.d.sync += patience.eq(patience - 1)

    def _look_up(self, m: Module, held: Signal, entries: list[_Entry]) -> None:
        """Accesses are aligned: of two that overlap one contains the other."""
        port = self.port
        overlaps = Signal(len(entries))
        covers = Signal(len(entries))
        youngest = Signal(len(entries))
        wanted = _bytes_below(port.size)
        for number, entry in enumerate(entries):
            written = _bytes_below(entry.size)
            same_word = entry.paddr[3:] == port.paddr[3:]
            apart = (entry.paddr[:3] ^ port.paddr[:3]) & ~(written | wanted)
            m.d.comb += [
                overlaps[number].eq((held > number) & same_word & ~apart.any()),
                covers[number].eq(~(wanted & ~written).any()),
                youngest[number].eq(overlaps[number] & ~overlaps[number + 1 :].any()),
            ]
        offset = select(youngest, [port.paddr[:3] & _bytes_below(entry.size) for entry in entries])
        word = select(youngest, [entry.wdata for entry in entries])
        m.d.comb += [
            port.overlaps.eq(overlaps.any()),
            port.forwards.eq((youngest & covers).any()),
            port.rdata.eq(word >> Cat(Const(0, 3), offset)),
        ]
