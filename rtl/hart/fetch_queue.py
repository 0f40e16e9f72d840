"""Fetched words on their way to decode."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from rtl.mmu.ports import TranslationFault

_DEPTH = 4


class FetchedWordSignature(wiring.Signature):
    """An aligned word of two 16-bit parcels and how it was fetched, seen from the fetch side.

    Members
    -------
    pc : Out(64)
        Of the first parcel that is wanted: the upper one where bit 1 is set.
    word : Out(32)
    fault : Out(TranslationFault)
        The fetch faulted, `word` is undefined.
    ppn : Out(44), pte : Out(64), level : Out(2), translated : Out(1)
        For the retire port.
    """

    def __init__(self):
        super().__init__(
            {
                "pc": Out(64),
                "word": Out(32),
                "fault": Out(TranslationFault),
                "ppn": Out(44),
                "pte": Out(64),
                "level": Out(2),
                "translated": Out(1),
            }
        )


class FetchQueue(wiring.Component):
    """Four words deep; one that is pushed can be taken in the next cycle.

    Members
    -------
    flush : In(1)
        Drop everything, also what is pushed now.
    room : Out(1)
        A push is possible; does not depend on `take`.
    push : In(1), pushed : In(FetchedWordSignature())
    valid : Out(1), head : Out(FetchedWordSignature())
    take : In(1)
    """

    flush: In(1)
    room: Out(1)
    push: In(1)
    pushed: In(FetchedWordSignature())
    valid: Out(1)
    head: Out(FetchedWordSignature())
    take: In(1)

    def elaborate(self, platform):
        m = Module()
        # One bit more than an address: equal pointers are an empty queue.
        read = Signal(range(2 * _DEPTH))
        write = Signal(range(2 * _DEPTH))
        address_bits = len(read) - 1
        m.d.comb += [
            self.valid.eq(read != write),
            self.room.eq((write - read)[: len(read)] != _DEPTH),
        ]
        # A memory per field: words of at most 64 bits are what Verilator handles fast.
        fields = {
            "pc": 64,
            "word": 32,
            "fault": 2,
            "ppn": 44,
            "pte": 64,
            "level": 2,
            "translated": 1,
        }
        for name, width in fields.items():
            memory = Memory(shape=width, depth=_DEPTH, init=[])
            m.submodules[name] = memory
            write_port = memory.write_port()
            read_port = memory.read_port(domain="comb")
            m.d.comb += [
                write_port.en.eq(self.push),
                write_port.addr.eq(write[:address_bits]),
                write_port.data.eq(getattr(self.pushed, name)),
                read_port.addr.eq(read[:address_bits]),
                getattr(self.head, name).eq(read_port.data),
            ]
        with m.If(self.flush):
            m.d.sync += [read.eq(0), write.eq(0)]
        with m.Else():
            m.d.sync += [read.eq(read + self.take), write.eq(write + self.push)]
        return m
