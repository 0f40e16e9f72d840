"""The ideal remote fence from end to end, without the harts."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.mmu.broadcast import FenceBroadcast
from rtl.mmu.ports import FenceSignature
from rtl.mmu.remote_fence import RemoteFence

HARTS = 3


class BroadcastSystem(wiring.Component):
    """Members: for each hart its own fences, those for all, what reaches its MMU, what is under
    way in it, and that its fence for all is done.
    """

    own: Any
    outgoing: Any
    mmu: Any
    in_flight: Signal
    done: Signal
    settling: Signal

    def __init__(self):
        super().__init__(
            {
                "own": In(FenceSignature()).array(HARTS),
                "outgoing": In(FenceSignature()).array(HARTS),
                "mmu": Out(FenceSignature()).array(HARTS),
                "in_flight": In(HARTS),
                "done": Out(HARTS),
                "settling": Out(HARTS),
            }
        )

    def elaborate(self, _platform):
        m = Module()
        m.submodules.broadcast = broadcast = FenceBroadcast(HARTS)
        for hart, port in enumerate(broadcast.harts):
            end = RemoteFence()
            m.submodules[f"end{hart}"] = end
            connect(m, flipped(self.own[hart]), end.own)
            connect(m, flipped(self.outgoing[hart]), port.outgoing)
            connect(m, port.incoming, end.incoming)
            connect(m, end.mmu, flipped(self.mmu[hart]))
            m.d.comb += [
                port.taken.eq(end.taken),
                port.settled.eq(end.settled),
                end.in_flight.eq(self.in_flight[hart]),
                self.done[hart].eq(port.done),
                self.settling[hart].eq(end.settling),
            ]
        return m
