"""Channel B of the D$: another agent wants a line, or wants us to give up writing it."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .bus import Permission, Probe
from .geometry import Geometry

HOLD_AFTER_GRANT_CYCLES = 8
"""Probes wait this long after a refill, so that the access that missed is made before the line is
taken again: without it two harts could exchange a line for ever. Rocket waits as long."""


class ProbeUnit(wiring.Component):
    """Takes a probe, looks its line up through s0 and s1 like an access, and has it answered.

    Cycle t: probe taken, the set is read; t + 1: `lookup`, the line is in s1 and the answer is
    handed to the release unit; then wait until it is sent.

    Members
    -------
    probe : In(stream(Probe))
    may_accept : In(1)
        The rest of the cache allows a lookup to start now.
    hold : In(1)
        As `may_accept`, inverted, for a reserved line.
    refilled : In(1)
        A line is installed.
    accept : Out(1)
        A probe is taken: s0 belongs to it.
    offered_line : Out(line_bits)
        Line of the probe that is on offer or taken.
    idle : Out(1), lookup : Out(1), line : Out(line_bits), to : Out(Permission)
        `lookup`: `line` is in s1 and loses all permission above `to`.
    answered : In(1)
        The last beat of the answer is taken.
    """

    probe: stream.Interface
    may_accept: Signal
    hold: Signal
    refilled: Signal
    accept: Signal
    offered_line: Signal
    idle: Signal
    lookup: Signal
    line: Signal
    to: Signal
    answered: Signal

    def __init__(self, geometry: Geometry):
        self._geometry = geometry
        super().__init__(
            {
                "probe": In(stream.Signature(Probe)),
                "may_accept": In(1),
                "hold": In(1),
                "refilled": In(1),
                "accept": Out(1),
                "offered_line": Out(geometry.line_bits),
                "idle": Out(1),
                "lookup": Out(1),
                "line": Out(geometry.line_bits),
                "to": Out(Permission),
                "answered": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        hold_after_grant = Signal(range(HOLD_AFTER_GRANT_CYCLES + 1))
        with m.If(self.refilled):
            m.d.sync += hold_after_grant.eq(HOLD_AFTER_GRANT_CYCLES)
        with m.Elif(hold_after_grant != 0):
            m.d.sync += hold_after_grant.eq(hold_after_grant - 1)

        m.d.comb += self.offered_line.eq(self._geometry.line_of(self.probe.payload.address))
        with m.FSM(name="probe_state"):
            with m.State("IDLE"):
                m.d.comb += [
                    self.idle.eq(1),
                    self.probe.ready.eq(self.may_accept & ~self.hold & (hold_after_grant == 0)),
                    self.accept.eq(self.probe.valid & self.probe.ready),
                ]
                with m.If(self.accept):
                    m.d.sync += [
                        self.line.eq(self.offered_line),
                        self.to.eq(self.probe.payload.to),
                    ]
                    m.next = "LOOKUP"
            with m.State("LOOKUP"):
                m.d.comb += self.lookup.eq(1)
                m.next = "ANSWER"
            with m.State("ANSWER"), m.If(self.answered):
                m.next = "IDLE"
        return m
