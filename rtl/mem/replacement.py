"""Which line makes room: an empty way if there is one, else a pseudo-random one."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.onehot import lowest

LFSR_TAPS = (16, 15, 13, 4)
"""Maximal polynomial x^16 + x^15 + x^13 + x^4 + 1."""


class Replacement(wiring.Component):
    """Deterministic choice of a victim; the random sequence steps once for each miss.

    Members
    -------
    present : In(ways)
        Ways of the set that hold a line.
    step : In(1)
        The victim was used.
    victim : Out(ways)
        One-hot.
    """

    present: Signal
    step: Signal
    victim: Signal

    def __init__(self, ways: int):
        self._ways = ways
        super().__init__({"present": In(ways), "step": In(1), "victim": Out(ways)})

    def elaborate(self, platform):
        m = Module()
        lfsr = Signal(16, init=1)
        feedback = Signal()
        m.d.comb += feedback.eq(Cat(lfsr[tap - 1] for tap in LFSR_TAPS).xor())
        with m.If(self.step):
            m.d.sync += lfsr.eq(Cat(feedback, lfsr[:-1]))
        # Scaling maps the random byte to a way for any number of ways.
        number = (lfsr[:8] * self._ways)[8:]
        random_way = Cat(number == way for way in range(self._ways))
        empty = Signal(self._ways)
        m.d.comb += [
            empty.eq(~self.present),
            self.victim.eq(Mux(empty.any(), lowest(empty), random_way)),
        ]
        return m
