"""What the two kinds of TLB entries have in common."""

from amaranth.hdl import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .ports import FenceSignature
from .pte import Pte
from .virtual_address import OFFSET_BITS, VPN_BITS

ASID_BITS = 16


class TlbFillSignature(wiring.Signature):
    """Result of a walk on its way into a TLB, seen from the walker.

    Members
    -------
    valid : Out(1)
        Ignored in the cycle of a fence.
    vpn : Out(27), asid : Out(16), level : Out(2), pte : Out(Pte)
        An invalid entry (V clear) has level 0, and so has one of 16 KiB (N set). Only the G bit of
        a valid leaf makes an entry global: that the G of a pointer covers all below it is not used,
        which the spec permits.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "vpn": Out(VPN_BITS),
                "asid": Out(ASID_BITS),
                "level": Out(2),
                "pte": Out(Pte),
            }
        )


def fills_small_page(fill) -> Value:
    """The entry is one of 4 KiB."""
    return (fill.level == 0) & ~(fill.pte.n & fill.pte.v)


def fence_vpn(fence) -> Value:
    """Virtual page number in rs1 of a fence."""
    return fence.vaddr[OFFSET_BITS : OFFSET_BITS + VPN_BITS]


class TlbBank(wiring.Component):
    """Entries of one kind; `SectorBank` and `SuperpageBank` say which.

    For every page and address space at most one entry hits, because a fill takes from all other
    entries what would hit too.

    Tags and PTEs are memories, and bits that all entries have are vectors over the entries:
    a register of each entry's own costs simulated time in every cycle, changed or not. For the
    same reason comparisons for fills and fences are made only where there is one.

    Members
    -------
    vpn : In(27), asid : In(16), used : In(1)
        As those of `Tlb`.
    hit : Out(1), pte : Out(Pte)
    fill : In(TlbFillSignature), fence : In(FenceSignature)
    in_use : In(7)
        Number of entries that a fill may choose.
    """

    vpn: In(VPN_BITS)
    asid: In(ASID_BITS)
    used: In(1)
    hit: Out(1)
    pte: Out(Pte)
    fill: In(TlbFillSignature())
    fence: In(FenceSignature())
    in_use: In(7)

    def elaborate(self, platform) -> Module:
        raise NotImplementedError
