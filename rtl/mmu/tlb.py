"""A first-level TLB: fully associative, looked up combinationally."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from rtl.config import TlbConfig

from .onehot import index_of, lowest
from .ports import FenceSignature
from .pte import Pte
from .replacement import Replacement
from .tlb_entry import ASID_BITS, SectorEntry, SuperpageEntry, TlbEntry, TlbFillSignature
from .virtual_address import VPN_BITS


class TlbBank(wiring.Component):
    """Entries of one kind, their PTEs and their replacement.

    Parameters
    ----------
    entries : sequence of TlbEntry
    pages : int
        PTEs of each entry; the low bits of the VPN choose among them.

    Members
    -------
    As those of `Tlb`, and:

    giga : Out(1)
        What hits is a 1 GiB page.
    in_use : In(7)
        Number of entries that a fill may choose.
    """

    vpn: In(VPN_BITS)
    asid: In(ASID_BITS)
    used: In(1)
    hit: Out(1)
    giga: Out(1)
    pte: Out(Pte)
    fill: In(TlbFillSignature())
    fence: In(FenceSignature())
    in_use: In(7)

    def __init__(self, entries: Sequence[TlbEntry], pages: int):
        self._entries = entries
        self._page_bits = pages.bit_length() - 1
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        count = len(self._entries)
        hits = Signal(count)
        joins = Signal(count)
        chosen = Signal(count)
        for number, entry in enumerate(self._entries):
            m.submodules[f"entry{number}"] = entry
            wiring.connect(m, wiring.flipped(self.fill), entry.fill)
            wiring.connect(m, wiring.flipped(self.fence), entry.fence)
            m.d.comb += [
                entry.vpn.eq(self.vpn),
                entry.asid.eq(self.asid),
                hits[number].eq(entry.hit),
                joins[number].eq(entry.joins),
                entry.chosen.eq(chosen[number]),
            ]

        m.submodules.replacement = replacement = Replacement(count)
        m.d.comb += [
            replacement.used.eq(hits & self.used.replicate(count)),
            replacement.occupied.eq(Cat(entry.occupied for entry in self._entries)),
            replacement.in_use.eq(self.in_use),
            chosen.eq(Mux(joins.any(), lowest(joins), replacement.victim)),
        ]

        rows = count << self._page_bits
        m.submodules.ptes = ptes = memory.Memory(shape=Pte, depth=rows, init=[])
        read_port = ptes.read_port(domain="comb")
        write_port = ptes.write_port()
        m.d.comb += [
            read_port.addr.eq(Cat(self.vpn[: self._page_bits], index_of(hits))),
            write_port.addr.eq(Cat(self.fill.vpn[: self._page_bits], index_of(chosen))),
            write_port.data.eq(self.fill.pte),
            write_port.en.eq(self.fill.valid & ~self.fence.valid),
            self.hit.eq(hits.any()),
            self.giga.eq((hits & Cat(entry.giga for entry in self._entries)).any()),
            self.pte.eq(read_port.data),
        ]
        return m


class Tlb(wiring.Component):
    """Sectored entries for 4 KiB pages, and entries for superpages.

    At most one entry of each kind hits, and a 4 KiB page goes before a superpage, so that a hit
    has exactly one entry's contents.

    Parameters
    ----------
    config : TlbConfig

    Members
    -------
    vpn : In(27), asid : In(16)
        Of the lookup.
    used : In(1)
        The lookup is of a real request: what it hits becomes the most recently used.
    hit : Out(1), pte : Out(Pte), level : Out(2)
        In the same cycle. The PTE may be invalid, and is not checked.
    fill : In(TlbFillSignature)
        Hits from the next cycle on. A fence in the same cycle wins: nothing is filled.
    fence : In(FenceSignature)
    sectors_in_use : In(7)
    """

    vpn: In(VPN_BITS)
    asid: In(ASID_BITS)
    used: In(1)
    hit: Out(1)
    pte: Out(Pte)
    level: Out(2)
    fill: In(TlbFillSignature())
    fence: In(FenceSignature())
    sectors_in_use: In(7)

    def __init__(self, config: TlbConfig):
        self._config = config
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        config = self._config
        m.submodules.sectors = sectors = TlbBank(
            [SectorEntry(config.sector_pages) for _ in range(config.sectors)], config.sector_pages
        )
        m.submodules.superpages = superpages = TlbBank(
            [SuperpageEntry() for _ in range(config.superpages)], pages=1
        )
        for bank in (sectors, superpages):
            wiring.connect(m, wiring.flipped(self.fence), bank.fence)
            wiring.connect(m, wiring.flipped(self.fill), bank.fill)
            m.d.comb += [bank.vpn.eq(self.vpn), bank.asid.eq(self.asid)]

        # Each bank sees only the fills, and the uses, of its kind.
        is_superpage = self.fill.level != 0
        m.d.comb += [
            sectors.fill.valid.eq(self.fill.valid & ~is_superpage),
            sectors.in_use.eq(self.sectors_in_use),
            sectors.used.eq(self.used),
            superpages.fill.valid.eq(self.fill.valid & is_superpage),
            superpages.in_use.eq(config.superpages),
            superpages.used.eq(self.used & ~sectors.hit),
            self.hit.eq(sectors.hit | superpages.hit),
            self.pte.eq(Mux(sectors.hit, sectors.pte.as_value(), superpages.pte.as_value())),
            self.level.eq(Mux(sectors.hit, 0, Mux(superpages.giga, 2, 1))),
        ]
        return m
