"""Operand forwarding into decode."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .stages import ResultSignature


class OperandForwarding(wiring.Component):
    """Value of one source register, from the youngest instruction that writes it.

    Members
    -------
    register : In(5), used : In(1)
    file_data : In(64)
        What the register file holds.
    execute, memory, write_back : In(ResultSignature())
    data : Out(64)
    wait : Out(1)
        The value is needed but not known yet.
    """

    register: In(5)
    used: In(1)
    file_data: In(64)
    execute: In(ResultSignature())
    memory: In(ResultSignature())
    write_back: In(ResultSignature())
    data: Out(64)
    wait: Out(1)

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.data.eq(self.file_data)
        # Oldest first: a later assignment wins. x0 never is written.
        for result in (self.write_back, self.memory, self.execute):
            with m.If(result.valid & (result.rd == self.register)):
                m.d.comb += [self.data.eq(result.data), self.wait.eq(result.late & self.used)]
        return m
