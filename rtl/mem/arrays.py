"""Storage of a set-associative cache: one memory for each way."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2


class WayArray(wiring.Component):
    """All ways of the tag array or of the data array: one read port, one write port.

    A read returns what was written in earlier cycles; in the cycle of a write to the same row it
    returns the old contents. Contents are undefined after power-on.

    Parameters
    ----------
    ways, rows, width : int
        Memories, rows of each, bits of a row.

    Members
    -------
    read_en : In(1), read_row : In(log2(rows))
        Read this row of every way; with `read_en` low the outputs keep their values.
    read_data : Out(width).array(ways)
        One cycle later.
    write_way : In(ways)
        Ways to write, one bit each: at most one is set.
    write_row : In(log2(rows)), write_data : In(width)
    """

    read_en: Signal
    read_row: Signal
    read_data: list[Signal]
    write_way: Signal
    write_row: Signal
    write_data: Signal

    def __init__(self, ways: int, rows: int, width: int):
        self._rows = rows
        self._width = width
        row_bits = ceil_log2(rows)
        super().__init__(
            {
                "read_en": In(1),
                "read_row": In(row_bits),
                "read_data": Out(width).array(ways),
                "write_way": In(ways),
                "write_row": In(row_bits),
                "write_data": In(width),
            }
        )

    def elaborate(self, platform):
        m = Module()
        for way, read_data in enumerate(self.read_data):
            memory = Memory(shape=self._width, depth=self._rows, init=[])
            m.submodules[f"way{way}"] = memory
            read = memory.read_port()
            write = memory.write_port()
            m.d.comb += [
                read.en.eq(self.read_en),
                read.addr.eq(self.read_row),
                read_data.eq(read.data),
                write.en.eq(self.write_way[way]),
                write.addr.eq(self.write_row),
                write.data.eq(self.write_data),
            ]
        return m
