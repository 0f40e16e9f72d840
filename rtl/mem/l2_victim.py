"""A written line that leaves the L2 cache for DRAM."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .geometry import Geometry


class L2Victim(wiring.Component):
    """Reads the line out of the data array and sends it, one beat a cycle.

    Cycle t: `start`; from t + 1 on a beat is read in each cycle, before its successor's beat is
    written at the same place; from t + 2 on DRAM gets them.

    Members
    -------
    start : In(1), line : In(line_bits)
        Only while not busy.
    busy : Out(1)
        From the cycle after `start` until DRAM has performed the write.
    reads : Out(1), beat : Out(log2(beats))
        The data array is read.
    request : Out(1), address_line : Out(line_bits), write_valid : Out(1), write_done : In(1)
        To and from DRAM; the data of `write_valid` is what the array returns.
    """

    start: Signal
    line: Signal
    busy: Signal
    reads: Signal
    beat: Signal
    request: Signal
    address_line: Signal
    write_valid: Signal
    write_done: Signal

    def __init__(self, geometry: Geometry):
        self._beats = geometry.beats
        super().__init__(
            {
                "start": In(1),
                "line": In(geometry.line_bits),
                "busy": Out(1),
                "reads": Out(1),
                "beat": Out(range(geometry.beats)),
                "request": Out(1),
                "address_line": Out(geometry.line_bits),
                "write_valid": Out(1),
                "write_done": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        with m.If(self.start):
            m.d.sync += [self.busy.eq(1), self.reads.eq(1), self.address_line.eq(self.line)]
        with m.Elif(self.write_done):
            m.d.sync += self.busy.eq(0)
        with m.If(self.reads):
            m.d.sync += self.beat.eq(self.beat + 1)
            with m.If(self.beat == self._beats - 1):
                m.d.sync += self.reads.eq(0)
        m.d.sync += [
            self.write_valid.eq(self.reads),
            self.request.eq(self.reads & (self.beat == 0)),
        ]
        return m
