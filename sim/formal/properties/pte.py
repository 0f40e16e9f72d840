"""Which PTEs end a walk, and what the others are: every PTE at every level.

Sv39's table of R, W and X, written down from the specification's Table of PTE encodings.
"""

from amaranth.hdl import Const, Mux, Signal

from rtl.mmu.pte import Pte

from ..harness import Bench, Claim, Harness, Mutant

_PATH = "rtl/mmu/pte.py"

POINTER, RESERVED, LEAF = range(3)
XWR = {
    0b000: POINTER,
    0b001: LEAF,
    0b010: RESERVED,
    0b011: LEAF,
    0b100: LEAF,
    0b101: LEAF,
    0b110: RESERVED,
    0b111: LEAF,
}
"""What the fields X, W and R make of a valid PTE."""


def _build(bench: Bench) -> None:
    m = bench.m
    pte = bench.anything(Pte, "pte")
    level = bench.anything(2, "level")
    napot_16k = bench.anything(1, "napot_16k")
    bench.assume(level <= 2)
    raw = pte.as_value()

    kind = Signal(2)
    with m.Switch(raw[1:4]):
        for xwr, what in XWR.items():
            with m.Case(xwr):
                m.d.comb += kind.eq(what)
    # Bits 63:54 belong to extensions that the hart does not have; the strap gives N a meaning.
    is_napot = napot_16k & (level == 0) & (raw[10:12] == 0b10)
    usable = pte.v & (raw[54:63] == 0) & (~raw[63] | is_napot) & (kind != RESERVED)
    # The PPN of a leaf of level i has 9i low bits that must be zero: bits 10 upwards of the PTE.
    aligned = Mux(level == 0, Const(1, 1), Mux(level == 1, raw[10:19] == 0, raw[10:28] == 0))
    leaf = usable & (kind == LEAF) & aligned
    # "For non-leaf PTEs, the D, A, and U bits are reserved".
    pointer = usable & (kind == POINTER) & (level != 0) & ~pte.d & ~pte.a & ~pte.u

    malformed = pte.is_malformed(level, napot_16k)
    bench.claim("leaf", when=leaf, then=~malformed & pte.is_leaf())
    bench.claim("pointer", when=pointer, then=~malformed & ~pte.is_leaf())
    bench.claim("malformed", when=~leaf & ~pointer, then=malformed)


HARNESS = Harness(
    name="pte",
    size="one PTE, all inputs",
    build=_build,
    depth=1,
    reach=1,
    claims=(
        Claim(
            "leaf",
            "a well-formed leaf of each size is one",
            Mutant(_PATH, "(level == 1) & self.ppn[:9].any()", "self.ppn[:9].any()"),
        ),
        Claim(
            "pointer",
            "a well-formed pointer is one, with G or without",
            Mutant(_PATH, "| self.d | self.a | self.u", "| self.d | self.a | self.u | self.g"),
        ),
        Claim(
            "malformed",
            "everything else is a page fault",
            Mutant(_PATH, "| self.d | self.a | self.u", "| self.d | self.a"),
        ),
    ),
)
