"""Return stack: where the calls that fetch has seen will come back."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class ReturnStack(wiring.Component):
    """A push on a full stack takes the place of the oldest address.

    Parameters
    ----------
    depth : int

    Members
    -------
    valid : Out(1), top : Out(64)
    push : In(1), address : In(64)
    pop : In(1)
        Not in the cycle of a push; of an empty stack: nothing happens.
    """

    valid: Out(1)
    top: Out(64)
    push: In(1)
    address: In(64)
    pop: In(1)

    def __init__(self, depth: int):
        self._depth = depth
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        depth = self._depth
        m.submodules.stack = stack = Memory(shape=64, depth=depth, init=[])
        write = stack.write_port()
        read = stack.read_port(domain="comb")
        count = Signal(range(depth + 1))
        position = Signal(range(max(depth, 2)))
        above = Signal.like(position)
        m.d.comb += [
            above.eq(Mux(position == depth - 1, 0, position + 1)),
            self.valid.eq(count != 0),
            self.top.eq(read.data),
            write.en.eq(self.push),
            write.data.eq(self.address),
        ]
        if depth > 1:
            m.d.comb += [read.addr.eq(position), write.addr.eq(above)]
        with m.If(self.push):
            m.d.sync += [position.eq(above), count.eq(Mux(count == depth, depth, count + 1))]
        with m.Elif(self.pop & self.valid):
            m.d.sync += [
                position.eq(Mux(position == 0, depth - 1, position - 1)),
                count.eq(count - 1),
            ]
        return m
