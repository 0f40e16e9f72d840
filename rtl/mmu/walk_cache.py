"""Walk cache: pointers to page tables, so that a walk need not read them again."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from .onehot import index_of
from .ports import FenceSignature
from .pte import Pte
from .replacement import Replacement

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
    used : In(1)
        The lookup is of a walk.
    hit : Out(1), pte : Out(Pte)
        In the same cycle.
    fill_valid : In(1), fill_pte : In(Pte)
        A valid pointer was read from memory. Ignored in the cycle of a fence.
    fence : In(FenceSignature)
    in_use : In(6)
        Entries that a fill may choose; with 0 nothing is filled.
    """

    number: In(PTE_NUMBER_BITS)
    used: In(1)
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
        tags = [Signal(PTE_NUMBER_BITS, name=f"tag{number}") for number in range(count)]
        hits = Signal(count)

        m.submodules.replacement = replacement = Replacement(count)
        m.submodules.ptes = ptes = memory.Memory(shape=Pte, depth=count, init=[])
        read_port = ptes.read_port(domain="comb")
        write_port = ptes.write_port()
        m.d.comb += [
            hits.eq(occupied & Cat(tag == self.number for tag in tags)),
            self.hit.eq(hits.any()),
            read_port.addr.eq(index_of(hits)),
            self.pte.eq(read_port.data),
            replacement.used.eq(hits & self.used.replicate(count)),
            replacement.occupied.eq(occupied),
            replacement.in_use.eq(self.in_use),
            write_port.addr.eq(index_of(replacement.victim)),
            write_port.data.eq(self.fill_pte),
            write_port.en.eq(self.fill_valid & ~self.fence.valid),
        ]
        with m.If(self.fence.valid):
            m.d.sync += occupied.eq(Mux(self.fence.has_vaddr, occupied, 0))
        with m.Elif(self.fill_valid):
            m.d.sync += occupied.eq(occupied | replacement.victim)
            for tag, chosen in zip(tags, replacement.victim, strict=True):
                with m.If(chosen):
                    m.d.sync += tag.eq(self.number)
        return m
