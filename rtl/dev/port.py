"""How the router of `rtl.mem.mmio` reaches the registers of a device."""

from amaranth.lib import wiring
from amaranth.lib.wiring import Out


class DevicePortSignature(wiring.Signature):
    """Register access that takes one cycle, seen from the router.

    Members
    -------
    valid : Out(1)
        High for one cycle per access; side effects happen in it.
    write : Out(1), offset : Out(16), size : Out(2), wdata : Out(64)
        `offset` from the base of the device; `size` is log2 of the bytes and `offset` a multiple
        of them; data in the low bytes.
    rdata : In(64), error : In(1)
        In the same cycle. `error`: no register there, or it does not take this size.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "write": Out(1),
                "offset": Out(16),
                "size": Out(2),
                "wdata": Out(64),
                "rdata": wiring.In(64),
                "error": wiring.In(1),
            }
        )
