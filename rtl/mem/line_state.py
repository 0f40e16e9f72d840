"""State of every line in the D$: TileLink's permission, and whether the line was written."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import enum, wiring
from amaranth.lib.wiring import In, Out

from .geometry import Geometry


class LineState(enum.Enum, shape=2):
    """None, Branch, Trunk, and Trunk that differs from memory: encoded as `Permission` so far."""

    NONE = 0
    BRANCH = 1
    TRUNK = 2
    DIRTY = 3


class LineStates(wiring.Component):
    """States as registers, so that reset empties the cache in one cycle.

    Each way keeps two vectors with one bit for each set: a set is picked by a shift, which is
    cheaper to simulate than a multiplexer over all lines.

    Members
    -------
    set : In(set_bits)
        The set that is looked up and updated.
    present, writable, dirty : Out(ways)
        Per way, in the same cycle: at least Branch; at least Trunk; Dirty.
    update_way : In(ways), update_set : In(set_bits), update_state : In(LineState)
        The line at these places has the new state from the next cycle on.
    """

    set: Signal
    present: Signal
    writable: Signal
    dirty: Signal
    update_way: Signal
    update_set: Signal
    update_state: Any

    def __init__(self, geometry: Geometry):
        self._geometry = geometry
        super().__init__(
            {
                "set": In(geometry.set_bits),
                "present": Out(geometry.ways),
                "writable": Out(geometry.ways),
                "dirty": Out(geometry.ways),
                "update_way": In(geometry.ways),
                "update_set": In(geometry.set_bits),
                "update_state": In(LineState),
            }
        )

    def elaborate(self, platform):
        m = Module()
        low, high = [], []
        mask = Signal(self._geometry.sets)
        m.d.comb += mask.eq(Const(1, 1) << self.update_set)
        new_low, new_high = self.update_state.as_value()
        for way in range(self._geometry.ways):
            low_bits = Signal(self._geometry.sets, name=f"low_way{way}")
            high_bits = Signal(self._geometry.sets, name=f"high_way{way}")
            with m.If(self.update_way[way]):
                m.d.sync += [
                    low_bits.eq(Mux(new_low, low_bits | mask, low_bits & ~mask)),
                    high_bits.eq(Mux(new_high, high_bits | mask, high_bits & ~mask)),
                ]
            low.append((low_bits >> self.set)[0])
            high.append((high_bits >> self.set)[0])
        m.d.comb += [
            self.present.eq(Cat(*low) | Cat(*high)),
            self.writable.eq(Cat(*high)),
            self.dirty.eq(Cat(*low) & Cat(*high)),
        ]
        return m
