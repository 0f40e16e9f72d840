"""Fetched words on their way to decode."""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from rtl.mmu.ports import TranslationFault

from .prediction import Prediction

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
    prediction : Out(Prediction)
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
                "prediction": Out(Prediction),
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
    last_valid : In(1), last_stop : In(1)
        A word was pushed in the last cycle; its upper half is not wanted.
    valid : Out(1), head : Out(FetchedWordSignature()), head_stop : Out(1)
    take : In(1)
    short : Out(1)
        There are two words at most.
    """

    flush: In(1)
    room: Out(1)
    push: In(1)
    pushed: In(FetchedWordSignature())
    last_valid: In(1)
    last_stop: In(1)
    valid: Out(1)
    head: Out(FetchedWordSignature())
    head_stop: Out(1)
    take: In(1)
    short: Out(1)

    def elaborate(self, platform):
        m = Module()
        # One bit more than an address: equal pointers are an empty queue.
        read = Signal(range(2 * _DEPTH))
        write = Signal(range(2 * _DEPTH))
        level = (write - read)[: len(read)]
        address_bits = len(read) - 1
        m.d.comb += [
            self.valid.eq(read != write),
            self.room.eq(level != _DEPTH),
            self.short.eq(level <= 2),
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
            "prediction": Prediction.as_shape().size,
        }
        for name, width in fields.items():
            memory = Memory(shape=width, depth=_DEPTH, init=[])
            m.submodules[name] = memory
            write_port = memory.write_port()
            read_port = memory.read_port(domain="comb")
            m.d.comb += [
                write_port.en.eq(self.push),
                write_port.addr.eq(write[:address_bits]),
                write_port.data.eq(Value.cast(getattr(self.pushed, name))),
                read_port.addr.eq(read[:address_bits]),
                getattr(self.head, name).eq(read_port.data),
            ]

        # Where a word ends is known a cycle after the word.
        m.submodules.stop = stop = Memory(shape=1, depth=_DEPTH, init=[])
        stop_write = stop.write_port()
        stop_read = stop.read_port(domain="comb")
        last = Signal(address_bits)
        m.d.sync += last.eq(write[:address_bits])
        m.d.comb += [
            stop_write.en.eq(self.last_valid),
            stop_write.addr.eq(last),
            stop_write.data.eq(self.last_stop),
            stop_read.addr.eq(read[:address_bits]),
            self.head_stop.eq(
                Mux(self.last_valid & (last == read[:address_bits]), self.last_stop, stop_read.data)
            ),
        ]
        with m.If(self.flush):
            m.d.sync += [read.eq(0), write.eq(0)]
        with m.Else():
            m.d.sync += [read.eq(read + self.take), write.eq(write + self.push)]
        return m
