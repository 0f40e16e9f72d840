"""What the hub has asked of the L2 cache, and what is next."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .geometry import Geometry


class L2Requests(wiring.Component):
    """Keeps one read and one write, each until it is done.

    Members
    -------
    asked : In(1), write : In(1), asked_line : In(line_bits)
        The hub asks for a read or write.
    all_beats : In(1)
        The data of the write is here.
    valid : Out(1), is_read : Out(1), line : Out(line_bits)
        The next request: a read, from the cycle on in which it is asked for, else a write, when all
        of its data is here.
    done : In(1), done_read : In(1)
        A write or, with `done_read`, the read is complete.
    """

    asked: Signal
    write: Signal
    asked_line: Signal
    all_beats: Signal
    valid: Signal
    is_read: Signal
    line: Signal
    done: Signal
    done_read: Signal

    def __init__(self, geometry: Geometry):
        super().__init__(
            {
                "asked": In(1),
                "write": In(1),
                "asked_line": In(geometry.line_bits),
                "all_beats": In(1),
                "valid": Out(1),
                "is_read": Out(1),
                "line": Out(geometry.line_bits),
                "done": In(1),
                "done_read": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        reading = Signal()
        writing = Signal()
        read_line = Signal.like(self.line)
        write_line = Signal.like(self.line)
        asks_read = Signal()
        m.d.comb += [
            asks_read.eq(self.asked & ~self.write),
            self.is_read.eq(reading | asks_read),
            self.valid.eq(self.is_read | writing & self.all_beats),
        ]
        with m.If(self.done & self.done_read):
            m.d.sync += reading.eq(0)
        with m.Elif(asks_read):
            m.d.sync += [reading.eq(1), read_line.eq(self.asked_line)]
        with m.If(self.done & ~self.done_read):
            m.d.sync += writing.eq(0)
        with m.Elif(self.asked & self.write):
            m.d.sync += [writing.eq(1), write_line.eq(self.asked_line)]
        with m.If(asks_read):
            m.d.comb += self.line.eq(self.asked_line)
        with m.Else():
            m.d.comb += self.line.eq(Mux(reading, read_line, write_line))
        return m
