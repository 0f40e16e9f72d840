"""Which entry of a fully associative structure makes room: tree pseudo-LRU."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.onehot import lowest


class Replacement(wiring.Component):
    """Chooses the entry that a fill takes: the first empty one, else the pseudo-LRU one.

    Each node of a binary tree over the entries has a bit that points to the half which was used
    less recently; a use turns the bits on its path away from itself.

    Parameters
    ----------
    entries : int
        Number of entries, any number from 1.

    Members
    -------
    used : In(entries)
        One-hot: the entry that is used in this cycle, or none.
    occupied : In(entries)
    in_use : In(range(entries + 1))
        Only entries below this number are chosen; with 0, none is.
    victim : Out(entries)
        One-hot.
    """

    used: Value
    occupied: Value
    in_use: Value
    victim: Value

    def __init__(self, entries: int):
        self._entries = entries
        super().__init__(
            {
                "used": In(entries),
                "occupied": In(entries),
                "in_use": In(range(entries + 1)),
                "victim": Out(entries),
            }
        )

    def elaborate(self, platform) -> Module:
        m = Module()
        points_right = Signal(max(1, self._entries - 1))
        selectable = Signal(self._entries)
        m.d.comb += selectable.eq(Cat(self.in_use > number for number in range(self._entries)))
        used_left: list[Value] = []
        used_right: list[Value] = []

        def least_recent(low: int, high: int, here: Value) -> list[Value]:
            """One bit for each entry from `low` to `high`; `here`: the path leads to them."""
            if high - low == 1:
                return [here & selectable[low]]
            middle = low + (1 << ((high - low - 1).bit_length() - 1))
            go_right = points_right[len(used_left)] & selectable[middle]
            used_left.append(self.used[low:middle].any())
            used_right.append(self.used[middle:high].any())
            return [
                *least_recent(low, middle, here & ~go_right),
                *least_recent(middle, high, here & go_right),
            ]

        oldest = Cat(least_recent(0, self._entries, Const(1, 1)))
        if used_left:
            m.d.sync += points_right.eq((points_right | Cat(used_left)) & ~Cat(used_right))

        empty = Signal(self._entries)
        m.d.comb += [
            empty.eq(~self.occupied & selectable),
            self.victim.eq(Mux(empty.any(), lowest(empty), oldest)),
        ]
        return m
