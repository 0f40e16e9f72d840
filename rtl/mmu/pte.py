"""Page-table entry of Sv39 and what makes one legal (privileged spec, 4.4.1 and 4.3.2)."""

from amaranth.hdl import Value
from amaranth.lib import data

LEVELS = 3


class Pte(data.Struct):
    """Sv39 page-table entry, 64 bits.

    Every test of legality takes the level at which the entry was found: 0 is the table of 4 KiB
    pages, 2 the root. None of them depends on who accesses; that is `rtl.mmu.permission`.
    `napot_16k` is the strap: a leaf of level 0 with N set and PPN[1:0] = 0b10 maps the naturally
    aligned 16 KiB around it, encoded as Svnapot does 64 KiB.
    """

    v: 1
    r: 1
    w: 1
    x: 1
    u: 1
    g: 1
    a: 1
    d: 1
    rsw: 2
    ppn: 44
    reserved: 7
    pbmt: 2
    n: 1

    def is_leaf(self) -> Value:
        """Step 4: with R or X set the entry is a leaf, otherwise it points to a table."""
        return self.r | self.x

    def is_invalid(self, level: Value, napot_16k: Value) -> Value:
        """Step 3: V clear, W without R, or a bit set that is reserved.

        Without Svpbmt and Svnapot their fields are reserved and "must be zeroed by software":
        a page fault.
        """
        is_napot = napot_16k & (level == 0) & (self.ppn[:2] == 0b10)
        reserved = self.reserved.any() | self.pbmt.any() | (self.n & ~is_napot)
        return ~self.v | (self.w & ~self.r) | reserved

    def is_bad_pointer(self, level: Value) -> Value:
        """Not a leaf, and no pointer either: step 4 leaves the last level, or D, A or U is set.

        "For non-leaf PTEs, the D, A, and U bits are reserved for future standard use."
        """
        return ~self.is_leaf() & ((level == 0) | self.d | self.a | self.u)

    def is_misaligned(self, level: Value) -> Value:
        """Step 6: a leaf above level 0 whose low PPN bits are not zero is a page fault."""
        megapage = (level == 1) & self.ppn[:9].any()
        gigapage = (level == 2) & self.ppn[:18].any()
        return self.is_leaf() & (megapage | gigapage)

    def is_malformed(self, level: Value, napot_16k: Value) -> Value:
        """The walk ends here with a page fault, whoever asked."""
        invalid = self.is_invalid(level, napot_16k)
        return invalid | self.is_bad_pointer(level) | self.is_misaligned(level)
