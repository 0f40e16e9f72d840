"""Walk port: every PTE that the walker of a hart reads or updates, with its address."""

from amaranth.lib import wiring
from amaranth.lib.wiring import Out


class WalkSignature(wiring.Signature):
    """High `valid` for one cycle per PTE read or updated, when the value arrives.

    Members
    -------
    valid : Out(1)
    instruction : Out(1)
        The walk serves the ITLB.
    vpn : Out(27)
    level : Out(2)
        2: root table, 0: leaf table.
    paddr : Out(56)
    pte : Out(64)
    from_walk_cache : Out(1)
        The entry came from the walk cache, memory was not read.
    write : Out(1), wdata : Out(64)
        The walker set A or D (Svadu): the value that memory holds now. It is that of `pte`, which
        was there before, where another hart had changed the entry meanwhile.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "instruction": Out(1),
                "vpn": Out(27),
                "level": Out(2),
                "paddr": Out(56),
                "pte": Out(64),
                "from_walk_cache": Out(1),
                "write": Out(1),
                "wdata": Out(64),
            }
        )
