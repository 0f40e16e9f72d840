"""LR/SC: the reservation of one hart, and the time that it keeps other harts away."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .geometry import Geometry

PROBE_HOLD_CYCLES = 80
"""After an LR probes wait this long, so that a constrained LR/SC loop (16 instructions, A 8.3 of
the unprivileged specification) can finish. Rocket waits as long."""


class Reservation(wiring.Component):
    """Reservation on the line of the last LR.

    It ends with any SC, when the line is evicted, when a probe takes it away, and when somebody
    else writes it through this cache. Probes
    of the line are held off after an LR; one that already waits gets its turn before a further
    LR may hold it off again, or a loop of LRs would starve the other harts.

    Members
    -------
    line : In(line_bits)
        Line of the access in s1, or of the probe that is looked up.
    lr, sc : In(1)
        An LR or SC on `line` completes.
    lost : In(1)
        A probe leaves no copy of `line` here, or somebody else than the hart writes it.
    evicted : In(1), evicted_line : In(line_bits)
        A line makes room for another.
    probe_waits, probe_accepted : In(1), probe_line : In(line_bits)
        A probe of `probe_line` is offered; it is accepted.
    matches : Out(1)
        `line` is reserved.
    hold_probes : Out(1)
        The probe must not be accepted.
    """

    line: Signal
    lr: Signal
    sc: Signal
    lost: Signal
    evicted: Signal
    evicted_line: Signal
    probe_waits: Signal
    probe_accepted: Signal
    probe_line: Signal
    matches: Signal
    hold_probes: Signal

    def __init__(self, geometry: Geometry):
        self._geometry = geometry
        super().__init__(
            {
                "line": In(geometry.line_bits),
                "lr": In(1),
                "sc": In(1),
                "lost": In(1),
                "evicted": In(1),
                "evicted_line": In(geometry.line_bits),
                "probe_waits": In(1),
                "probe_accepted": In(1),
                "probe_line": In(geometry.line_bits),
                "matches": Out(1),
                "hold_probes": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        valid = Signal()
        line = Signal(self._geometry.line_bits)
        hold = Signal(range(PROBE_HOLD_CYCLES + 1))
        # Set when a probe was let through since the last LR that held probes off.
        probes_served = Signal()
        m.d.comb += [
            self.matches.eq(valid & (line == self.line)),
            self.hold_probes.eq(valid & (hold != 0) & (line == self.probe_line)),
        ]
        with m.If(hold != 0):
            m.d.sync += hold.eq(hold - 1)
        with m.If(self.probe_accepted):
            m.d.sync += probes_served.eq(1)
        with m.If(self.lr):
            m.d.sync += [valid.eq(1), line.eq(self.line)]
            with m.If(~self.probe_waits | probes_served):
                m.d.sync += [hold.eq(PROBE_HOLD_CYCLES), probes_served.eq(0)]
        with m.Elif(self.sc):
            m.d.sync += [valid.eq(0), hold.eq(0)]
        with m.Elif(self.lost & self.matches | self.evicted & (line == self.evicted_line)):
            m.d.sync += valid.eq(0)
        return m
