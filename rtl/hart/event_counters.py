"""Zihpm: the counters that software points at events of the cycle port."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import EVENT_COUNTER_NUMBERS, MHPMCOUNTER_BASE, MHPMEVENT_BASE
from rtl.trace.cycle import EventSignature

from .csr_bus import CsrWriteSignature

COUNTERS = range(EVENT_COUNTER_NUMBERS.start, EVENT_COUNTER_NUMBERS.start + 8)
"""Numbers of the counters that count; the others read zero."""

SELECTOR_BITS = 4
"""Selector 0 counts nothing, n counts the n-th event of `EventSignature`."""


class EventCounters(wiring.Component):
    """A write of a counter takes the place of its increment.

    Members
    -------
    csr : In(CsrWriteSignature())
    inhibit : In(32)
        mcountinhibit.
    events : In(EventSignature())
    counters : Out(64).array(8)
        In the order of `COUNTERS`.
    selectors : Out(32)
        4 bits for each of them, the first lowest.
    """

    csr: In(CsrWriteSignature())
    inhibit: In(32)
    events: In(EventSignature())
    counters: Out(64).array(len(COUNTERS))
    selectors: Out(SELECTOR_BITS * len(COUNTERS))

    def elaborate(self, platform):
        m = Module()
        counted = [
            (number, self.counters[index], self.selectors.word_select(index, SELECTOR_BITS))
            for index, number in enumerate(COUNTERS)
        ]
        # While nothing is selected, and in cycles without an event, the simulator skips the rest.
        happened = Signal(1 << SELECTOR_BITS)
        members = EventSignature().members
        with m.If(self.selectors.any()):
            m.d.comb += happened.eq(Cat(0, *(getattr(self.events, name) for name in members)))
        with m.If(happened.any()):
            for number, counter, selector in counted:
                with m.If(happened.bit_select(selector, 1) & ~self.inhibit[number]):
                    m.d.sync += counter.eq(counter + 1)
        with m.If(self.csr.valid), m.Switch(self.csr.address):
            for number, counter, selector in counted:
                with m.Case(MHPMCOUNTER_BASE + number):
                    m.d.sync += counter.eq(self.csr.data)
                with m.Case(MHPMEVENT_BASE + number):
                    m.d.sync += selector.eq(self.csr.data)
        return m
