"""Data path of the D$: the word that an access sees, and the word that it leaves behind."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .amo import AmoAlu
from .geometry import Geometry
from .ports import MemoryCommand


class WordPath(wiring.Component):
    """Reads and writes 1, 2, 4 or 8 aligned bytes of a 64-bit word of the data array.

    A write leaves s1 with a whole word and reaches the array in the next cycle. The array returns
    old contents to a read in the cycle of a write, so an access takes its word from the two
    youngest writes where they have it.

    Members
    -------
    way : In(ways), row : In(word_bits), array_word : In(64)
        Where the access in s1 finds its word, and what the array returned from there.
    command : In(MemoryCommand), offset : In(3), size : In(2), wdata : In(64)
        `offset` of the first byte in the word; `size` is log2 of the bytes; data in the low bytes.
    write : In(1)
        The access writes: a store, an SC that succeeds, or an AMO completes.
    rdata, wresult : Out(64)
        Value read, and value that memory holds after a write, in the low bytes.
    write_way : Out(ways), write_row : Out(word_bits), write_data : Out(64)
        Write of the array, one cycle after `write`; `write_way` is zero in other cycles.
    """

    way: Signal
    row: Signal
    array_word: Signal
    command: Any
    offset: Signal
    size: Signal
    wdata: Signal
    write: Signal
    rdata: Signal
    wresult: Signal
    write_way: Signal
    write_row: Signal
    write_data: Signal

    def __init__(self, geometry: Geometry):
        self._geometry = geometry
        super().__init__(
            {
                "way": In(geometry.ways),
                "row": In(geometry.word_bits),
                "array_word": In(64),
                "command": In(MemoryCommand),
                "offset": In(3),
                "size": In(2),
                "wdata": In(64),
                "write": In(1),
                "rdata": Out(64),
                "wresult": Out(64),
                "write_way": Out(geometry.ways),
                "write_row": Out(geometry.word_bits),
                "write_data": Out(64),
            }
        )

    def _at_offset(self, m: Module, value: Signal, name: str) -> Signal:
        """`value` moved to `offset`, by constants: a variable shift would be 127 bits wide."""
        for bit in range(3):
            distance = 8 << bit
            moved = Signal(64, name=f"{name}_moved_by_{distance}")
            m.d.comb += moved.eq(
                Mux(self.offset[bit], Cat(Const(0, distance), value[:-distance]), value)
            )
            value = moved
        return value

    def elaborate(self, platform):
        m = Module()
        m.submodules.amo = amo = AmoAlu()
        written_way = Signal(self._geometry.ways)
        written_row = Signal(self._geometry.word_bits)
        written_data = Signal(64)

        word = Signal(64)
        with m.If((self.write_way & self.way).any() & (self.write_row == self.row)):
            m.d.comb += word.eq(self.write_data)
        with m.Elif((written_way & self.way).any() & (written_row == self.row)):
            m.d.comb += word.eq(written_data)
        with m.Else():
            m.d.comb += word.eq(self.array_word)

        m.d.comb += [
            self.rdata.eq(word >> Cat(Const(0, 3), self.offset)),
            amo.command.eq(self.command),
            amo.is_word.eq(self.size == 2),
            amo.memory.eq(self.rdata),
            amo.operand.eq(self.wdata),
            self.wresult.eq(amo.result),
        ]

        size_mask = Signal(64)
        with m.Switch(self.size):
            for size in range(4):
                with m.Case(size):
                    m.d.comb += size_mask.eq((1 << (8 << size)) - 1)
        mask = self._at_offset(m, size_mask, "mask")
        value = self._at_offset(m, amo.result, "value")
        m.d.sync += [
            self.write_way.eq(Mux(self.write, self.way, 0)),
            written_way.eq(self.write_way),
            written_row.eq(self.write_row),
            written_data.eq(self.write_data),
        ]
        with m.If(self.write):
            m.d.sync += [
                self.write_row.eq(self.row),
                self.write_data.eq(word & ~mask | value & mask),
            ]
        return m
