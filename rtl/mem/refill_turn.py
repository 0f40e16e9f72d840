"""Whose miss is next: requesters of the D$ whose lines evict each other's take turns."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.onehot import round_robin

PATIENCE_CYCLES = 8
"""So long after a refill the turn is kept for a requester that may not want it any more."""


class RefillTurn(wiring.Component):
    """Decides whether the access in s1 may start a refill.

    First the requester that the last line was fetched for uses it; then those that met a miss
    meanwhile go on by turns. So nobody's line is evicted before he has used it, and nobody waits
    for more than one refill of each other requester, whatever their priority at s0.

    A requester may have lost interest, so that a turn which is not taken passes.

    Members
    -------
    requester : In(requesters)
        Whose access is in s1, one-hot.
    misses : In(1)
        It needs a refill.
    starts : In(1)
        It gets one, in this cycle.
    done : In(1)
        It completes.
    installed : In(1)
        A line was fetched and is there from the next cycle on.
    allowed : Out(1)
    """

    requester: Signal
    misses: Signal
    starts: Signal
    done: Signal
    installed: Signal
    allowed: Signal

    def __init__(self, requesters: int):
        self._requesters = requesters
        super().__init__(
            {
                "requester": In(requesters),
                "misses": In(1),
                "starts": In(1),
                "done": In(1),
                "installed": In(1),
                "allowed": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        owner = Signal(self._requesters)
        unused = Signal()
        waiting = Signal(self._requesters)
        patience = Signal(range(PATIENCE_CYCLES + 1))
        is_owner = (self.requester & owner).any()
        is_next = (self.requester & round_robin(waiting | self.requester, after=owner)).any()
        m.d.comb += self.allowed.eq(1)
        with m.If(patience.any()):
            m.d.comb += self.allowed.eq(Mux(unused, is_owner, is_next))
            m.d.sync += patience.eq(patience - 1)
            with m.If(self.done & is_owner):
                m.d.sync += unused.eq(0)

        with m.If(self.installed):
            m.d.sync += [patience.eq(PATIENCE_CYCLES), unused.eq(1)]
        with m.If(self.starts):
            m.d.sync += [owner.eq(self.requester), waiting.eq(waiting & ~self.requester)]
        with m.Elif(self.misses):
            m.d.sync += waiting.eq(waiting | self.requester)
        with m.Elif(patience == 1):
            m.d.sync += waiting.eq(0)
        return m
