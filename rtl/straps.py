"""Straps: configuration that does not change structure, driven into the model at run time.

One Verilated build serves every setting. The values that a preset gives them are in
`rtl.presets`. Set them before reset is released and leave them alone until the next reset.
"""

from amaranth.lib import wiring
from amaranth.lib.wiring import Out


class StrapSignature(wiring.Signature):
    """Run-time configuration of one machine; every hart gets the same.

    Members
    -------
    itlb_sectors_in_use, dtlb_sectors_in_use : Out(7)
        Sectored entries that a refill may choose, 1 to the configured number.
    walk_cache_in_use : Out(6)
        Walk-cache entries that a walk may fill; 0 turns the walk cache off.
    cache_invalid_ptes : Out(1)
        1: a walk that ends in an invalid or denied PTE fills the TLB with it, and the retry
        faults again until a fence (Rocket). 0: such a walk fills nothing (CVA6).
    reset_pc : Out(64)
        Where the harts start, in M-mode: the entry point of the image.
    honour_asid : Out(1)
        1: satp.ASID has 16 bits and fences honour rs2. 0: satp.ASID reads zero and translations
        are matched and fenced as if every ASID were 0 (Rocket); global entries still survive a
        fence with rs2 != x0.
    """

    def __init__(self):
        super().__init__(
            {
                "itlb_sectors_in_use": Out(7),
                "dtlb_sectors_in_use": Out(7),
                "walk_cache_in_use": Out(6),
                "cache_invalid_ptes": Out(1),
                "reset_pc": Out(64),
                "honour_asid": Out(1),
            }
        )
