"""Integer registers."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class RegisterFile(wiring.Component):
    """31 registers and x0, which is never written and so stays zero.

    Reads are combinational and see the value before the write of the same cycle.

    Members
    -------
    rs1, rs2 : In(5); rs1_data, rs2_data : Out(64)
    write : In(1), rd : In(5), rd_data : In(64)
        `rd` is not 0 when `write` is high.
    """

    rs1: In(5)
    rs2: In(5)
    rs1_data: Out(64)
    rs2_data: Out(64)
    write: In(1)
    rd: In(5)
    rd_data: In(64)

    def elaborate(self, platform):
        m = Module()
        m.submodules.registers = registers = Memory(shape=64, depth=32, init=[])
        write = registers.write_port()
        read1 = registers.read_port(domain="comb")
        read2 = registers.read_port(domain="comb")
        m.d.comb += [
            read1.addr.eq(self.rs1),
            read2.addr.eq(self.rs2),
            self.rs1_data.eq(read1.data),
            self.rs2_data.eq(read2.data),
            write.en.eq(self.write),
            write.addr.eq(self.rd),
            write.data.eq(self.rd_data),
        ]
        return m
