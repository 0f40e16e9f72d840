"""Physical address map: where QEMU's `virt` machine has what we have.

The physical memory attributes follow from it: DRAM is cacheable, device ranges are uncached and
never executed, everything else is an access fault.
"""

from dataclasses import dataclass

from amaranth.hdl import Const, Value

from rtl.config import SocConfig


@dataclass(frozen=True)
class Region:
    """A range of physical addresses; `size` is a power of two and divides `base`."""

    name: str
    base: int
    size: int

    def contains(self, paddr: Value) -> Value:
        """One-bit expression: `paddr` lies in the region."""
        offset_bits = self.size.bit_length() - 1
        number = self.base >> offset_bits
        return paddr[offset_bits:] == Const(number, len(paddr) - offset_bits)


FINISHER = Region("test finisher", 0x0010_0000, 0x1000)
ACLINT = Region("ACLINT", 0x0200_0000, 0x1_0000)
SSWI = Region("ACLINT SSWI", 0x02F0_0000, 0x4000)
UART = Region("UART", 0x1000_0000, 0x100)

DEVICES = (FINISHER, ACLINT, SSWI, UART)


def is_device(paddr: Value) -> Value:
    """One-bit expression: `paddr` lies in a device's range.

    Not every address of a range has a register: the device itself answers with an error there.
    """
    first, *others = (device.contains(paddr) for device in DEVICES)
    result = first
    for other in others:
        result = result | other
    return result


def is_dram(soc: SocConfig, paddr: Value) -> Value:
    """One-bit expression: `paddr` lies in DRAM."""
    return Region("DRAM", soc.dram_base, soc.dram_bytes).contains(paddr)
