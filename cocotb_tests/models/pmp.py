"""Reference of the physical memory protection: privileged specification, section 3.7, in bytes."""

from __future__ import annotations

R, W, X, LOCKED = 1, 2, 4, 0x80
OFF, TOR, NA4, NAPOT = range(4)
M_MODE = 3


class Pmp:
    """Registers of `entries` entries with regions of at least 2**(grain + 2) bytes."""

    def __init__(self, entries: int, grain: int):
        self.entries = entries
        self.grain = grain
        self.config = [0] * entries
        self.address = [0] * entries

    def mode(self, entry: int) -> int:
        return self.config[entry] >> 3 & 3

    def write_config(self, value: int) -> None:
        """pmpcfg0; entries that are locked keep theirs."""
        for entry in range(self.entries):
            if self.config[entry] & LOCKED:
                continue
            byte = value >> 8 * entry & 0x9F
            # "The combination R=0 and W=1 is reserved": kept as R=0, W=0.
            if not byte & R:
                byte &= ~W
            # "The NA4 option is not selectable" with G >= 1: taken as NAPOT.
            if self.grain and byte >> 3 & 3 == NA4:
                byte |= NAPOT << 3
            self.config[entry] = byte

    def write_address(self, entry: int, value: int) -> None:
        if entry >= self.entries or self.config[entry] & LOCKED:
            return
        above = entry + 1
        if above < self.entries and self.config[above] & LOCKED and self.mode(above) == TOR:
            return
        self.address[entry] = value & (1 << 54) - 1

    def read_config(self) -> int:
        return sum(byte << 8 * entry for entry, byte in enumerate(self.config))

    def read_address(self, entry: int) -> int:
        """ "When pmpcfg.A[1] is clear, bits G-1:0 read as all zeros; set, G-2:0 as all ones"."""
        if entry >= self.entries:
            return 0
        if self.mode(entry) & 2:
            return self.address[entry] | (1 << self.grain - 1) - 1
        return self.address[entry] >> self.grain << self.grain

    def region(self, entry: int) -> tuple[int, int]:
        """First byte of the region of an entry, and the byte behind its last; empty if off."""
        mode = self.mode(entry)
        if mode == OFF:
            return 0, 0
        if mode == TOR:
            mask = -1 << self.grain + 2
            low = self.address[entry - 1] << 2 if entry else 0
            return low & mask, self.address[entry] << 2 & mask
        pattern = self.read_address(entry)
        ones = 0
        while pattern >> ones & 1:
            ones += 1
        size = 8 << ones
        return (pattern << 2) // size * size, (pattern << 2) // size * size + size

    def permits(self, address: int, right: int, mode: int) -> bool:
        """Whether one byte may be accessed; `right` is R, W or X."""
        for entry in range(self.entries):
            first, end = self.region(entry)
            if first <= address < end:
                if mode == M_MODE and not self.config[entry] & LOCKED:
                    return True
                return bool(self.config[entry] & right)
        return mode == M_MODE
