"""The ideal remote fence (strap `broadcast_fence`): one hart's fence, made at all other MMUs.

No core has it in this form; it is the lower bound that remote fences by interrupt are compared
with.
"""

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from rtl.onehot import round_robin, select

from .ports import FENCE_OPERANDS, BroadcastSignature


class FenceBroadcast(wiring.Component):
    """One fence at a time, by turns; it reaches the other harts in the cycle after it was seen.

    Parameters
    ----------
    harts : int

    Members
    -------
    harts : In(BroadcastSignature()).array(harts)
    """

    harts: Any

    def __init__(self, harts: int):
        self._count = harts
        super().__init__({"harts": In(BroadcastSignature()).array(harts)})

    def elaborate(self, platform):
        m = Module()
        harts, count = self.harts, self._count
        initiator = Signal(count)
        chosen = Signal(count)
        untaken = Signal(count)
        unsettled = Signal(count)
        operands = {name: Signal.like(getattr(harts[0].outgoing, name)) for name in FENCE_OPERANDS}
        m.d.comb += chosen.eq(
            round_robin(Cat(hart.outgoing.valid for hart in harts), after=initiator)
        )
        for hart, waits in zip(harts, untaken, strict=True):
            m.d.comb += hart.incoming.valid.eq(waits)
            m.d.comb += [getattr(hart.incoming, name).eq(operands[name]) for name in FENCE_OPERANDS]

        with m.FSM(name="broadcast_state"):
            with m.State("IDLE"), m.If(chosen.any()):
                m.d.sync += [
                    initiator.eq(chosen),
                    untaken.eq(~chosen),
                    unsettled.eq(~chosen),
                    *(
                        operands[name].eq(
                            select(chosen, [getattr(hart.outgoing, name) for hart in harts])
                        )
                        for name in FENCE_OPERANDS
                    ),
                ]
                m.next = "FENCE"
            with m.State("FENCE"):
                left = Signal(count)
                m.d.comb += left.eq(unsettled & (untaken | ~Cat(hart.settled for hart in harts)))
                m.d.sync += [
                    untaken.eq(untaken & ~Cat(hart.taken for hart in harts)),
                    unsettled.eq(left),
                ]
                with m.If(~left.any()):
                    m.d.comb += [
                        hart.done.eq(is_initiator)
                        for hart, is_initiator in zip(harts, initiator, strict=True)
                    ]
                    m.next = "IDLE"
        return m
