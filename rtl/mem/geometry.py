"""How a cache cuts an address: | tag | set | word of the line | byte of the word |."""

from dataclasses import dataclass

from amaranth.hdl import Cat, Const, Value
from amaranth.utils import exact_log2

from rtl.config import CacheConfig

from .bus import BEAT_BYTES

PADDR_BITS = 56


@dataclass(frozen=True)
class Geometry:
    """Field widths of a cache, and the fields of an address as Amaranth expressions."""

    config: CacheConfig

    @property
    def ways(self) -> int:
        return self.config.ways

    @property
    def sets(self) -> int:
        return self.config.sets

    @property
    def beats(self) -> int:
        """64-bit words, and so bus beats, of a line."""
        return self.config.line_bytes // BEAT_BYTES

    @property
    def offset_bits(self) -> int:
        return exact_log2(self.config.line_bytes)

    @property
    def set_bits(self) -> int:
        return exact_log2(self.sets)

    @property
    def tag_bits(self) -> int:
        return PADDR_BITS - self.offset_bits - self.set_bits

    @property
    def line_bits(self) -> int:
        """Width of a line number: the address without the offset in the line."""
        return PADDR_BITS - self.offset_bits

    @property
    def word_bits(self) -> int:
        """Width of a row number of the data array: set and word of the line."""
        return self.set_bits + exact_log2(self.beats)

    def set_of(self, address: Value) -> Value:
        """Set of an address, or of its bits 11:0."""
        return address[self.offset_bits : self.offset_bits + self.set_bits]

    def word_of(self, address: Value) -> Value:
        """Row of the data array of an address, or of its bits 11:0."""
        return address[exact_log2(BEAT_BYTES) : self.offset_bits + self.set_bits]

    def tag_of(self, address: Value) -> Value:
        return address[self.offset_bits + self.set_bits :]

    def line_of(self, address: Value) -> Value:
        return address[self.offset_bits :]

    def address_of(self, line: Value) -> Value:
        """Address of the first byte of a line."""
        return Cat(Const(0, self.offset_bits), line)
