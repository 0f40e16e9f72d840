"""How long an invalid PTE may be remembered: Svvptc."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

CYCLES_IN_WALKER = 5
"""From the cycle in which a PTE is read to the fill of a TLB, or the fault that is reported."""


class InvalidLifetime(wiring.Component):
    """Says now and then that everything that remembers an invalid PTE is to be dropped.

    What is filled in a cycle of `forget` stays until the next one, P cycles later. So a PTE that
    was invalid when the walker read it causes no fault after P + 5 cycles, and if another value
    is there from the next cycle on, the last fault comes P + 4 cycles after that. P is made from
    the bound, and is 1 where the bound is shorter than a walker can keep.

    Members
    -------
    bound : In(16)
        Strap `svvptc_bound`; 0: never.
    forget : Out(1)
    """

    bound: In(16)
    forget: Out(1)

    def elaborate(self, platform) -> Module:
        m = Module()
        left = Signal(16)
        with m.If(self.bound != 0):
            shortest = self.bound < CYCLES_IN_WALKER
            m.d.comb += self.forget.eq(left == 0)
            with m.If(self.forget):
                m.d.sync += left.eq(Mux(shortest, 0, self.bound - CYCLES_IN_WALKER))
            with m.Else():
                m.d.sync += left.eq(left - 1)
        return m
