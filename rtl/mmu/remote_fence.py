"""A hart's end of the ideal remote fence: its own fences and those of other harts, at one MMU."""

from amaranth.hdl import Module, Mux
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .ports import FENCE_OPERANDS, FenceSignature


class RemoteFence(wiring.Component):
    """Passes fences to the MMU, and knows when those of other harts hold for all this hart does.

    Loads, stores to the D$ and walks are translated anew in each cycle in which they are tried.
    What was translated earlier lies in the store buffer, or is an access that a device has not
    answered yet.

    Members
    -------
    own : In(FenceSignature)
        Goes first.
    incoming : In(FenceSignature), taken : Out(1), settled : Out(1)
        As in `BroadcastSignature`.
    mmu : Out(FenceSignature)
    in_flight : In(1)
        The store buffer has a store or gets one, or a device is asked.
    settling : Out(1)
        No store may enter the buffer.
    """

    own: In(FenceSignature())
    incoming: In(FenceSignature())
    taken: Out(1)
    settled: Out(1)
    mmu: Out(FenceSignature())
    in_flight: In(1)
    settling: Out(1)

    def elaborate(self, platform):
        m = Module()
        m.d.comb += [
            self.mmu.valid.eq(self.own.valid | self.incoming.valid),
            self.taken.eq(self.incoming.valid & ~self.own.valid),
            self.settled.eq(~self.settling),
        ]
        for name in FENCE_OPERANDS:
            mine, others = getattr(self.own, name), getattr(self.incoming, name)
            m.d.comb += getattr(self.mmu, name).eq(Mux(self.own.valid, mine, others))
        m.d.sync += self.settling.eq(self.in_flight & (self.taken | self.settling))
        return m
