"""Store port: every store that a hart's D$ performs, when every hart can see it."""

from amaranth.lib import wiring
from amaranth.lib.wiring import Out


class StoreSignature(wiring.Signature):
    """One store a cycle at most; those that several harts show together are of different lines.

    Stores of the hart, of its store buffer, of its walker (A and D bits) and of the host that go to
    memory; those to devices are none of them. What the port shows in the order of cycles is the
    order in which memory changes.

    Members
    -------
    valid : Out(1)
    paddr : Out(56), size : Out(2)
        Address, and log2 of the bytes.
    wdata : Out(64)
        Value that memory holds afterwards, in the low bytes.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "paddr": Out(56),
                "size": Out(2),
                "wdata": Out(64),
            }
        )
