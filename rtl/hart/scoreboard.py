"""The register whose result takes many cycles, while younger instructions go on."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Scoreboard(wiring.Component):
    """One product or quotient under way.

    An instruction that reads or writes its register, or is itself a multiplication or division,
    waits in decode while it is `pending`. As in Rocket the result needs the write port of the
    register file, which instructions in write-back use before it.

    Members
    -------
    start : In(1), cycles : In(7), rd : In(5)
        It is in execute, in its first cycle there, and its result takes so long from now.
        Nothing is under way.
    kill : In(1)
        It will not be executed after all. Wins over `start`.
    port_used : In(1)
        Write-back takes that port in this cycle, be it for x0.
    pending : Out(1), pending_rd : Out(5)
    """

    start: In(1)
    cycles: In(7)
    rd: In(5)
    kill: In(1)
    port_used: In(1)
    pending: Out(1)
    pending_rd: Out(5)

    def elaborate(self, platform):
        m = Module()
        busy = Signal()
        remaining = Signal(7)
        register = Signal(5)
        written = Signal()
        m.d.comb += [
            written.eq(busy & (remaining == 0) & ~self.port_used),
            self.pending.eq(self.start | (busy & ~written)),
            self.pending_rd.eq(register),
        ]
        with m.If(self.start):
            m.d.comb += self.pending_rd.eq(self.rd)
            m.d.sync += [busy.eq(~self.kill), remaining.eq(self.cycles - 1), register.eq(self.rd)]
        with m.Elif(self.kill | written):
            m.d.sync += busy.eq(0)
        with m.Elif(remaining != 0):
            m.d.sync += remaining.eq(remaining - 1)
        return m
