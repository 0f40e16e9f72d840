"""Branch history table: whether branches are taken."""

from amaranth.hdl import Cat, Const, Module, Value
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from .prediction import HISTORY_BITS

_HASHED_BITS = 3
_HASH_FACTOR = 221
"""2 ** 8 times the square root of 3/4: the top bits of the product depend on all of the history."""


class BranchHistory(wiring.Component):
    """One bit for each pair of a word and a hash of the history: what a branch there did last.

    The history is that of the branches which fetch has seen, the last one in the top bit. It goes
    on with what is predicted, and is put right when a prediction was wrong.

    Parameters
    ----------
    entries : int
        A power of two.

    Members
    -------
    pc : In(64), taken : Out(1), history : Out(8)
        Combinational.
    advance : In(1), predicted : In(1)
        A branch has been fetched.
    learn : In(1), learn_pc : In(64), learn_history : In(8), learn_taken : In(1)
        What a branch did that was predicted with `learn_history`.
    restore : In(1), restored : In(8)
    """

    pc: In(64)
    taken: Out(1)
    history: Out(HISTORY_BITS)
    advance: In(1)
    predicted: In(1)
    learn: In(1)
    learn_pc: In(64)
    learn_history: In(HISTORY_BITS)
    learn_taken: In(1)
    restore: In(1)
    restored: In(HISTORY_BITS)

    def __init__(self, entries: int):
        self._entries = entries
        super().__init__()

    def _index(self, pc: Value, history: Value) -> Value:
        bits = self._entries.bit_length() - 1
        word, above = pc[2 : 2 + bits], pc[2 + bits : 4 + bits]
        product = (history * _HASH_FACTOR)[HISTORY_BITS - _HASHED_BITS : HISTORY_BITS]
        shift = max(bits - _HASHED_BITS, 0)
        return (word ^ above ^ Cat(Const(0, shift), product))[:bits]

    def elaborate(self, platform):
        m = Module()
        m.submodules.table = table = Memory(shape=1, depth=self._entries, init=[])
        read = table.read_port(domain="comb")
        write = table.write_port()
        if self._entries > 1:
            m.d.comb += [
                read.addr.eq(self._index(self.pc, self.history)),
                write.addr.eq(self._index(self.learn_pc, self.learn_history)),
            ]
        m.d.comb += [
            self.taken.eq(read.data),
            write.en.eq(self.learn),
            write.data.eq(self.learn_taken),
        ]
        with m.If(self.restore):
            m.d.sync += self.history.eq(self.restored)
        with m.Elif(self.advance):
            m.d.sync += self.history.eq(Cat(self.history[1:], self.predicted))
        return m
