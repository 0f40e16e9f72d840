"""Virtual address of Sv39: how it splits, and which ones exist."""

from amaranth.hdl import Cat, Mux, Value
from amaranth.lib import data

from rtl.onehot import select

VPN_BITS = 27
VPN_LEVEL_BITS = 9
OFFSET_BITS = 12


class VirtualAddress(data.Struct):
    """A 64-bit effective address as Sv39 sees it."""

    offset: OFFSET_BITS
    vpn: VPN_BITS
    extension: 25

    def is_canonical(self) -> Value:
        """Bits 63:39 must equal bit 38, "or else a page-fault exception will occur"."""
        sign = self.vpn[-1]
        return self.extension == sign.replicate(25)


def table_index(vpn: Value, level: Value) -> Value:
    """VPN[level]: which entry of a table of that level translates the page."""
    return select(
        [level == number for number in range(3)],
        [vpn.word_select(number, VPN_LEVEL_BITS) for number in range(3)],
    )


def leaf_paddr(pte, vaddr: Value, level: Value) -> Value:
    """Physical address of `vaddr` in a leaf: below the leaf's level, VPN fields pass through.

    So do the two lowest bits of the VPN in a 16 KiB page.
    """
    lowest_ppn = Mux(pte.n, vaddr[OFFSET_BITS : OFFSET_BITS + 2], pte.ppn[:2])
    return select(
        [level == number for number in range(3)],
        [
            Cat(vaddr[:OFFSET_BITS], lowest_ppn, pte.ppn[2:]),
            *(
                Cat(vaddr[: OFFSET_BITS + low], pte.ppn[low:])
                for low in (VPN_LEVEL_BITS, 2 * VPN_LEVEL_BITS)
            ),
        ],
    )
