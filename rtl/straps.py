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
    svadu : Out(1)
        1: menvcfg.ADUE exists, and while it is set the walker sets A and D bits (Svadu). 0: it
        reads zero, and a clear A or D bit is a page fault (Svade).
    svvptc_bound : Out(16)
        A cached invalid PTE is dropped after at most so many cycles (Svvptc), 5 where it is less;
        0: it may stay until a fence.
    napot_16k : Out(1)
        1: a 4 KiB leaf with N set and ppn[1:0] = 0b10 maps 16 KiB, a size that Svnapot does not
        have (claim H27). 0: N is reserved.
    speculative_walk_seed : Out(32)
        Not 0: at moments that this seed decides, the walker fills the DTLB with valid
        translations near pages in use that nobody asked for (claim H5).
    broadcast_fence : Out(1)
        1: sinval.vma is made at the MMUs of all harts before it retires, without an interrupt: the
        ideal remote fence, see `rtl.mmu.broadcast`. 0: it is an sfence.vma of its hart.
    device_latency : Out(8)
        Cycles that an access takes on its way from the hart to a device.
    l2_latency : Out(8)
        Cycles from the address of a read that hits in the L2 cache to its first beat, from 3; no
        matter where there is no L2 cache.
    stall_seed : Out(32)
        Not 0: every bus and cache port refuses now and then, at moments that this seed decides.
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
                "svadu": Out(1),
                "svvptc_bound": Out(16),
                "napot_16k": Out(1),
                "speculative_walk_seed": Out(32),
                "broadcast_fence": Out(1),
                "device_latency": Out(8),
                "l2_latency": Out(8),
                "stall_seed": Out(32),
            }
        )
