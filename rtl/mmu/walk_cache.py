"""Walk cache: pointers to page tables, so that a walk need not read them again."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from rtl.onehot import index_of

from .ports import FenceSignature
from .pte import Pte
from .replacement import Replacement
from .rows import read_all, read_row, write_row

PTE_NUMBER_BITS = 53
"""Physical address of a PTE, in units of 8 bytes."""


class WalkCache(wiring.Component):
    """Fully associative, tagged with the physical address of the PTE, as Rocket's is.

    The tag says nothing of address spaces, so every fence with rs1 = x0 empties it. A fence of
    one address covers leaves only, and keeps it.

    Parameters
    ----------
    entries : int

    Members
    -------
    number : In(53)
        Physical address of the PTE wanted (and of the PTE filled), without its low 3 bits.
    lookup : In(1)
        The entry is wanted, and becomes the most recently used.
    hit : Out(1), pte : Out(Pte)
        In the same cycle, with `lookup`.
    fill_valid : In(1), fill_pte : In(Pte)
        A valid pointer was read from memory. Ignored in the cycle of a fence.
    fence : In(FenceSignature)
    in_use : In(6)
        Entries that a fill may choose; with 0 nothing is filled.
    """

    number: In(PTE_NUMBER_BITS)
    lookup: In(1)
    hit: Out(1)
    pte: Out(Pte)
    fill_valid: In(1)
    fill_pte: In(Pte)
    fence: In(FenceSignature())
    in_use: In(6)

    def __init__(self, entries: int):
        self._entries = entries
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        count = self._entries
        occupied = Signal(count)
        hits = Signal(count)
        m.submodules.tags = tags = memory.Memory(shape=PTE_NUMBER_BITS, depth=count, init=[])
        m.submodules.ptes = ptes = memory.Memory(shape=Pte, depth=count, init=[])

        m.submodules.replacement = replacement = Replacement(count)
        m.d.comb += [
            self.hit.eq(hits.any()),
            self.pte.eq(read_row(m, ptes, index_of(hits))),
            replacement.used.eq(hits),
            replacement.occupied.eq(occupied),
            replacement.in_use.eq(self.in_use),
        ]
        with m.If(self.lookup):
            same = Cat(tag == self.number for tag in read_all(m, tags))
            m.d.comb += hits.eq(occupied & same)

        with m.If(self.fence.valid):
            m.d.sync += occupied.eq(Mux(self.fence.has_vaddr, occupied, 0))
        with m.Elif(self.fill_valid):
            m.d.sync += occupied.eq(occupied | replacement.victim)
        filled_now = self.fill_valid & ~self.fence.valid
        victim = index_of(replacement.victim)
        write_row(m, tags, filled_now, victim, self.number)
        write_row(m, ptes, filled_now, victim, self.fill_pte)
        return m
